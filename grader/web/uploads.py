"""Submissions that staff hand in for a class, such as a paper exam that was typed; graded after students' own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from grader.submission import Submission, is_blank
from grader.verdict import Verdict
from grader.web import attempts, audit, exams, handing_in, people, tables
from grader.web.columns import digest, new_id, now_or, printable
from grader.web.exams import Exam
from grader.web.people import Person
from grader.web.refusals import NotFound
from grader.web.settings import Limits


@dataclass(frozen=True)
class Upload:
    """One upload with its progress in answers."""

    id: str
    name: str
    by: str
    at: datetime
    answers: int
    graded: int


def upload(
    connection: Connection,
    exam: Exam,
    name: str,
    submissions: Sequence[Submission],
    by: Person,
    limits: Limits = attempts.LIMITS,
    now: datetime | None = None,
) -> Upload:
    """Keep the answers of many students with the work of grading them; whoever is not on the list is put on it.

    What is empty, or of no blank of the exam, is left out. Raises NotFound for a problem that the exam has not.
    """
    moment, id = now_or(now), new_id()
    connection.execute(
        insert(tables.uploads).values(id=id, exam=exam.id, by=by.id, name=printable(name, 200), at=moment)
    )
    many = sum(_take(connection, exam, each, id, limits, moment, by.id) for each in submissions)
    audit.note(connection, by.id, "uploaded", id, now=now, exam=exam.id, answers=many)
    return find(connection, exam, id)


def _take(
    connection: Connection, exam: Exam, given: Submission, upload: str, limits: Limits, now: datetime, by: str
) -> int:
    person = people.student(connection, given.student.id, given.student.name, actor=by)
    exams.enrol(connection, exam, person)
    sheet = exams.sheet(connection, exam, given.problem)
    known = {each.address for each in sheet.blanks}
    last = {each.blank: each.number for each in attempts.attempts_of(connection, exam, person, sheet.problem)}
    many = 0
    for blank, written in given.answers.items():
        if blank not in known or is_blank(written):
            continue
        attempts.checked(written, limits)
        request, number = digest(upload, blank), last.get(blank, 0) + 1
        held = Verdict.undecided(given.held) if given.held else None
        handing_in.put(connection, sheet, blank, person.id, written, request, number, now, upload, held)
        many += 1
    return many


def _query() -> Any:
    which, states = tables.uploads, tables.attempts.c.state
    done = func.count().filter(states == "graded")
    return (
        select(which, func.count(states).label("answers"), done.label("graded"))
        .outerjoin(tables.attempts, tables.attempts.c.upload == which.c.id)
        .group_by(which.c.id)
    )


def find(connection: Connection, exam: Exam, id: str) -> Upload:
    """Return an upload with its progress; raises NotFound."""
    for each in uploads_of(connection, exam):
        if each.id == id:
            return each
    raise NotFound


def uploads_of(connection: Connection, exam: Exam) -> list[Upload]:
    """Return the uploads to an exam, the newest first."""
    query = _query().where(tables.uploads.c.exam == exam.id).order_by(tables.uploads.c.at.desc())
    return [
        Upload(row.id, row.name, row.by, row.at, row.answers, row.graded) for row in connection.execute(query)
    ]
