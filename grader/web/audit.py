"""The log of every act that changes a mark or who may see what: only ever added to; ids, no names and no answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from grader.web import tables
from grader.web.columns import now_or


@dataclass(frozen=True)
class Act:
    """Who (a person's id, None for the service itself) did what to what, and when."""

    id: int
    at: datetime
    actor: str | None
    action: str
    subject: str
    details: dict[str, Any]


def note(
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


def acts(
    connection: Connection, subject: str | None = None, before: int | None = None, most: int = 200
) -> list[Act]:
    """Return the latest acts, or those on one subject, the newest first; ``before`` is the id at which a page ends."""
    query = select(tables.audit).order_by(tables.audit.c.id.desc()).limit(most)
    if subject is not None:
        query = query.where(tables.audit.c.subject == subject)
    if before is not None:
        query = query.where(tables.audit.c.id < before)
    return [Act(**row) for row in connection.execute(query).mappings()]
