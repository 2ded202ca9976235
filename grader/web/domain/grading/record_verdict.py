"""Record the verdict on an attempt: once, with what it means for the attempts used and for the review queue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from grader.core.verdict import Verdict
from grader.core.verdict_json import to_json
from grader.web.db import tables
from grader.web.db.column_types import digest, equals_bound, now_or
from grader.web.db.row_locks import lock_exam_problem, lock_person
from grader.web.domain.exams.attempt_rules import JUDGED, recount
from grader.web.domain.review import queue

_attempts = tables.attempts
_ATTEMPT = select(
    _attempts.c.exam,
    _attempts.c.problem,
    _attempts.c.blank,
    _attempts.c.person,
    _attempts.c.number,
    _attempts.c.snapshot,
    _attempts.c.text_hash,
).where(equals_bound(_attempts.c.id))
_RECORD = update(_attempts).where(_attempts.c.id == bindparam("attempt"), _attempts.c.state == "waiting")

_LATER_READ = select(_attempts.c.id).where(
    equals_bound(_attempts.c.exam, _attempts.c.problem, _attempts.c.blank, _attempts.c.person),
    _attempts.c.number > bindparam("after"),
    _attempts.c.outcome.in_(JUDGED),
)
_EARLIER_UNREAD = select(_attempts.c.id).where(
    equals_bound(_attempts.c.exam, _attempts.c.problem, _attempts.c.blank, _attempts.c.person),
    _attempts.c.number < bindparam("before"),
    _attempts.c.outcome == "unreadable",
    _attempts.c.needs_review,
    _attempts.c.decision.is_(None),
)


def verdict_columns(verdict: Verdict, snapshot: str, blank: str, now: datetime) -> dict[str, Any]:
    """Return the columns of an attempt that a verdict sets."""
    meaning_hash = None if verdict.meaning is None else digest(snapshot, blank, verdict.meaning)
    return {
        "state": "graded",
        "graded_at": now,
        "verdict": to_json(verdict),
        "outcome": verdict.outcome,
        "credit": verdict.credit,
        "needs_review": verdict.review is not None,
        "meaning_hash": meaning_hash,
    }


def record(connection: Connection, attempt: str, verdict: Verdict, now: datetime | None = None) -> bool:
    """Give a waiting attempt its verdict; return False if it has one."""
    row = connection.execute(_ATTEMPT, {"id": attempt}).first()
    if row is None:
        return False
    columns = verdict_columns(verdict, row.snapshot, row.blank, now_or(now))
    if columns["needs_review"]:
        lock_exam_problem(connection, row.exam, row.problem)
    lock_person(connection, row.person)
    if columns["needs_review"] and verdict.outcome == "unreadable" and _was_read_later(connection, row):
        columns["needs_review"] = False
    recorded = connection.execute(_RECORD, columns | {"attempt": attempt})
    if recorded.rowcount != 1:
        return False
    if columns["needs_review"]:
        queue.enqueue(
            connection, row.exam, attempt, "grader", queue.group_key_of(row.text_hash, columns["meaning_hash"]), now
        )
    if verdict.outcome in JUDGED:
        supersede(connection, row.exam, row.problem, row.blank, row.person, row.number)
    recount(connection, row.exam, row.problem, row.blank, row.person)
    return True


def _was_read_later(connection: Connection, row: Any) -> bool:
    """True if a later answer than this one, which could not be read, could be read."""
    key = {"exam": row.exam, "problem": row.problem, "blank": row.blank, "person": row.person}
    return connection.execute(_LATER_READ, key | {"after": row.number}).first() is not None


def supersede(connection: Connection, exam: str, problem: str, blank: str, person: str, number: int) -> None:
    """Take earlier answers that could not be read out of the review queue: the one of this number could be read."""
    key = {"exam": exam, "problem": problem, "blank": blank, "person": person}
    earlier = connection.execute(_EARLIER_UNREAD, key | {"before": number}).scalars().all()
    if earlier:
        pending = tables.reviews.c.attempt.in_(earlier), tables.reviews.c.asked_by == "grader"
        connection.execute(delete(tables.reviews).where(*pending))
        connection.execute(update(_attempts).where(_attempts.c.id.in_(earlier)).values(needs_review=False))
