"""A verdict meets its attempt: marked once, counted, and sent to a person where there is a doubt."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from grader.verdict import Verdict
from grader.web import reviews, tables
from grader.web.columns import digest, given, now_or
from grader.web.counting import lock, lock_sheet, recount
from grader.web.verdicts import plain

_which = tables.attempts
_ATTEMPT = select(
    _which.c.exam, _which.c.problem, _which.c.blank, _which.c.person, _which.c.snapshot, _which.c.text
).where(given(_which.c.id))
_MARK = update(_which).where(_which.c.id == bindparam("which"), _which.c.state == "waiting")


def mark(connection: Connection, attempt: str, verdict: Verdict, now: datetime | None = None) -> bool:
    """Give a waiting attempt its verdict; return False if it has one."""
    row = connection.execute(_ATTEMPT, {"id": attempt}).first()
    if row is None:
        return False
    meaning = None if verdict.meaning is None else digest(row.snapshot, row.blank, verdict.meaning)
    doubtful = verdict.review is not None
    if doubtful:
        lock_sheet(connection, row.exam, row.problem)
    lock(connection, row.person)
    said = {
        "which": attempt, "state": "graded", "graded_at": now_or(now), "verdict": plain(verdict), "outcome": verdict.outcome,
        "credit": verdict.credit, "doubtful": doubtful, "meaning": meaning,
    }  # fmt: skip
    done = connection.execute(_MARK, said)
    if done.rowcount != 1:
        return False
    if doubtful:
        reviews.wait(connection, row.exam, attempt, "grader", reviews.group_of(row.text, meaning), now)
    recount(connection, row.exam, row.problem, row.blank, row.person)
    return True
