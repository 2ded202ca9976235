"""Row locks, always taken in one order: exam, exam problem, people by id.

SQLite has one writer at a time, so that most of them are needed on PostgreSQL only.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from grader.web.db import tables
from grader.web.db.types import equals_bound
from grader.web.errors import NotFound

_sheets = tables.exam_problems

MAX_PEOPLE_PER_STATEMENT = 1_000
"""People who are locked by one statement."""


_PERSON = select(tables.people.c.id).where(equals_bound(tables.people.c.id)).with_for_update(key_share=True)
_PEOPLE = select(tables.people.c.id).where(tables.people.c.erased_at.is_(None)).with_for_update(key_share=True)
_PRESENT = _PERSON.where(tables.people.c.erased_at.is_(None))
_SHEET = (
    select(_sheets.c.position).where(equals_bound(_sheets.c.exam, _sheets.c.problem)).with_for_update(key_share=True)
)


def lock_person(connection: Connection, person: str) -> None:
    """Let nobody else write what belongs to a person until this transaction ends; on SQLite nobody writes anyway."""
    if connection.dialect.name != "sqlite":
        connection.execute(_PERSON, {"id": person})


def lock_present_person(connection: Connection, person: str) -> None:
    """Lock a person who is about to write something; raises NotFound if they were erased meanwhile."""
    if connection.execute(_PRESENT, {"id": person}).first() is None:
        raise NotFound


def lock_present_people(connection: Connection, people: Sequence[str]) -> None:
    """Lock many people, in the order of their ids; raises NotFound if one was erased meanwhile."""
    ids = sorted(set(people))
    for start in range(0, len(ids), MAX_PEOPLE_PER_STATEMENT):
        some = ids[start : start + MAX_PEOPLE_PER_STATEMENT]
        query = _PEOPLE.where(tables.people.c.id.in_(some)).order_by(tables.people.c.id)
        if len(connection.execute(query).all()) < len(some):
            raise NotFound


def lock_exam_problem(connection: Connection, exam: str, problem: str) -> None:
    """Let nobody else change what waits for a person at one problem; always before a person is locked."""
    if connection.dialect.name != "sqlite":
        connection.execute(_SHEET, {"exam": exam, "problem": problem})
