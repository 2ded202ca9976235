"""What is said of a run: sentences that give nothing of the hidden inputs away."""

from __future__ import annotations

import signal
from dataclasses import replace

from grader.core.arrays import Value
from grader.core.verdict import UngradedCause, Verdict
from grader.kinds.code.compare_outputs import Difference, shape_of
from grader.kinds.code.signature import Signature
from grader.sandbox import Limits, NoSandbox, Run
from grader.sandbox import Trial as Told

DETAILS = {
    "returned-none": "it returns nothing; a return is missing, or is not reached",
    "not-numbers": "what it returns is no array of numbers",
    "too-large": "what it returns is too large",
    "too-many-axes": "what it returns has too many axes",
}
SUSPECT = ("killed:seccomp", "killed:output", "bad-answer")
"""Ends that no honest program comes to by accident."""
WRONG = "This function does not return what is asked."


def read_as(signature: Signature) -> str:
    """Say how a program was read."""
    return f"a program with the function {signature}"


def no_sandbox(why: NoSandbox, read: str) -> Verdict:
    """Return the verdict where nothing may be run: no mark, and never 0."""
    return Verdict.ungraded(
        f"Programs are not graded here. {why} See grader doctor.", read, cause=UngradedCause.NO_SANDBOX
    )


def late(run: Run, limits: Limits, read: str) -> Verdict:
    """Return the verdict on a program whose time on the clock ran out twice, which says more of the machine than of it."""
    return Verdict.ungraded(f"{ended(run, limits)} It was tried twice.", read, cause=UngradedCause.OUT_OF_TIME)


def suspicion(run: Run, reason: str) -> str | None:
    """Say why a person should look at a program that ended as no honest one does."""
    return f"{reason} A person should look at this program." if run.outcome in SUSPECT else None


def ended(run: Run, limits: Limits) -> str:
    """Say how a program was ended that did not end by itself; empty where it did."""
    if run.outcome == "killed:cpu":
        return f"It took more than {2 * limits.cpu_s:g} seconds of CPU time, and was ended."
    if run.outcome == "killed:wall":
        return f"It did not come to an end within {2 * limits.wall_s:g} seconds."
    if run.outcome == "killed:mem":
        return "It took more memory than there is, and was ended."
    if run.outcome == "killed:output":
        return f"It returned more than {limits.output // 2**20} MB, and was ended."
    if run.outcome == "killed:seccomp":
        return "It tried what no program may do here, and was ended."
    if run.outcome.startswith("killed:crash:"):
        name = run.outcome.rpartition(":")[2]
        why = signal.strsignal(getattr(signal, name, 0)) if hasattr(signal, name) else ""
        return f"It made Python crash ({why or name})."
    return "It ended without an answer." if run.outcome == "bad-answer" else ""


def reason(run: Run, limits: Limits) -> str:
    """Say in one sentence why a program is wrong: how it was ended, the error that stops it every time, or what it returns."""
    if said := ended(run, limits):
        return said
    if run.trials and all(each.outcome.startswith("error:") for each in run.trials):
        first = replace(run.trials[0], message="")
        said = failure(first)
        return sentence(said) if first.detail in DETAILS else f"This function stops with {said}."
    return WRONG


def sentence(clause: str) -> str:
    """Make a sentence of a clause."""
    return f"{clause[:1].upper()}{clause[1:]}."


def failure(told: Told) -> str:
    """Say how a function failed on one trial: the exception's name, the line, and the message where that may be known."""
    if not told.outcome.startswith("error:"):
        return "it was not reached"
    if told.detail in DETAILS:
        return DETAILS[told.detail]
    name = told.outcome.removeprefix("error:")
    place = f" in line {told.line}" if told.line else ""
    return f"{name}{place}" + (f": {told.message}" if told.message else "")


def differing(how: Difference, given: Value) -> str:
    """Say in what a value differs, without the expected one."""
    return {
        "count": f"it returned {shape_of(given)}" if isinstance(given, tuple) else "it returned a single array",
        "shape": f"its value has the shape {shape_of(given)}",
        "not finite": "its value is not finite",
        "values": "its value is another one",
        "": "",
    }[how]


def asked(how: Difference, expected: Value) -> str:
    """Say what shape is asked for, where that is the difference; for readers who may know it."""
    return f"; {shape_of(expected)} is asked" if how in ("count", "shape") else ""
