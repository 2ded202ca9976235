"""Uploads: submissions that staff hand in for a class, such as a typed paper exam; graded after students' own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from grader.core.printable import storable
from grader.core.submission import Submission, is_blank
from grader.web.db import bulk_insert, row_locks, tables
from grader.web.db.column_types import new_id, now_or
from grader.web.domain import audit_log
from grader.web.domain.accounts import people
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts
from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Exam
from grader.web.domain.grading import submit
from grader.web.errors import NotFound
from grader.web.settings import ServiceLimits


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
    limits: ServiceLimits = attempts.DEFAULT_LIMITS,
    now: datetime | None = None,
) -> Upload:
    """Store the answers of many students with jobs to grade them; who is not on the list is put on it.

    What is empty, or of no blank of the exam, is left out. Raises NotFound for a problem that the exam has not.
    """
    moment, id = now_or(now), new_id()
    connection.execute(
        insert(tables.uploads).values(id=id, exam=exam.id, by=by.id, name=storable(name, 200), at=moment)
    )
    lock(connection, exam, (submission.problem for submission in submissions))
    owners = _add_students(connection, exam, submissions, by)
    last = _last_numbers(connection, exam)
    rows = []
    names = {submission.problem for submission in submissions}
    problems = {name: exams.exam_problem(connection, exam, name) for name in names}
    for submission in submissions:
        exam_problem = problems[submission.problem]
        addresses = {each.address for each in exam_problem.blanks}
        for blank, written in submission.answers.items():
            if blank not in addresses or is_blank(written):
                continue
            attempts.check_size(written, limits)
            key = (owners[submission.student.id], exam_problem.problem, blank)
            last[key] = last.get(key, 0) + 1
            rows.append(
                submit.uploaded_row(exam_problem, blank, key[0], written, last[key], moment, id, submission.held_reason)
            )
    if rows:
        submit.insert_attempts(connection, *rows)
    audit_log.record(connection, by.id, "uploaded", id, now=now, exam=exam.id, answers=len(rows))
    return find(connection, exam, id)


def lock(connection: Connection, exam: Exam, problems: Iterable[str]) -> None:
    """Let nobody else change what an upload changes; to be called before what is new in it is found out."""
    exams.lock_shared(connection, exam)
    for problem in sorted(set(problems)):
        row_locks.lock_exam_problem(connection, exam.id, problem)


def _add_students(connection: Connection, exam: Exam, submissions: Sequence[Submission], by: Person) -> dict[str, str]:
    """Return the ids of the students by their logins; new ones are added, and all are put on the exam's list."""
    names = {submission.student.id: submission.student.name for submission in submissions}
    known = people.get_or_create_students(connection, names, actor=by.id)
    owners = {login: known[login].id for login in names}
    rows = [{"exam": exam.id, "person": id} for id in sorted(set(owners.values()))]
    bulk_insert.add_missing(connection, tables.enrolments, rows)
    return owners


def _last_numbers(connection: Connection, exam: Exam) -> dict[tuple[str, str, str], int]:
    """Return the number of the last attempt of each person at each problem and blank."""
    which = tables.attempts
    columns = (which.c.person, which.c.problem, which.c.blank)
    rows = connection.execute(
        select(*columns, func.max(which.c.number)).where(which.c.exam == exam.id).group_by(*columns)
    )
    return {(person, problem, blank): number for person, problem, blank, number in rows}


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
    return [Upload(row.id, row.name, row.by, row.at, row.answers, row.graded) for row in connection.execute(query)]
