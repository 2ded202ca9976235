"""The audit log: who did what that changes a mark or who may see it; append-only, with ids, no names and no answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select

from grader.web.db import tables
from grader.web.db.column_types import now_or


@dataclass(frozen=True)
class AuditEvent:
    """Who (a person's id, None for the service itself) did what to what, and when."""

    id: int
    at: datetime
    actor: str | None
    action: str
    subject: str
    details: dict[str, Any]


def record(
    connection: Connection,
    actor: str | None,
    action: str,
    subject: str,
    *,
    now: datetime | None = None,
    **details: Any,
) -> None:
    """Add one act; ``subject`` and ``details`` hold ids, numbers and words of ours only."""
    row = {"at": now_or(now), "actor": actor, "action": action, "subject": subject, "details": details}
    connection.execute(insert(tables.audit).values(row))


def events(
    connection: Connection,
    subject: str | None = None,
    before: int | None = None,
    limit: int = 200,
    *,
    action: str | None = None,
    person: str | None = None,
) -> list[AuditEvent]:
    """Return the latest acts, the newest first; ``before`` is the id at which a page ends.

    Those on one subject, of one action, or that a person did or that concern them.
    """
    which = tables.audit.c
    query = select(tables.audit).order_by(which.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(which.subject == subject)
    if before is not None:
        query = query.where(which.id < before)
    if action is not None:
        query = query.where(which.action == action)
    if person is not None:
        theirs = which.details["person"].as_string() == person
        query = query.where(or_(which.actor == person, which.subject == person, theirs))
    return [AuditEvent(**row) for row in connection.execute(query).mappings()]


def actions(connection: Connection) -> list[str]:
    """Return the actions that there are in the log, by their names."""
    which = tables.audit.c.action
    return list(connection.execute(select(which).distinct().order_by(which)).scalars())
