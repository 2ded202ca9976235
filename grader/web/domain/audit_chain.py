"""Audit chain: each event of the audit log is linked to the one before by an HMAC with the service's secret.

Who changes events in the database cannot make the links that follow: ``verify`` shows what was changed, removed or put between others.
Who takes away links too is shown by a head that was kept elsewhere (``grader audit head``): the service links what has no link, whoever
wrote it. An event is linked a moment after it was recorded; until then it is not protected.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, text

from grader.web.db import tables
from grader.web.db.engine import Database
from grader.web.domain import secret_fingerprint
from grader.web.settings import Settings

PURPOSE = "audit"
"""Of the key, in ``Settings.key``."""
EVENTS_PER_BATCH = 1_000
MAX_IDS_IN_FLIGHT = 10_000
"""Ids of events that transactions may have taken and not committed yet."""
BEGINNING = "0" * 64
"""What the first event is linked to."""
_AUDIT, _LINKS = tables.audit, tables.audit_links
_WITHOUT_LINK = _AUDIT.c.id.not_in(select(_LINKS.c.event))
# Not the whole log each time: an id that a transaction took earlier is at most so much smaller than the last one linked.
_RECENT = _AUDIT.c.id > select(func.coalesce(func.max(_LINKS.c.event), 0) - MAX_IDS_IN_FLIGHT).scalar_subquery()
_UNLINKED = select(_AUDIT).where(_RECENT, _WITHOUT_LINK).order_by(_AUDIT.c.id).limit(bindparam("most"))
_LAST = select(_LINKS).order_by(_LINKS.c.position.desc()).limit(1)


@dataclass(frozen=True)
class Head:
    """The end of a chain: how many events it has, and the last link."""

    events: int
    link: str

    def __str__(self) -> str:
        """Return the text that is kept elsewhere."""
        return f"{self.events}:{self.link}"


@dataclass(frozen=True)
class ChainReport:
    """What ``verify`` found: the head, how many events have no link yet, and what is wrong."""

    head: Head
    unlinked: int
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """True if nothing is wrong."""
        return not self.problems


def has_unlinked(connection: Connection) -> bool:
    """True if any event has no link yet: ask this first, since linking keeps other writers waiting."""
    return connection.execute(_UNLINKED, {"most": 1}).first() is not None


def link_events(connection: Connection, key: bytes) -> int:
    """Link the next events that have no link yet, in the order of their ids, and return how many they were."""
    if connection.dialect.name == "postgresql":  # On SQLite there is one writer at a time.
        connection.execute(text("LOCK TABLE audit_links IN EXCLUSIVE MODE"))
    last = connection.execute(_LAST).first()
    link = BEGINNING if last is None else last.link
    rows = []
    for event in connection.execute(_UNLINKED, {"most": EVENTS_PER_BATCH}).mappings():
        link = _link(key, link, event)
        rows.append({"event": event["id"], "link": link})
    if rows:
        connection.execute(insert(_LINKS), rows)
    return len(rows)


def head(connection: Connection) -> Head:
    """Return the head as the database has it."""
    last = connection.execute(_LAST).first()
    count = connection.execute(select(func.count()).select_from(_LINKS)).scalar_one()
    return Head(count, BEGINNING if last is None else last.link)


def link_all(database: Database, settings: Settings) -> None:
    """Link all events that have no link yet, in transactions that keep nobody waiting for long.

    With another secret than the database's they wait: their links would never hold again.
    """
    while True:
        with database.reading() as connection:
            if not has_unlinked(connection) or secret_fingerprint.is_another(connection, settings):
                return
        with database.writing() as connection:
            link_events(connection, settings.key(PURPOSE))


def verify(connection: Connection, key: bytes, kept: Head | None = None) -> ChainReport:
    """Compute the chain anew and compare; ``kept`` is a head from before, which must be part of it."""
    problems: list[str] = []
    link, events = BEGINNING, 0
    links: dict[int, str] = {}
    for row in _joined(connection):
        events += 1
        expected = None if row["id"] is None else _link(key, link, row)
        if row["id"] is None:
            problems.append(f"event {row['event']} was removed")
        elif expected != row["link"]:
            problems.append(f"event {row['event']} or its link was changed, or the secret is another one")
        # From here on as the database has it: else every later event would look changed.
        link = row["link"]
        links[events] = link
    unlinked = connection.execute(select(func.count()).select_from(_AUDIT).where(_WITHOUT_LINK)).scalar_one()
    head = Head(events, link)
    if kept is not None and kept.events > events:
        problems.append(f"{kept.events - events} events that were there are cut off")
    elif kept is not None and kept.events and links[kept.events] != kept.link:
        problems.append(f"the first {kept.events} events are not those that were there")
    return ChainReport(head, unlinked, tuple(problems))


def _joined(connection: Connection) -> Iterator[Any]:
    query = select(_LINKS, _AUDIT).join(_AUDIT, _AUDIT.c.id == _LINKS.c.event, isouter=True)
    yield from connection.execute(query.order_by(_LINKS.c.position)).mappings()


def parse_head(written: str) -> Head:
    """Read a head; raises ValueError."""
    events, _, link = written.strip().partition(":")
    if len(link) != len(BEGINNING):
        raise ValueError("a head is a number, a colon and 64 characters, as grader audit head prints it")
    return Head(int(events), link)


def _link(key: bytes, before: str, event: Any) -> str:
    told = [event["id"], event["at"].isoformat(), event["actor"], event["action"], event["subject"], event["details"]]
    return hmac.new(key, f"{before}{json.dumps(told, sort_keys=True)}".encode(), hashlib.sha256).hexdigest()
