"""How a run ended, read from the sandbox's words."""

from __future__ import annotations

import pytest

from grader.kinds.code.run import Cause, RunOutcome

OUTCOMES = [
    ("ok", RunOutcome(Cause.OK)),
    ("error:ValueError", RunOutcome(Cause.ERROR, "ValueError")),
    ("killed:cpu", RunOutcome(Cause.CPU_TIME)),
    ("killed:wall", RunOutcome(Cause.WALL_TIME)),
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
    assert {text for text, outcome in OUTCOMES if outcome.is_out_of_time} == {"killed:cpu", "killed:wall"}


def test_a_word_that_the_sandbox_does_not_use_is_our_own_failure():
    with pytest.raises(ValueError, match="killed:moon"):
        RunOutcome.parse("killed:moon")
