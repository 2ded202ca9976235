"""Lists of students: read from a CSV, enrolled, and given codes to enter; a large one in several short transactions."""

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
"""Students of one transaction: on SQLite others write only between two of them."""
_RENAME = update(tables.people).where(tables.people.c.id == bindparam("whose")).values(name=bindparam("called"))


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
    done = import_bytes(database, settings, file.read_bytes(), str(file), slug, codes is not None)
    if codes:
        _write(codes, done.issued_codes)
    return done


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
    handed: list[IssuedCode] = []
    students = new = 0
    lines = roster_csv.parse_roster(data, name, remarks)
    with database.reading() as connection:
        exam = exams.find(connection, slug) if slug else None
    for start in range(0, len(lines), STUDENTS_PER_TRANSACTION):
        with database.writing() as connection:
            found, added = _students(connection, lines[start : start + STUDENTS_PER_TRANSACTION], name, remarks)
            if exam:
                _enrol(connection, exam, found)
            if codes:
                made = login_codes.issue_codes(connection, found, settings)
                handed += [IssuedCode(who.login, who.name, code) for who, code in zip(found, made, strict=True)]
        students, new = students + len(found), new + added
    with database.writing() as connection:
        subject = exam.id if exam else "roster"
        audit_log.record(connection, actor, "roster-read", subject, students=students, new=new, codes=len(handed))
    return ImportResult(students, new, tuple(remarks), tuple(handed))


def _students(
    connection: Connection, lines: Sequence[RosterLine], file: str, remarks: list[str]
) -> tuple[list[Person], int]:
    """Return the students of some lines, added or renamed as these say, and how many are new."""
    logins = sorted(each.id for each in lines)
    known = people.by_logins(connection, logins)
    names = {each.id: each.name for each in lines}
    new = [login for login in logins if login not in known]
    if new:
        _add(connection, {login: names[login] for login in new})
        known = people.by_logins(connection, logins)
    found, renamed = [], []
    for each in lines:
        who = known[each.id]
        if who.is_staff:
            remarks.append(f"{file}:{each.number}: {who.login} is one of the staff.")
            continue
        if each.name and each.name != who.name:
            who = replace(who, name=each.name)
            renamed.append({"whose": who.id, "called": each.name})
        found.append(who)
    if renamed:
        connection.execute(_RENAME, sorted(renamed, key=lambda each: each["whose"]))
    return found, len(new)


def _add(connection: Connection, names: Mapping[str, str | None]) -> None:
    given = {"role": "student", "password": None, "created_at": now_or(None)}
    rows = [{"id": new_id(), "login": login, "name": name, **given} for login, name in names.items()]
    bulk_insert.add_missing(connection, tables.people, rows)


def _enrol(connection: Connection, exam: Exam, students: Sequence[Person]) -> None:
    rows = [{"exam": exam.id, "person": id} for id in sorted(each.id for each in students)]
    bulk_insert.add_missing(connection, tables.enrolments, rows)


def _write(path: Path, handed: Sequence[IssuedCode]) -> None:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["id", "name", "code"])
    rows.writerows([escape_cell(each.id), escape_cell(each.name or ""), each.code] for each in handed)
    write_atomically(path, out.getvalue())
