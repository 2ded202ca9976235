"""Roster import: students from a CSV are added, enrolled and given login codes; a large file in several short transactions."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection, bindparam, update

from grader.core.errors import Complaint, InputError
from grader.core.files.atomic_write import write_atomically
from grader.core.files.csv_escaping import escape_cell, unescape_cell
from grader.web.db import bulk_insert, tables
from grader.web.db.column_types import new_id, now_or, one_line
from grader.web.db.engine import Database
from grader.web.domain import audit_log
from grader.web.domain.accounts import login_codes, people
from grader.web.domain.accounts.people import Person
from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Exam
from grader.web.errors import ServiceError
from grader.web.settings import Settings

COLUMN_NAMES = {
    "id": ("id", "login", "student", "student id", "student_id", "email", "username"),
    "name": ("name", "full name", "full_name", "student name"),
}
"""What a column may be called; the first name that is there counts."""
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
    lines = parse_roster(data, name, remarks)
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


@dataclass(frozen=True)
class RosterLine:
    """One student of a file."""

    number: int
    id: str
    name: str | None


def parse_roster(data: bytes, file: str, remarks: list[str]) -> list[RosterLine]:
    """Return the students in the bytes of a file, each once, with remarks on lines that were left out; raises InputError."""
    try:
        return list(_lines(data, file, remarks))
    except csv.Error as error:
        raise InputError(Complaint(file, f"is not a table as CSV: {error}")) from error


def _lines(data: bytes, file: str, remarks: list[str]) -> Iterator[RosterLine]:
    table = _table(data, file)
    header = [cell.strip().casefold() for cell in next(table, (1, []))[1]]
    columns = {
        role: next((header.index(name) for name in names if name in header), None)
        for role, names in COLUMN_NAMES.items()
    }
    id_column, name_column = columns["id"], columns["name"]
    if id_column is None:
        raise InputError(
            Complaint(file, f"a column with the students' ids is needed, named {', '.join(COLUMN_NAMES['id'])}", 1)
        )
    seen: dict[str, int] = {}
    for number, row in table:
        cells = [unescape_cell(cell).strip() for cell in row]
        if not any(cells):
            continue
        id = cells[id_column] if id_column < len(cells) else ""
        name = (cells[name_column] or None) if name_column is not None and name_column < len(cells) else None
        line = RosterLine(number, id, name)
        if reason := _reason_to_skip(line, seen):
            remarks.append(f"{file}:{line.number}: {reason}")
        else:
            seen[id.casefold()] = line.number
            yield line


def _table(data: bytes, file: str) -> Iterator[tuple[int, list[str]]]:
    """Yield every row with the line that it ends in."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(Complaint(file, f"is not UTF-8 text (byte {error.start})")) from error
    first = text.partition("\n")[0]
    table = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    for row in table:
        yield table.line_num, row


def _reason_to_skip(line: RosterLine, seen: dict[str, int]) -> str | None:
    """Return why a line is left out, None if it is not."""
    if not line.id:
        return "there is no id in this line; it was left out"
    if line.id.casefold() in seen:
        return f"{line.id!r} stands in line {seen[line.id.casefold()]} too; this line was left out"
    try:
        one_line(line.id, "login")
        one_line(line.name or "nobody", "name")
    except ServiceError as error:
        return error.message
    return None
