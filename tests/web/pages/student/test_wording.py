"""What students are told of attempts, of the time that is left and of what was taken, word for word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from support.exam_factory import NOON

from grader.web.domain.accounts.people import Person
from grader.web.domain.exams.exams import Exam, ExamProblem, Policy
from grader.web.pages.student.flash import Done, sealed, unsealed
from grader.web.pages.student.views.attempts_left import FREE, Counts, chances, counted, rule
from grader.web.pages.student.views.problem_context import Place
from grader.web.pages.student.views.time_left import left
from grader.web.settings import Settings

HALF, THIRD, QUARTER = Fraction(1, 2), Fraction(1, 3), Fraction(1, 4)
FIVE = (Fraction(1), Fraction(4, 5), HALF, QUARTER, Fraction(0))


@pytest.mark.parametrize(
    ("attempts", "credits", "said"),
    [
        (None, (Fraction(1),), ""),
        (1, (Fraction(1),), f"You have one attempt at each answer. {FREE}"),
        (2, (Fraction(1), HALF), f"You have 2 attempts at each answer. {FREE} The first attempt pays in full, the second half of what it improves."),
        (3, (Fraction(1), HALF), f"You have 3 attempts at each answer. {FREE} The first attempt pays in full, every later one half of what it improves."),
        (2, (Fraction(1), HALF, QUARTER), f"You have 2 attempts at each answer. {FREE} The first attempt pays in full, the second half of what it improves."),
        (1, (Fraction(1), HALF), f"You have one attempt at each answer. {FREE}"),
        (None, (Fraction(1), THIRD), "The first attempt pays in full, every later one 1/3 of what it improves."),
        (None, FIVE, "The first attempt pays in full, the second 80\u202f% of what it improves, the third half of what it improves, the fourth 25\u202f% of what it improves, every later one nothing."),
        (None, (Fraction(1), Fraction(1), HALF, HALF), "The first attempt pays in full, the second in full, every later one half of what it improves."),
        (None, (HALF,), "Every attempt pays half of what it improves."),
    ],
)  # fmt: skip
def test_the_rule_for_any_credits(attempts: int | None, credits: tuple[Fraction, ...], said: str) -> None:
    assert rule(Policy(attempts=attempts, credits=credits)) == said


TWO = Policy(attempts=2, credits=(Fraction(1), HALF))


@pytest.mark.parametrize(
    ("each", "said"),
    [
        ((), ""),
        ((False,), "0 of 2 attempts used: 2 are left."),
        ((True,), "1 of 2 attempts used: one is left. The next one pays half of what it improves."),
        ((None,), "0 to 1 of 2 attempts used."),
        ((True, None, None), "1 to 2 of 2 attempts used."),
        ((True, False, True), "You have used all 2 attempts: no more answers are taken here."),
    ],
)
def test_what_is_left(each: tuple[bool | None, ...], said: str) -> None:
    assert chances(TWO, Counts(each, 2)) == said


def test_the_one_attempt_and_no_limit() -> None:
    one = Policy(attempts=1)
    assert chances(one, Counts((True,), 1)) == "You have used your one attempt: no more answers are taken here."
    assert chances(one, Counts((False,), 1)) == "0 of one attempt used: one is left."
    assert chances(Policy(), Counts((True,), None)) == ""
    assert chances(replace(TWO, attempts=None), Counts((True,), None)) == "The next one pays half of what it improves."


def test_which_answers_count() -> None:
    counts = Counts((False, True, False, None, True), 3)
    policy = replace(TWO, attempts=3)
    assert [counted(policy, counts, index, True) for index in range(5)] == [
        "not counted",
        "counts as attempt 1 of 3",
        "not counted",
        "counts unless it cannot be read",
        "counts",
    ]
    assert counted(policy, counts, 3, False) == ""
    assert counted(policy, Counts((True, True), 3), 1, False) == "counts as attempt 2 of 3, pays half"
    assert (
        counted(replace(policy, attempts=None), Counts((True, True), None), 1, False)
        == "counts as attempt 2, pays half"
    )
    assert counted(Policy(), Counts((True,), None), 0, False) == ""


@pytest.mark.parametrize(
    ("seconds", "said", "soon"),
    [
        (0, "less than a minute", True),
        (59.5, "less than a minute", True),
        (61, "2 minutes", True),
        (300, "5 minutes", True),
        (301, "6 minutes", False),
        (3600, "1 hour", False),
        (2 * 3600 + 61, "2 hours 2 minutes", False),
        (86400 + 60, "1 day", False),
        (3 * 86400 + 7200, "3 days 2 hours", False),
    ],
)
def test_the_time_that_is_left(seconds: float, said: str, soon: bool) -> None:
    found = left(NOON + timedelta(seconds=seconds), NOON)
    assert found is not None and (found.says, found.soon) == (said, soon)


def test_no_end_and_an_end_that_has_passed() -> None:
    assert left(None) is None
    past = left(NOON - timedelta(hours=1), NOON)
    assert past is not None and past.seconds == 0


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (Done(), "There is nothing here that was not handed in already."),
        (Done(1), "1 answer was handed in."),
        (Done(2, {"f": "No."}), "2 answers were handed in."),
        (Done(0, {"f": "No."}), "No answer was handed in."),
    ],
)
def test_what_was_taken(done: Done, said: str) -> None:
    assert done.says == said


def test_nobody_else_can_say_what_was_taken() -> None:
    settings = Settings(secret=b"a secret of its own, long enough")
    ada, bob = Person("1", "ada", None, "student"), Person("2", "bob", None, "student")
    exam, sheet = Exam("e", "e", "E", Policy()), ExamProblem("e", "tiny", 0, "0", "full", ())
    service: Any = None
    mine, theirs = (Place(service, each, exam, sheet, None) for each in (ada, bob))
    told = Done(2, {"f": "You have used all 2 attempts at this question."})
    text = sealed(settings, mine, told)
    assert unsealed(settings, mine, text) == told
    assert [
        unsealed(settings, place, sent)
        for place, sent in [
            (theirs, text),
            (mine, text[1:]),
            (mine, text + "0"),
            (mine, ""),
            (mine, "é.é"),
            (mine, "%"),
        ]
    ] == [None] * 6
