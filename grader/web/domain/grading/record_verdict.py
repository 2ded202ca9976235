"""A verdict meets its attempt: marked once, counted, and sent to a person where there is a doubt."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from grader.core.verdict import Verdict
from grader.core.verdict_json import to_json
from grader.web.db import tables
from grader.web.db.row_locks import lock, lock_sheet
from grader.web.db.types import digest, equals_bound, now_or
from grader.web.domain.exams.attempt_rules import JUDGED, recount
from grader.web.domain.review import queue

_which = tables.attempts
_ATTEMPT = select(
    _which.c.exam,
    _which.c.problem,
    _which.c.blank,
    _which.c.person,
    _which.c.number,
    _which.c.snapshot,
    _which.c.text_hash,
).where(equals_bound(_which.c.id))
_MARK = update(_which).where(_which.c.id == bindparam("which"), _which.c.state == "waiting")

_READ = select(_which.c.id).where(
    equals_bound(_which.c.exam, _which.c.problem, _which.c.blank, _which.c.person),
    _which.c.number > bindparam("after"),
    _which.c.outcome.in_(JUDGED),
)
_UNREAD = select(_which.c.id).where(
    equals_bound(_which.c.exam, _which.c.problem, _which.c.blank, _which.c.person),
    _which.c.number < bindparam("before"),
    _which.c.outcome == "unreadable",
    _which.c.needs_review,
    _which.c.decision.is_(None),
)


def columns(verdict: Verdict, snapshot: str, blank: str, now: datetime) -> dict[str, Any]:
    """Return what a verdict says, as columns of its attempt."""
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


def mark(connection: Connection, attempt: str, verdict: Verdict, now: datetime | None = None) -> bool:
    """Give a waiting attempt its verdict; return False if it has one."""
    row = connection.execute(_ATTEMPT, {"id": attempt}).first()
    if row is None:
        return False
    said = columns(verdict, row.snapshot, row.blank, now_or(now))
    if said["needs_review"]:
        lock_sheet(connection, row.exam, row.problem)
    lock(connection, row.person)
    if said["needs_review"] and verdict.outcome == "unreadable" and _written_anew(connection, row):
        said["needs_review"] = False
    done = connection.execute(_MARK, said | {"which": attempt})
    if done.rowcount != 1:
        return False
    if said["needs_review"]:
        queue.wait(connection, row.exam, attempt, "grader", queue.group_of(row.text_hash, said["meaning_hash"]), now)
    if verdict.outcome in JUDGED:
        supersede(connection, row.exam, row.problem, row.blank, row.person, row.number)
    recount(connection, row.exam, row.problem, row.blank, row.person)
    return True


def _written_anew(connection: Connection, row: Any) -> bool:
    """Whether a later answer than one that could not be read could be read."""
    here = {"exam": row.exam, "problem": row.problem, "blank": row.blank, "person": row.person}
    return connection.execute(_READ, here | {"after": row.number}).first() is not None


def supersede(connection: Connection, exam: str, problem: str, blank: str, person: str, number: int) -> None:
    """Spare a person the answers that could not be read before the one of a number, which could."""
    here = {"exam": exam, "problem": problem, "blank": blank, "person": person}
    earlier = connection.execute(_UNREAD, here | {"before": number}).scalars().all()
    if earlier:
        waiting = tables.reviews.c.attempt.in_(earlier), tables.reviews.c.asked_by == "grader"
        connection.execute(delete(tables.reviews).where(*waiting))
        connection.execute(update(_which).where(_which.c.id.in_(earlier)).values(needs_review=False))
