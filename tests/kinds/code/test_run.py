"""How a run ended, read from the sandbox's words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from grader.kinds.code import test_inputs
from grader.kinds.code.program import Signature, parse_program
from grader.kinds.code.run import Cause, RunOutcome, run_program
from grader.sandbox import Limits, NoSandbox, Run, Trial

SIGNATURE = Signature(name="f", parameters=("x",))
OUTCOMES = [
    ("ok", RunOutcome(Cause.OK)),
    ("error:ValueError", RunOutcome(Cause.ERROR, "ValueError")),
    ("killed:cpu", RunOutcome(Cause.CPU_TIME)),
    ("killed:wall", RunOutcome(Cause.WALL_TIME)),
    ("killed:waiting", RunOutcome(Cause.WAITING)),
    ("killed:mem", RunOutcome(Cause.MEMORY)),
    ("killed:output", RunOutcome(Cause.OUTPUT_SIZE)),
    ("killed:seccomp", RunOutcome(Cause.SECCOMP)),
    ("killed:crash:SIGSEGV", RunOutcome(Cause.CRASH, "SIGSEGV")),
    ("bad-answer", RunOutcome(Cause.BAD_ANSWER)),
]


@pytest.mark.parametrize(("text", "expected"), OUTCOMES, ids=[text for text, _ in OUTCOMES])
def test_an_outcome_is_parsed_into_its_cause_and_detail(text, expected):
    assert RunOutcome.parse(text) == expected


def test_what_no_honest_program_comes_to_is_suspicious():
    suspicious = {text for text, outcome in OUTCOMES if outcome.is_suspicious}
    assert suspicious == {"killed:seccomp", "killed:output", "bad-answer"}
    assert {text for text, outcome in OUTCOMES if outcome.is_out_of_time} == {
        "killed:cpu",
        "killed:wall",
        "killed:waiting",
    }


def test_a_word_that_the_sandbox_does_not_use_is_our_own_failure():
    with pytest.raises(ValueError, match="killed:moon"):
        RunOutcome.parse("killed:moon")


def test_a_program_may_return_sixteen_times_what_is_expected_and_no_more():
    seen = []

    class Recorded:
        limits = Limits()

        def run(self, source, function, inputs, public, limits):
            seen.append(limits.entries)
            raise NoSandbox("only the limits are looked at")

    for shape in ((3,), (100, 100), (2000, 2000)):
        with pytest.raises(NoSandbox):
            run_program(
                Recorded(),
                parse_program("def f(x): return x"),
                SIGNATURE,
                [test_inputs.TestCase((), (np.ones(shape),))],
            )
    assert seen == [2**14, 160_000, 2**20]


class Forged:
    """A sandbox in which a program has made its own frames."""

    limits = Limits()

    def run(self, source, function, inputs, public, limits):
        failed = Trial("error:ValueError", None, 2**30)
        return Run(
            "error:ValueError", (None,), 2**30, 0.1, 0.1, Trial("ok", None, 77), (failed, replace(failed, line=2))
        )


def test_a_line_that_the_program_does_not_have_is_not_told():
    run = run_program(
        Forged(), parse_program("def f(x):\n    return x"), SIGNATURE, [test_inputs.TestCase((), (np.ones(1),))]
    )
    assert (run.line, run.loading.line, [trial.line for trial in run.trials]) == (None, None, [None, 2])
