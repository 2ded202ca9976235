"""Lists of students: read from a CSV, enrolled, and given codes to enter."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.cells import guard, unguard
from grader.errors import Complaint, InputError
from grader.reports.files import write_whole
from grader.web import entry, exams, people
from grader.web.refusals import Refused
from grader.web.service import Service

COLUMNS = {
    "id": ("id", "login", "student", "student id", "student_id", "email", "username"),
    "name": ("name", "full name", "full_name", "student name"),
}
"""What a column may be called; the first that is there is taken."""


@dataclass(frozen=True)
class Handed:
    """A student with the code that was made for them."""

    id: str
    name: str | None
    code: str = field(repr=False)


@dataclass(frozen=True)
class Imported:
    """How many students were read, how many of them are new, what is odd about the file, and the codes that were made."""

    students: int
    new: int
    remarks: tuple[str, ...]
    handed: tuple[Handed, ...] = ()


@dataclass(frozen=True)
class Line:
    """One student of a file."""

    number: int
    id: str
    name: str | None


def import_file(service: Service, file: Path, slug: str | None = None, codes: Path | None = None) -> Imported:
    """Read a roster; raises InputError for a file that is none, and NotFound for an exam that is not there."""
    done = take(service, file.read_bytes(), str(file), slug, codes is not None)
    if codes:
        _write(codes, done.handed)
    return done


def take(
    service: Service, data: bytes, name: str, slug: str | None = None, codes: bool = False, actor: str | None = None
) -> Imported:  # fmt: skip
    """Read a roster from the bytes of a file called ``name``, and make a code for each student if ``codes``."""
    remarks: list[str] = []
    handed: list[Handed] = []
    students = new = 0
    lines = _read(data, name, remarks)
    with service.database.writing() as connection:
        exam = exams.find(connection, slug) if slug else None
        for line in lines:
            known = people.by_login(connection, line.id)
            try:
                person = people.student(connection, line.id, line.name, actor=actor)
            except Refused as refused:
                remarks.append(f"{name}:{line.number}: {refused.message}")
                continue
            students, new = students + 1, new + (known is None)
            if exam:
                exams.enrol(connection, exam, person)
            if codes:
                made = entry.code(connection, person, service.settings, actor=actor)
                handed.append(Handed(person.login, person.name, made))
    return Imported(students, new, tuple(remarks), tuple(handed))


def _read(data: bytes, file: str, remarks: list[str]) -> list[Line]:
    try:
        return list(_lines(data, file, remarks))
    except csv.Error as error:
        raise InputError(Complaint(file, f"is not a table as CSV: {error}")) from error


def _lines(data: bytes, file: str, remarks: list[str]) -> Iterator[Line]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(Complaint(file, f"is not UTF-8 text (byte {error.start})")) from error
    first = text.partition("\n")[0]
    table = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    header = [cell.strip().casefold() for cell in next(table, [])]
    places = {
        role: next((header.index(each) for each in names if each in header), None)
        for role, names in COLUMNS.items()
    }
    where = places["id"]
    if where is None:
        raise InputError(
            Complaint(file, f"a column with the students' ids is needed, named {', '.join(COLUMNS['id'])}", 1)
        )
    seen: dict[str, int] = {}
    for row in table:
        cells = [unguard(cell).strip() for cell in row]
        if not any(cells):
            continue
        id_ = cells[where] if where < len(cells) else ""
        number, named = table.line_num, places["name"]
        if not id_:
            remarks.append(f"{file}:{number}: there is no id in this line; it was left out")
        elif id_.casefold() in seen:
            remarks.append(
                f"{file}:{number}: {id_!r} stands in line {seen[id_.casefold()]} too; this line was left out"
            )
        else:
            seen[id_.casefold()] = number
            yield Line(
                number, id_, (cells[named] or None) if named is not None and named < len(cells) else None
            )


def _write(path: Path, handed: Sequence[Handed]) -> None:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["id", "name", "code"])
    rows.writerows([guard(each.id), guard(each.name or ""), each.code] for each in handed)
    write_whole(path, out.getvalue())
