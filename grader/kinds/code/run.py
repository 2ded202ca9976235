"""Running a student's program on trials: in the sandbox, and once more alone when its time ran out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.core.errors import Unreadable
from grader.kinds.code.signature import Program, Signature
from grader.kinds.code.test_inputs import TestCase
from grader.sandbox import Run, Sandbox
from grader.sandbox import Trial as Told

SLOW = ("killed:cpu", "killed:wall")
MORE = 2
"""How much more time a program gets that is run once more alone: what passes on one machine should on another."""


def run(sandbox: Sandbox, program: Program, signature: Signature, trials: Sequence[TestCase], public: int = 0) -> Run:
    """Run a program; raises Unreadable where it does not load, NoSandbox and Fault."""
    inputs = [trial.inputs for trial in trials]
    done = sandbox.run(program.source, signature.name, inputs, public)
    if done.outcome in SLOW:
        limits = sandbox.limits
        longer = replace(limits, cpu_s=MORE * limits.cpu_s, wall_s=MORE * limits.wall_s)
        done = sandbox.run(program.source, signature.name, inputs, public, longer, alone=True)
    if done.loading.outcome.startswith("error:"):
        raise not_loaded(done.loading, program, signature)
    return done


def not_loaded(loading: Told, program: Program, signature: Signature) -> Unreadable:
    """Say why a program could not be loaded, to the student; nothing hidden is known to it by then."""
    error, span = loading.outcome.removeprefix("error:"), program.span(loading.line)
    line = f"line {loading.line}" if loading.line else "the program"
    if loading.detail == "no-function":
        near = program.near(signature.name)
        hint = f" Is {near} meant?" if near else ""
        return Unreadable(f"There is no function {signature} here.{hint}")
    if loading.detail == "not-callable":
        return Unreadable(f"{signature.name} is not a function here; it is written def {signature}: …")
    said = f": {loading.message}" if loading.message else ""
    if error in ("SyntaxError", "IndentationError", "TabError"):
        return Unreadable(f"This is not Python, at {line}{said}.", span)
    return Unreadable(f"The program stops while it is loaded, at {line}: {error}{said}.", span)
