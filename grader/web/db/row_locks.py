"""Row locks, always taken in one order, since two transactions could wait for each other for ever otherwise (a deadlock):

1. the exam (``exams.lock_shared`` to answer or upload, ``exams.lock_for_update`` to change or release it),
2. exam problems, by their names (``lock_exam_problem``): only where the review queue may change,
3. people, by their ids (``lock_person``, ``lock_present_people``): before their attempts are read.

A transaction that needs only some of them leaves out the others. What was read before a lock is read again after it. SQLite has
one writer at a time, so that most of them are needed on PostgreSQL only.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from grader.web.db import tables
from grader.web.db.column_types import equals_bound
from grader.web.errors import NotFound

_problems = tables.exam_problems

MAX_PEOPLE_PER_STATEMENT = 1_000
"""Databases limit what one statement holds."""


_PERSON = select(tables.people.c.id).where(equals_bound(tables.people.c.id)).with_for_update(key_share=True)
_PEOPLE = select(tables.people.c.id).where(tables.people.c.erased_at.is_(None)).with_for_update(key_share=True)
_PRESENT = _PERSON.where(tables.people.c.erased_at.is_(None))
_EXAM_PROBLEM = (
    select(_problems.c.position)
    .where(equals_bound(_problems.c.exam, _problems.c.problem))
    .with_for_update(key_share=True)
)


def lock_person(connection: Connection, person: str) -> None:
    """Let nobody else write what belongs to a person, erased or not, until this transaction ends."""
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
        batch = ids[start : start + MAX_PEOPLE_PER_STATEMENT]
        query = _PEOPLE.where(tables.people.c.id.in_(batch)).order_by(tables.people.c.id)
        if len(connection.execute(query).all()) < len(batch):
            raise NotFound


def lock_exam_problem(connection: Connection, exam: str, problem: str) -> None:
    """Let nobody else change the review queue of one problem of an exam until this transaction ends."""
    if connection.dialect.name != "sqlite":
        connection.execute(_EXAM_PROBLEM, {"exam": exam, "problem": problem})
