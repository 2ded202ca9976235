"""Attempts: answers that were submitted, with their verdicts and decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal

from sqlalchemy import Connection, Select, select

from grader.core import verdict_json
from grader.core.submission import Written
from grader.core.verdict import Outcome, Verdict
from grader.web.db import tables
from grader.web.db.column_types import equals_bound
from grader.web.domain.accounts.people import Person
from grader.web.domain.exams.exams import Exam
from grader.web.errors import NotFound, TooLarge
from grader.web.settings import ServiceLimits

DEFAULT_LIMITS = ServiceLimits()


@dataclass(frozen=True)
class Decision:
    """What a person decided on answers that are equal."""

    id: str
    credit: Fraction
    comment: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Attempt:
    """One answer of one person to one blank. ``review_requested`` says whether the student
    wants a person to look at it; ``written`` is None once the person was erased.
    """

    id: str
    exam: str
    problem: str
    blank: str
    person: str
    number: int
    snapshot: str
    written: Written | None = field(repr=False)
    submitted_at: datetime
    state: Literal["waiting", "graded"]
    verdict: Verdict | None = field(repr=False)
    outcome: Outcome | None
    credit: Fraction | None
    needs_review: bool
    uses_attempt: bool
    decision: Decision | None
    review_requested: bool
    upload: str | None

    @property
    def score(self) -> Fraction | None:
        """The credit that holds: what a person decided, else the verdict's; None while there is none."""
        return self.decision.credit if self.decision else self.credit


def check_size(written: Written, limits: ServiceLimits = DEFAULT_LIMITS) -> Written:
    """Return the answer; raises TooLarge if it is too long to be stored."""
    if not is_within(written, limits):
        raise TooLarge(f"An answer has at most {limits.answer_characters:,} characters.")
    return written


def is_within(written: Written, limits: ServiceLimits) -> bool:
    """True if an answer is short enough to be stored."""
    texts = (written,) if isinstance(written, str) else written
    return len(texts) <= limits.answer_texts and sum(map(len, texts)) <= limits.answer_characters


def written_to_json(written: Written) -> str | list[str]:
    """Return an answer as a value of JSON."""
    return written if isinstance(written, str) else list(written)


def written_from_json(value: Any) -> Written | None:
    """Return the answer that ``written_to_json`` was given."""
    return tuple(value) if isinstance(value, list) else value


def used_attempts(attempts: list[Attempt], blank: str) -> int:
    """Return how many of these attempts, those at one blank, use one up."""
    return sum(attempt.uses_attempt for attempt in attempts if attempt.blank == blank)


def _query() -> Select[Any]:
    which, decision, review = tables.attempts, tables.decisions, tables.reviews
    requested = (
        select(review.c.attempt)
        .where(review.c.attempt == which.c.id, review.c.asked_by == "student")
        .exists()
        .label("review_requested")
    )
    decided = (decision.c.credit.label("decided"), decision.c.comment, decision.c.by, decision.c.at)
    return select(which, requested, *decided).outerjoin(decision, decision.c.id == which.c.decision)


_BY_ID = _query().where(equals_bound(tables.attempts.c.id))
_OF_PERSON = (
    _query()
    .where(equals_bound(tables.attempts.c.exam, tables.attempts.c.person))
    .order_by(tables.attempts.c.problem, tables.attempts.c.blank, tables.attempts.c.number)
)
_OF_PERSON_AT = _OF_PERSON.where(equals_bound(tables.attempts.c.problem))


def attempt_of(row: Any) -> Attempt:
    """Return the attempt in a row of this module's query."""
    decision = Decision(row.decision, row.decided, row.comment, row.by, row.at) if row.decision is not None else None
    verdict = None if row.verdict is None else verdict_json.from_json(row.verdict)
    return Attempt(
        id=row.id,
        exam=row.exam,
        problem=row.problem,
        blank=row.blank,
        person=row.person,
        number=row.number,
        snapshot=row.snapshot,
        written=written_from_json(row.written),
        submitted_at=row.submitted_at,
        state=row.state,
        verdict=verdict,
        outcome=row.outcome,
        credit=row.credit,
        needs_review=row.needs_review,
        uses_attempt=row.uses_attempt,
        decision=decision,
        review_requested=row.review_requested,
        upload=row.upload,
    )


def by_id(connection: Connection, id: str, person: Person | None = None) -> Attempt:
    """Return an attempt; with a person, raises NotFound for somebody else's just as for none."""
    row = connection.execute(_BY_ID, {"id": id}).first() if id.isprintable() else None
    if row is None or (person is not None and row.person != person.id):
        raise NotFound
    return attempt_of(row)


def attempts_of(connection: Connection, exam: Exam, person: Person, problem: str | None = None) -> list[Attempt]:
    """Return a person's attempts in an exam, in the order of their numbers."""
    key = {"exam": exam.id, "person": person.id}
    if problem is None:
        rows = connection.execute(_OF_PERSON, key)
    else:
        rows = connection.execute(_OF_PERSON_AT, key | {"problem": problem})
    return [attempt_of(row) for row in rows]


def attempts_at(connection: Connection, exam: Exam, problem: str) -> list[Attempt]:
    """Return all attempts at one problem of an exam, by person and number."""
    which = tables.attempts
    query = _query().where(which.c.exam == exam.id, which.c.problem == problem)
    rows = connection.execute(query.order_by(which.c.person, which.c.blank, which.c.number))
    return [attempt_of(row) for row in rows]
