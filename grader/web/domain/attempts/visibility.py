"""Visibility: what a student may see of their own attempt, and how much of keys and solutions (the reveal level).

Pages and the API show what this module returns, and look at nothing else of an attempt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from grader.core.verdict import Reveal, Verdict
from grader.kinds.base.public import Preview
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.exams.exams import Exam, ExamProblem

LEVELS: tuple[Reveal, ...] = ("verdict", "hint", "full")
RECEIVED = "Your answer was received."
UNREAD = "Your answer was received, but it could not be read; it uses up no attempt."
WAITING = "Your answer was received and is being graded."
ASKED = "You asked a person to look at how this was read."
DECIDED = "A person has decided on this answer."


@dataclass(frozen=True)
class VisibleAttempt:
    """A sentence, how the answer was read, and the verdict where it may be known, already cut to what may be shown.

    ``why`` is why a person will look, or why it could not be read, ``comment`` what a person has said.
    """

    state: Literal["received", "waiting", "review", "graded", "decided"]
    says: str
    read_as: str | None
    verdict: Verdict | None = None
    why: str | None = None
    comment: str | None = None
    level: Reveal = "verdict"


def reveal_level(exam: Exam, exam_problem: ExamProblem) -> Reveal | None:
    """Return how much of verdicts, keys and solutions may be shown of a problem now; None is nothing at all."""
    if exam.released_at is not None:
        return min(exam.policy.reveal, exam_problem.reveal, key=LEVELS.index)
    return min("hint", exam_problem.reveal, key=LEVELS.index) if exam.policy.mode == "practice" else None


def visible_attempt(
    attempt: Attempt, exam: Exam, exam_problem: ExamProblem, preview: Callable[[], Preview]
) -> VisibleAttempt:
    """Return what the attempt's student may see now; ``preview`` tells how the blank's public part reads the answer."""
    level = reveal_level(exam, exam_problem)
    if level is None:  # Nothing here depends on a verdict, nor on whether there is one.
        reading = preview()
        unreadable = reading.read_as is None and reading.complaint is not None
        return VisibleAttempt(
            "received",
            UNREAD if unreadable else RECEIVED,
            reading.read_as,
            why=reading.complaint if unreadable else None,
        )
    if attempt.decision is not None:
        comment = attempt.decision.comment or None
        return VisibleAttempt(
            "decided", DECIDED, preview().read_as, decided(attempt).at(level), comment=comment, level=level
        )
    if attempt.verdict is None:
        return VisibleAttempt("waiting", WAITING, preview().read_as, level=level)
    if attempt.needs_review and exam.released_at is None:
        says = "A person will look at this answer."
        return VisibleAttempt("review", says, preview().read_as, why=attempt.verdict.review or "", level=level)
    verdict = attempt.verdict.at(level)
    if attempt.needs_review:
        return VisibleAttempt("review", verdict.reason, verdict.read_as, verdict, why=verdict.review, level=level)
    return VisibleAttempt(
        "graded", verdict.reason, verdict.read_as, verdict, why=ASKED if attempt.review_requested else None, level=level
    )


def decided(attempt: Attempt) -> Verdict:
    """Return the verdict that a person's decision amounts to; the findings, which it may belie, are gone."""
    assert attempt.decision is not None
    read_as = attempt.verdict.read_as if attempt.verdict else None
    return replace(Verdict.partial(attempt.decision.credit, "", DECIDED), read_as=read_as)
