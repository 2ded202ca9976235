"""What students and graders read about a run: sentences that give nothing of the hidden inputs away."""

from __future__ import annotations

import signal
from dataclasses import replace

from grader.core.arrays import Value
from grader.core.verdict import UngradedCause, Verdict
from grader.kinds.code.compare_outputs import Difference, plausible_shape, shape_of
from grader.kinds.code.program import Signature
from grader.kinds.code.run import RETRY_FACTOR, Cause, RunOutcome
from grader.sandbox import Limits, NoSandbox, Run, Trial

RETURN_VALUE_CLAUSES = {
    "returned-none": "it returns nothing: a return statement is missing or is not reached",
    "not-numbers": "it does not return an array of numbers",
    "too-large": "its return value is too large",
    "too-many-axes": "its return value has too many axes",
}
"""By the sandbox's code for what is wrong with a return value."""
WRONG_OUTPUT = "The function does not return what is expected."


def read_as_text(signature: Signature) -> str:
    """Return how a program was read."""
    return f"a program with the function {signature}"


def no_sandbox_verdict(error: NoSandbox, read_as: str) -> Verdict:
    """Return the verdict where nothing may be run: no mark, and never 0."""
    reason = f"Programs are not graded here. {error} See grader doctor."
    return Verdict.ungraded(reason, read_as, cause=UngradedCause.NO_SANDBOX)


def timeout_verdict(run: Run, limits: Limits, read_as: str) -> Verdict:
    """Return the verdict on a program whose time on the clock ran out twice: that says more of the machine than of it."""
    reason = f"{ending_sentence(run, limits)} It was tried twice."
    return Verdict.ungraded(reason, read_as, cause=UngradedCause.OUT_OF_TIME)


def review_reason(run: Run, reason: str) -> str | None:
    """Return why a person should look at a program that ended as no honest one does; None for all others."""
    return f"{reason} A person should look at this program." if RunOutcome.parse(run.outcome).is_suspicious else None


def ending_sentence(run: Run, limits: Limits) -> str:
    """Return how a program was ended that did not end by itself; empty where it did.

    ``limits`` are those of the first try: times are reported as they were for the second.
    """
    outcome = RunOutcome.parse(run.outcome)
    match outcome.cause:
        case Cause.CPU_TIME:
            return f"It used more than {RETRY_FACTOR * limits.cpu_s:g} seconds of CPU time and was stopped."
        case Cause.WALL_TIME:
            return f"It did not finish within {RETRY_FACTOR * limits.wall_s:g} seconds."
        case Cause.WAITING:
            return f"It waited for more than {RETRY_FACTOR * limits.cpu_s:g} seconds instead of computing, and was stopped."
        case Cause.MEMORY:
            return "It ran out of memory and was stopped."
        case Cause.OUTPUT_SIZE:
            return f"It returned more than {limits.output // 2**20} MB and was stopped."
        case Cause.SECCOMP:
            return "It tried something that programs may not do here, and was stopped."
        case Cause.CRASH:
            name = outcome.detail
            description = signal.strsignal(getattr(signal, name, 0)) if hasattr(signal, name) else ""
            return f"It made Python crash ({description or name})."
        case Cause.BAD_ANSWER:
            return "It ended without an answer."
    return ""


def wrong_reason(run: Run, limits: Limits) -> str:
    """Return why a program is wrong: how it was ended, the error that stops it every time, or that its values are others."""
    if ending := ending_sentence(run, limits):
        return ending
    if run.trials and all(RunOutcome.parse(trial.outcome).is_error for trial in run.trials):
        # The first trial is public; its message may be shown as a finding, but the reason holds for all trials.
        first = replace(run.trials[0], message="")
        clause = failure_clause(first)
        return as_sentence(clause) if first.detail in RETURN_VALUE_CLAUSES else f"The function stops with {clause}."
    return WRONG_OUTPUT


def as_sentence(clause: str) -> str:
    """Return a clause with a capital letter and a full stop."""
    return f"{clause[:1].upper()}{clause[1:]}."


def failure_clause(trial: Trial) -> str:
    """Return how a function failed on one trial: the exception's name, the line, and the message where that may be known."""
    outcome = RunOutcome.parse(trial.outcome)
    if not outcome.is_error:
        return "it was not reached"
    if trial.detail in RETURN_VALUE_CLAUSES:
        return RETURN_VALUE_CLAUSES[trial.detail]
    line = f" in line {trial.line}" if trial.line else ""
    return f"{outcome.detail}{line}" + (f": {trial.message}" if trial.message else "")


def difference_clause(difference: Difference | None, output: Value) -> str:
    """Return in what a value differs, without the expected one."""
    match difference:
        case Difference.COUNT:
            if not isinstance(output, tuple):
                return "it returned a single array"
            return f"it returned {plausible_shape(output) or 'another number of arrays'}"
        case Difference.SHAPE:
            shape = plausible_shape(output)
            return f"its value has the shape {shape}" if shape else "its value has another shape"
        case Difference.NOT_FINITE:
            return "its value is not finite"
        case Difference.VALUES:
            return "its value is not the expected one"
    return ""


def expected_shape_clause(difference: Difference | None, expected: Value) -> str:
    """Return what shape is expected, where that is the difference; for readers who may know it."""
    return f"; {shape_of(expected)} is expected" if difference in (Difference.COUNT, Difference.SHAPE) else ""
