"""Erasure of a person (the right to be forgotten): name, login and answers go, marks and the audit log stay."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from grader.core.verdict import Verdict
from grader.core.verdict_json import to_json
from grader.web.db import tables
from grader.web.db.column_types import now_or
from grader.web.db.row_locks import lock_person
from grader.web.domain import audit_log
from grader.web.domain.accounts import people

ERASED = "This answer was erased."


def erase(connection: Connection, person: str, actor: str | None = None, now: datetime | None = None) -> None:
    """Erase the person of an id; raises NotFound. What they earned stays, without anything that they wrote."""
    lock_person(connection, person)
    people.by_id(connection, person)
    attempts = tables.attempts
    rows = connection.execute(
        select(attempts.c.id, attempts.c.state, attempts.c.outcome, attempts.c.credit).where(
            attempts.c.person == person
        )
    )
    for row in rows.all():
        empty = Verdict.ungraded(ERASED) if row.state == "waiting" else Verdict(row.outcome, row.credit)
        connection.execute(delete(tables.jobs).where(tables.jobs.c.attempt == row.id))
        connection.execute(delete(tables.reviews).where(tables.reviews.c.attempt == row.id))
        # The hash of a short text can be guessed, so that it goes too; an id in its place equals no other.
        columns = {
            "written": None,
            "text_hash": row.id,
            "meaning_hash": None,
            "verdict": to_json(empty),
            "needs_review": False,
        }
        columns |= {"state": "graded", "outcome": empty.outcome, "request": row.id}
        connection.execute(update(attempts).where(attempts.c.id == row.id).values(columns))
    for table in (tables.sessions, tables.codes, tables.drafts):
        connection.execute(delete(table).where(table.c.person == person))
    columns = {"login": f"erased-{person}", "name": None, "password": None, "erased_at": now_or(now)}
    connection.execute(update(tables.people).where(tables.people.c.id == person).values(columns))
    audit_log.record(connection, actor, "erased", person, now=now)
