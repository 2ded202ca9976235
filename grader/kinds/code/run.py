"""Running a student's program in the sandbox, once more alone when its time ran out, and reading how that ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from grader.core.arrays import as_tuple
from grader.core.errors import Unreadable
from grader.kinds.code.program import Program, Signature, missing_function
from grader.kinds.code.test_inputs import TestCase
from grader.sandbox import Run, Sandbox, Trial

ENTRIES_FACTOR, MIN_ENTRIES = 16, 2**14
"""How many entries a call may return: so many times what is expected, and never fewer than a mistake in a shape brings about."""
RETRY_FACTOR = 2
"""How much more time a program gets that is run once more alone: what passes on one machine should on another."""


class Cause(Enum):
    """How a program or one call of its function ended; the value is the sandbox's word, or what it begins with."""

    OK = "ok"
    ERROR = "error"
    CPU_TIME = "killed:cpu"
    WALL_TIME = "killed:wall"
    WAITING = "killed:waiting"
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
        """True if a time limit ended it, on either clock, or if it waited for as long."""
        return self.cause in (Cause.CPU_TIME, Cause.WALL_TIME, Cause.WAITING)

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
    limits = replace(sandbox.limits, entries=_max_entries(cases, sandbox.limits.entries))
    run = sandbox.run(program.source, signature.name, inputs, public_cases, limits)
    if RunOutcome.parse(run.outcome).is_out_of_time:
        # Other programs may have taken its time: alone, and with more of it, the machine matters less.
        longer = replace(limits, cpu_s=RETRY_FACTOR * limits.cpu_s, wall_s=RETRY_FACTOR * limits.wall_s)
        run = sandbox.run(program.source, signature.name, inputs, public_cases, longer, alone=True)
    run = _with_lines_of(run, program)
    if RunOutcome.parse(run.loading.outcome).is_error:
        raise load_error(run.loading, program, signature)
    return run


def _with_lines_of(run: Run, program: Program) -> Run:
    """Leave out lines that the program does not have: a frame that it made by itself may name any number."""
    lines = program.source.count("\n") + 1

    def told(line: int | None) -> int | None:
        return line if line is not None and 0 < line <= lines else None

    trials = tuple(replace(trial, line=told(trial.line)) for trial in run.trials)
    return replace(run, line=told(run.line), loading=replace(run.loading, line=told(run.loading.line)), trials=trials)


def _max_entries(cases: Sequence[TestCase], most: int) -> int:
    expected = max(
        (sum(array.size for value in case.expected for array in as_tuple(value)) for case in cases), default=0
    )
    return min(most, max(MIN_ENTRIES, ENTRIES_FACTOR * expected))


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
