"""Roster import: students from a CSV are added, enrolled and given login codes; a large file in several short transactions."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection, bindparam, update

from grader.core.files.atomic_write import write_atomically
from grader.core.files.csv_escaping import escape_cell
from grader.web.db import bulk_insert, tables
from grader.web.db.engine import Database
from grader.web.db.types import new_id, now_or
from grader.web.domain import audit_log
from grader.web.domain.accounts import login_codes, people
from grader.web.domain.accounts.people import Person
from grader.web.domain.exams import exams, roster_csv
from grader.web.domain.exams.exams import Exam
from grader.web.domain.exams.roster_csv import RosterLine
from grader.web.settings import Settings

STUDENTS_PER_TRANSACTION = 500
"""On SQLite others can write only between two transactions."""
_RENAME = update(tables.people).where(tables.people.c.id == bindparam("person")).values(name=bindparam("new_name"))


@dataclass(frozen=True)
class IssuedCode:
    """A student with the code that was made for them."""

    id: str
    name: str | None
    code: str = field(repr=False)


@dataclass(frozen=True)
class ImportResult:
    """How many students were read, how many of them are new, what is odd about the file, and the codes that were made."""

    students: int
    new: int
    remarks: tuple[str, ...]
    issued_codes: tuple[IssuedCode, ...] = ()


def import_file(
    database: Database, settings: Settings, file: Path, slug: str | None = None, codes: Path | None = None
) -> ImportResult:
    """Read a roster; raises InputError for a file that is none, and NotFound for an exam that is not there."""
    result = import_bytes(database, settings, file.read_bytes(), str(file), slug, codes is not None)
    if codes:
        _write_codes(codes, result.issued_codes)
    return result


def import_bytes(
    database: Database,
    settings: Settings,
    data: bytes,
    name: str,
    slug: str | None = None,
    codes: bool = False,
    actor: str | None = None,
) -> ImportResult:
    """Read a roster from the bytes of a file called ``name``, and make a code for each student if ``codes``."""
    remarks: list[str] = []
    issued: list[IssuedCode] = []
    students = new = 0
    lines = roster_csv.parse_roster(data, name, remarks)
    with database.reading() as connection:
        exam = exams.find(connection, slug) if slug else None
    for start in range(0, len(lines), STUDENTS_PER_TRANSACTION):
        with database.writing() as connection:
            batch, added = _add_students(connection, lines[start : start + STUDENTS_PER_TRANSACTION], name, remarks)
            if exam:
                _enrol(connection, exam, batch)
            if codes:
                new_codes = login_codes.issue_codes(connection, batch, settings)
                issued += [
                    IssuedCode(person.login, person.name, code) for person, code in zip(batch, new_codes, strict=True)
                ]
        students, new = students + len(batch), new + added
    with database.writing() as connection:
        subject = exam.id if exam else "roster"
        audit_log.record(connection, actor, "roster-read", subject, students=students, new=new, codes=len(issued))
    return ImportResult(students, new, tuple(remarks), tuple(issued))


def _add_students(
    connection: Connection, lines: Sequence[RosterLine], file: str, remarks: list[str]
) -> tuple[list[Person], int]:
    """Return the students of some lines, added or renamed as these say, and how many are new."""
    logins = sorted(line.id for line in lines)
    known = people.by_logins(connection, logins)
    names = {line.id: line.name for line in lines}
    new = [login for login in logins if login not in known]
    if new:
        _add(connection, {login: names[login] for login in new})
        known = people.by_logins(connection, logins)
    students, renamed = [], []
    for line in lines:
        person = known[line.id]
        if person.is_staff:
            remarks.append(f"{file}:{line.number}: {person.login} is one of the staff.")
            continue
        if line.name and line.name != person.name:
            person = replace(person, name=line.name)
            renamed.append({"person": person.id, "new_name": line.name})
        students.append(person)
    if renamed:
        # In the order of ids, in which people are locked everywhere: an update locks its row too.
        connection.execute(_RENAME, sorted(renamed, key=lambda row: row["person"]))
    return students, len(new)


def _add(connection: Connection, names: Mapping[str, str | None]) -> None:
    columns = {"role": "student", "password": None, "created_at": now_or(None)}
    rows = [{"id": new_id(), "login": login, "name": name, **columns} for login, name in names.items()]
    bulk_insert.add_missing(connection, tables.people, rows)


def _enrol(connection: Connection, exam: Exam, students: Sequence[Person]) -> None:
    rows = [{"exam": exam.id, "person": id} for id in sorted(student.id for student in students)]
    bulk_insert.add_missing(connection, tables.enrolments, rows)


def _write_codes(path: Path, issued: Sequence[IssuedCode]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "name", "code"])
    writer.writerows([escape_cell(student.id), escape_cell(student.name or ""), student.code] for student in issued)
    write_atomically(path, out.getvalue(), private=True)  # Whoever reads a code can sign in with it.
