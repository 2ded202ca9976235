"""A verdict meets its attempt: marked once, counted, and sent to a person where there is a doubt."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from grader.verdict import Verdict
from grader.web import reviews, tables
from grader.web.columns import digest, now_or
from grader.web.counting import lock, lock_sheet, recount
from grader.web.verdicts import plain


def mark(connection: Connection, attempt: str, verdict: Verdict, now: datetime | None = None) -> bool:
    """Give a waiting attempt its verdict; return False if it has one."""
    which = tables.attempts
    row = connection.execute(select(which).where(which.c.id == attempt)).first()
    if row is None:
        return False
    meaning = None if verdict.meaning is None else digest(row.snapshot, row.blank, verdict.meaning)
    doubtful = verdict.review is not None
    if doubtful:
        lock_sheet(connection, row.exam, row.problem)
    lock(connection, row.person)
    change = update(which).where(which.c.id == attempt, which.c.state == "waiting")
    done = connection.execute(
        change.values(
            state="graded", graded_at=now_or(now), verdict=plain(verdict), outcome=verdict.outcome,
            credit=verdict.credit, doubtful=doubtful, meaning=meaning,
        )
    )  # fmt: skip
    if done.rowcount != 1:
        return False
    if doubtful:
        reviews.wait(connection, row.exam, attempt, "grader", reviews.group_of(row.text, meaning), now)
    recount(connection, row.exam, row.problem, row.blank, row.person)
    return True
