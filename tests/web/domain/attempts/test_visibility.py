"""What a student may see of an attempt, word for word."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial

import pytest
from support.exam_factory import NOON

from grader.core.verdict import Counterexample, Mistake, Shape, Verdict
from grader.kinds.base.public import Preview
from grader.web.domain.attempts.attempts import Attempt, Decision
from grader.web.domain.attempts.visibility import VisibleAttempt, reveal_level, visible_attempt
from grader.web.domain.exams import exams, schedule
from grader.web.domain.exams.exams import Exam, ExamProblem, Policy

KEY = "CANARY"
WRONG = Verdict.incorrect(
    "$x$",
    "That is wrong.",
    [
        Shape("2×1", KEY, "2×1 is yours", None, False, None, KEY, "Look at the shape."),
        Mistake(KEY, KEY, "One thing is missing."),
        Counterexample((("x", "1"),), "2", KEY),
    ],
)
WRONG = replace(WRONG, meaning=KEY)
PREVIEW = partial(Preview, read_as="$preview$")
PRACTICE = Exam("e", "e", "E", Policy())
EXAM = Exam("e", "e", "E", Policy("exam", 1))
RELEASED = replace(EXAM, released_at=NOON)
SHEET = ExamProblem("e", "tiny", 0, "0", "full", ())


def attempt(verdict=None, decision=None, asked=False):
    done = verdict is not None
    return Attempt(
        "i",
        "e",
        "tiny",
        "a",
        "p",
        1,
        "0",
        "x",
        NOON,
        "graded" if done else "waiting",
        verdict,
        verdict.outcome if done else None,
        verdict.credit if done else None,
        bool(done and verdict.review),
        False,
        decision,
        asked,
        None,
    )


DECISION = Decision("d", Fraction(1, 2), "Fair enough.", "prof", NOON)
DOUBT = Verdict.correct("$x$", "Right.", review="It is misspelt.")
FAILED = Verdict.failed(f"ValueError: {KEY}")


@pytest.mark.parametrize(
    "given",
    [attempt(), attempt(WRONG), attempt(DOUBT), attempt(FAILED), attempt(Verdict.correct("x")), attempt(Verdict.unreadable("?")), attempt(WRONG, DECISION)],
)  # fmt: skip
def test_before_release_an_exam_says_the_same_of_every_answer(given):
    assert visible_attempt(given, EXAM, SHEET, PREVIEW) == VisibleAttempt(
        "received", "Your answer was received.", "$preview$"
    )


@pytest.mark.parametrize(
    "given",
    [attempt(), attempt(WRONG), attempt(DOUBT), attempt(FAILED), attempt(Verdict.correct("x")), attempt(Verdict.unreadable("?")), attempt(WRONG, DECISION)],
)  # fmt: skip
def test_before_release_what_cannot_be_read_is_told_from_the_preview_alone(given):
    found = visible_attempt(given, EXAM, SHEET, partial(Preview, complaint="What is “x”?"))
    says = "Your answer was received, but it could not be read; it uses up no attempt."
    assert found == VisibleAttempt("received", says, None, why="What is “x”?")
    misfit = visible_attempt(given, EXAM, SHEET, partial(PREVIEW, complaint="Shapes do not fit."))
    assert misfit == VisibleAttempt("received", "Your answer was received.", "$preview$")


@pytest.mark.parametrize(
    ("given", "state", "says", "why"),
    [
        (attempt(), "waiting", "Your answer was received and is being graded.", None),
        (attempt(WRONG), "graded", "That is wrong.", None),
        (
            attempt(WRONG, asked=True),
            "graded",
            "That is wrong.",
            "You asked a person to look at how this was read.",
        ),
        (attempt(DOUBT), "review", "A person will look at this answer.", "It is misspelt."),
        (
            attempt(FAILED),
            "review",
            "A person will look at this answer.",
            "The grader failed on this answer.",
        ),
        (attempt(WRONG, DECISION), "decided", "A person has decided on this answer.", None),
    ],
)
def test_practice(given, state, says, why):
    found = visible_attempt(given, PRACTICE, SHEET, PREVIEW)
    assert (found.state, found.says, found.why) == (state, says, why)
    assert KEY not in repr(found)
    assert (found.verdict is None) == (state in ("waiting", "review"))


def test_an_answer_under_review_is_no_oracle():
    alike = [
        visible_attempt(
            attempt(replace(DOUBT, outcome=outcome, credit=credit, reason=reason)), PRACTICE, SHEET, PREVIEW
        )
        for outcome, credit, reason in [("correct", 1, "Right."), ("incorrect", 0, "Wrong."), ("ungraded", None, "")]
    ]
    assert len(set(alike)) == 1
    assert alike[0].read_as == "$preview$"


def test_a_decision_is_shown_with_its_comment():
    found = visible_attempt(attempt(WRONG, DECISION), PRACTICE, SHEET, PREVIEW)
    assert (found.comment, found.verdict.outcome, found.verdict.credit) == (
        "Fair enough.",
        "partial",
        Fraction(1, 2),
    )
    assert found.verdict.findings == ()


def test_a_decision_on_what_could_not_be_read_has_no_reading():
    found = visible_attempt(
        attempt(Verdict.unreadable("?"), DECISION), PRACTICE, SHEET, partial(Preview, complaint="?")
    )
    assert (found.read_as, found.verdict.read_as, found.verdict.outcome) == (None, None, "partial")


def test_after_release_everything_is_shown():
    found = visible_attempt(attempt(WRONG), RELEASED, SHEET, PREVIEW)
    assert (found.verdict, found.level) == (WRONG, "full")
    assert visible_attempt(attempt(DOUBT), RELEASED, SHEET, PREVIEW).verdict == DOUBT
    assert KEY not in repr(visible_attempt(attempt(FAILED), RELEASED, SHEET, PREVIEW))


@pytest.mark.parametrize(
    ("exam", "policy", "author", "expected"),
    [
        (PRACTICE, "full", "full", "hint"),
        (PRACTICE, "verdict", "full", "hint"),
        (PRACTICE, "full", "verdict", "verdict"),
        (EXAM, "full", "full", None),
        (RELEASED, "full", "full", "full"),
        (RELEASED, "hint", "full", "hint"),
        (RELEASED, "full", "hint", "hint"),
        (RELEASED, "hint", "verdict", "verdict"),
    ],
)
def test_levels(exam, policy, author, expected):
    exam = replace(exam, policy=replace(exam.policy, reveal=policy))
    sheet = replace(SHEET, reveal=author)
    assert reveal_level(exam, sheet) == expected
    if expected in ("verdict", "hint"):
        assert KEY not in repr(visible_attempt(attempt(WRONG), exam, sheet, PREVIEW))


def test_a_released_exam_of_the_database(hall):
    exam = hall.open("final", mode="exam", attempts=1)
    found = hall.mark(hall.submit("1", exam=exam), WRONG)
    with hall.database.writing() as connection:
        sheet = exams.exam_problem(connection, exam, "tiny")
        assert visible_attempt(found, exams.find(connection, "final"), sheet, PREVIEW).verdict is None
        schedule.close(connection, exam)
        schedule.release(connection, exam)
        assert visible_attempt(found, exams.find(connection, "final"), sheet, PREVIEW).verdict == WRONG
