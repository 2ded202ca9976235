"""Roster import from CSV: a line for each student, with an id and perhaps a name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from grader.core.errors import Complaint, InputError
from grader.core.files.csv_escaping import unescape_cell
from grader.web.db.types import one_line
from grader.web.errors import ServiceError

COLUMN_NAMES = {
    "id": ("id", "login", "student", "student id", "student_id", "email", "username"),
    "name": ("name", "full name", "full_name", "student name"),
}
"""What a column may be called; the first name that is there counts."""


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
