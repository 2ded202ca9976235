"""Running a student's program in the sandbox, once more alone when its time ran out, and reading how that ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from grader.core.errors import Unreadable
from grader.kinds.code.program import Program, Signature, missing_function
from grader.kinds.code.test_inputs import TestCase
from grader.sandbox import Run, Sandbox, Trial

RETRY_FACTOR = 2
"""How much more time a program gets that is run once more alone: what passes on one machine should on another."""


class Cause(Enum):
    """How a program or one call of its function ended; the value is the sandbox's word, or what it begins with."""

    OK = "ok"
    ERROR = "error"
    CPU_TIME = "killed:cpu"
    WALL_TIME = "killed:wall"
    MEMORY = "killed:mem"
    OUTPUT_SIZE = "killed:output"
    SECCOMP = "killed:seccomp"
    CRASH = "killed:crash"
    BAD_ANSWER = "bad-answer"


@dataclass(frozen=True)
class RunOutcome:
    """The outcome of a run or a trial; ``detail`` names the exception of an ERROR, or the signal of a CRASH."""

    cause: Cause
    detail: str = ""

    @classmethod
    def parse(cls, outcome: str) -> RunOutcome:
        """Read the sandbox's word for an outcome: ``ok``, ``error:NAME``, ``killed:crash:SIGNAL``, …"""
        for cause in (Cause.ERROR, Cause.CRASH):
            if outcome.startswith(f"{cause.value}:"):
                return cls(cause, outcome.removeprefix(f"{cause.value}:"))
        return cls(Cause(outcome))

    @property
    def is_error(self) -> bool:
        """True if an exception of the program ended it."""
        return self.cause is Cause.ERROR

    @property
    def is_out_of_time(self) -> bool:
        """True if a time limit ended it, on either clock."""
        return self.cause in (Cause.CPU_TIME, Cause.WALL_TIME)

    @property
    def is_suspicious(self) -> bool:
        """True if no honest program ends like this by accident."""
        return self.cause in (Cause.SECCOMP, Cause.OUTPUT_SIZE, Cause.BAD_ANSWER)


def run_program(
    sandbox: Sandbox, program: Program, signature: Signature, cases: Sequence[TestCase], public_cases: int = 0
) -> Run:
    """Call a program's function once per case; what the first ``public_cases`` print and raise may be shown.

    Raises:
        Unreadable: the program does not load, or has no such function.
        NoSandbox: nothing may be run here.
        Fault: the sandbox failed.
    """
    inputs = [case.inputs for case in cases]
    run = sandbox.run(program.source, signature.name, inputs, public_cases)
    if RunOutcome.parse(run.outcome).is_out_of_time:
        # Other programs may have taken its time: alone, and with more of it, the machine matters less.
        limits = sandbox.limits
        longer = replace(limits, cpu_s=RETRY_FACTOR * limits.cpu_s, wall_s=RETRY_FACTOR * limits.wall_s)
        run = sandbox.run(program.source, signature.name, inputs, public_cases, longer, alone=True)
    if RunOutcome.parse(run.loading.outcome).is_error:
        raise load_error(run.loading, program, signature)
    return run


def load_error(loading: Trial, program: Program, signature: Signature) -> Unreadable:
    """Return why a program could not be loaded, for the student: it has seen no hidden input by then."""
    error, span = RunOutcome.parse(loading.outcome).detail, program.line_span(loading.line)
    place = f"line {loading.line}" if loading.line else "the program"
    if loading.detail == "no-function":
        return missing_function(program, signature)
    if loading.detail == "not-callable":
        return Unreadable(f"{signature.name} is not a function here; write it as def {signature}: …")
    message = f": {loading.message}" if loading.message else ""
    if error in ("SyntaxError", "IndentationError", "TabError"):
        return Unreadable(f"This is not Python, at {place}{message}.", span)
    return Unreadable(f"The program stops while it is loaded, at {place}: {error}{message}.", span)
