"""Answer groups: equal answers together, on which a person decides once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from grader.core.verdict import Outcome
from grader.core.verdict_json import staff_review
from grader.grading.answer_groups import text_of
from grader.web.db import tables
from grader.web.domain.attempts.attempts import Decision, written_from_json
from grader.web.domain.exams.exams import Exam
from grader.web.domain.review import decisions
from grader.web.errors import NotFound

ASKED = "A student says that this answer was misread."
OPENED = "The grader had no doubt about this answer; one of the staff opened it."
_attempts, _reviews, _decisions = tables.attempts, tables.reviews, tables.decisions


@dataclass(frozen=True)
class AnswerGroup:
    """Answers that one decision is on. ``why`` are the reasons for review, ``spellings`` up to three ways in which it is written,
    ``people`` the ids of those who gave it; ``outcome`` and ``credit`` are what stands without a ``decision``.
    """

    problem: str
    blank: str
    group_key: str
    why: tuple[str, ...]
    spellings: tuple[str, ...]
    read_as: str | None
    outcome: Outcome
    credit: Fraction | None
    asked: bool
    people: tuple[str, ...]
    decision: Decision | None = None

    @property
    def opened(self) -> bool:
        """True if staff opened it unasked, and so all answers that are written alike."""
        return OPENED in self.why


def text_group_key(text: str) -> str:
    """Return the group of answers that are written in the same way, from the hash of their text."""
    return f"text:{text}"


def find_groups(connection: Connection, exam: Exam, *conditions: ColumnElement[bool]) -> list[AnswerGroup]:
    """Return the groups of an exam that somebody was asked to decide on, or those of some of these answers."""
    rows = connection.execute(
        select(_attempts, _reviews.c.group_key, _reviews.c.asked_by, *decisions.COLUMNS)
        .join(_reviews, _attempts.c.id == _reviews.c.attempt)
        .outerjoin(_decisions, _decisions.c.id == _reviews.c.decision)
        .where(_reviews.c.exam == exam.id, *conditions)
        .order_by(_attempts.c.problem, _attempts.c.blank, _attempts.c.submitted_at, _attempts.c.id)
    )
    groups: dict[tuple[str, str, str], list[Any]] = {}
    for row in rows:
        groups.setdefault((row.problem, row.blank, row.group_key), []).append(row)
    return [
        _group(key, rows, tuple(map(_why, rows)), decisions.decision_of(rows[-1]))
        for (_, _, key), rows in groups.items()
    ]


def group_of_answer(connection: Connection, exam: Exam, attempt: str) -> AnswerGroup:
    """Return the group in which an answer is decided on; one that nobody asked about is with those written like it.

    Raises NotFound where there is no such answer, or no verdict on it yet.
    """
    graded = _attempts.c.exam == exam.id, _attempts.c.state == "graded"
    row = connection.execute(select(_attempts).where(_attempts.c.id == attempt, *graded)).first()
    if row is None:
        raise NotFound
    reviews = select(_reviews.c.group_key, _reviews.c.decision).where(_reviews.c.attempt == attempt)
    # A student and the grader may both have asked, about different groups: the one whose decision holds, else the student's.
    queued = connection.execute(reviews.order_by(_reviews.c.asked_by.desc())).all()
    if queued:
        group_key = next(
            (review.group_key for review in queued if review.decision == row.decision), queued[0].group_key
        )
        same_group = (
            _attempts.c.problem == row.problem,
            _attempts.c.blank == row.blank,
            _reviews.c.group_key == group_key,
        )
        return find_groups(connection, exam, *same_group)[0]
    group_key = text_group_key(row.text_hash)
    decision = decisions.current(connection, exam, row.problem, row.blank, group_key)
    equal = connection.execute(
        select(_attempts).where(written_like(row), *graded).order_by(_attempts.c.submitted_at, _attempts.c.id)
    )
    return _group(group_key, equal.all(), (OPENED,), decision)


def written_like(row: Any) -> ColumnElement[bool]:
    """Return the condition that an answer is written like that of a row, or of a group of a text."""
    text_hash = row.group_key.removeprefix("text:") if isinstance(row, AnswerGroup) else row.text_hash
    at_blank = _attempts.c.problem == row.problem, _attempts.c.blank == row.blank
    return and_(*at_blank, _attempts.c.text_hash == text_hash)


def _group(group_key: str, rows: Sequence[Any], why: tuple[str | None, ...], decision: Decision | None) -> AnswerGroup:
    texts = Counter(text_of(written_from_json(row.written)) for row in rows)
    first = rows[0]
    return AnswerGroup(
        first.problem,
        first.blank,
        group_key,
        why=tuple(dict.fromkeys(reason for reason in why if reason)),
        spellings=tuple(text for text, _ in texts.most_common(3)),
        read_as=first.verdict["read_as"],
        outcome=first.outcome,
        credit=first.credit,
        asked=any(getattr(row, "asked_by", None) == "student" for row in rows),
        people=tuple(dict.fromkeys(row.person for row in rows)),
        decision=decision,
    )


def _why(row: Any) -> str:
    """Say, for staff, why a person was asked; of what could not be read, what the reader says of it too."""
    doubt: str = ASKED if row.asked_by == "student" else staff_review(row.verdict) or OPENED
    return f"{doubt} {row.verdict['reason']}" if row.outcome == "unreadable" else doubt
