"""Enrolment: who is on an exam's list, who may see it and answer now, and extra time (extensions) of single students."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from grader.web.db import tables
from grader.web.db.column_types import equals_bound, now_or
from grader.web.domain import audit_log
from grader.web.domain.accounts.people import Person
from grader.web.domain.exams.exams import Exam, Phase
from grader.web.errors import Closed, NotFound, NotOpenYet

_CLOSES_AT = select(tables.enrolments.c.closes_at).where(
    equals_bound(tables.enrolments.c.exam, tables.enrolments.c.person)
)


def check_can_view(connection: Connection, exam: Exam, person: Person, now: datetime | None = None) -> None:
    """Raise NotFound or NotOpenYet unless this person may see the problems; staff may always."""
    if person.is_staff:
        return
    _extension(connection, exam, person)
    if exam.policy.opens_at and now_or(now) < exam.policy.opens_at:
        raise NotOpenYet


def check_can_answer(connection: Connection, exam: Exam, person: Person, now: datetime | None = None) -> None:
    """Raise NotFound, NotOpenYet or Closed unless this person may answer now."""
    extended = None if person.is_staff else _extension(connection, exam, person)
    phase = exam.phase(extended or exam.policy.closes_at, now)
    if phase is Phase.UPCOMING:
        raise NotOpenYet
    if phase is not Phase.OPEN:
        raise Closed


def closes_at(connection: Connection, exam: Exam, person: Person) -> datetime | None:
    """Return when the exam closes for a person, None if it does not."""
    return (None if person.is_staff else _extension(connection, exam, person)) or exam.policy.closes_at


def _extension(connection: Connection, exam: Exam, person: Person) -> datetime | None:
    """Return the time that a student's extension ends; raises NotFound if the exam is not for them."""
    row = connection.execute(_CLOSES_AT, {"exam": exam.id, "person": person.id}).first()
    if row is None and not exam.policy.everyone:
        raise NotFound
    closes: datetime | None = row.closes_at if row else None
    return closes


def enrol(connection: Connection, exam: Exam, person: Person) -> None:
    """Put a student on an exam's list, if they are not on it yet."""
    which = tables.enrolments
    if connection.execute(_CLOSES_AT, {"exam": exam.id, "person": person.id}).first() is None:
        connection.execute(insert(which).values(exam=exam.id, person=person.id))


def extend(
    connection: Connection,
    exam: Exam,
    person: Person,
    until: datetime | None,
    actor: str | None = None,
    now: datetime | None = None,
) -> None:
    """Let one student answer until another time than the others, or (None) until the same."""
    which = tables.enrolments
    enrol(connection, exam, person)
    change = update(which).where(which.c.exam == exam.id, which.c.person == person.id)
    connection.execute(change.values(closes_at=until))
    until_text = until.isoformat() if until else None
    audit_log.record(connection, actor, "extended", exam.id, now=now, person=person.id, until=until_text)


def enrolled(connection: Connection, exam: Exam) -> list[tuple[Person, datetime | None]]:
    """Return the students on an exam's list with their extensions, by their logins."""
    query = (
        select(tables.people, tables.enrolments.c.closes_at)
        .join(tables.enrolments, tables.enrolments.c.person == tables.people.c.id)
        .where(tables.enrolments.c.exam == exam.id, tables.people.c.erased_at.is_(None))
        .order_by(tables.people.c.login)
    )
    rows = connection.execute(query)
    return [(Person(row.id, row.login, row.name, row.role), row.closes_at) for row in rows]


def is_open_to_anyone(connection: Connection, exam: Exam, now: datetime | None = None) -> bool:
    """True if anybody may still answer, now or later: until then the exam cannot be released."""
    ends = [exam.policy.closes_at, *(until for _, until in enrolled(connection, exam) if until)]
    return any(exam.phase(end, now) in (Phase.UPCOMING, Phase.OPEN) for end in ends)
