"""The header of a CSV table: which column holds the student, which a blank, and what a cell means."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.core.errors import Complaint, nearest
from grader.core.files.csv_escaping import unescape_cell
from grader.core.submission import Written
from grader.grading.readers.addresses import Addresses, normalize
from grader.grading.readers.formats.encoding import Source
from grader.grading.readers.reading import ReadResultBuilder
from grader.grading.readers.values import quoted

ROLES = {
    "student": "id",
    "student.id": "id",
    "student id": "id",
    "student_id": "id",
    "id": "id",
    "name": "name",
    "student.name": "name",
    "student name": "name",
    "student_name": "name",
    "problem": "problem",
}
METADATA_NAME = re.compile(
    r"e-?mail|time|date|section|group|course|class|submit|attempt|score|grade|mark|points|comment|login|user|sis|email|"
    r"surname|first|last|token|state|status|duration|started|completed|language|ip\b|consent|when|notes?\b|remark",
    re.IGNORECASE,
)
"""Columns that tables have besides answers."""
DELIMITERS = (",", ";", "\t")
JSON_LIST = re.compile(r'\s*\[\s*["\]]')


@dataclass(frozen=True)
class Columns:
    """Where everything stands in a row; ``answers`` maps a column to its address, or else to its own name."""

    width: int
    roles: Mapping[str, int]
    answers: Mapping[int, str]
    nameless: tuple[int, ...] = ()

    def record(self, row: list[str]) -> dict[str, Any]:
        """Return one row in the form of a record; an empty cell is a missing answer."""
        values = {role: unescape_cell(row[index]) for role, index in self.roles.items()}
        answers = {address: parse_cell(row[index]) for index, address in self.answers.items() if row[index]}
        student = {"id": values["id"], "name": values.get("name") or None}
        return {"student": student, "problem": values.get("problem", "").strip() or None, "answers": answers}


def sniff_delimiter(line: str, addresses: Addresses) -> str:
    """Return the delimiter that makes most known columns of the header, then most columns."""

    def score(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([line], delimiter=delimiter))
        return sum(_role(cell) is not None or addresses.find(cell) is not None for cell in cells), len(cells)

    return max(DELIMITERS, key=score)


def match_columns(header: list[str], line: int, source: Source, builder: ReadResultBuilder) -> Columns:
    """Return what each column of the header holds, with remarks on columns that are unknown or not there."""
    roles: dict[str, int] = {}
    answers: dict[str, int] = {}
    nameless, unknown = [], {}
    for index, cell in enumerate(header):
        name = unescape_cell(cell.strip())
        if role := _role(name):
            _assign(roles, role, index, header, source, line)
        elif address := builder.addresses.find(name) or _address_like(name, builder.addresses):
            _assign(answers, address, index, header, source, line)
        elif name:
            unknown[index] = name
        else:
            nameless.append(index)
    if "id" not in roles:
        raise source.refusal("no column holds the student's id; its header is 'student' or 'id'", line)
    missing = [address for address in builder.addresses.known if address not in answers]
    for index, name in unknown.items():
        may_be_answers = (
            missing and not METADATA_NAME.search(name) and not nearest(name[:100], ROLES)
        )  # It may hold the answers that have no column.
        if may_be_answers:
            _assign(answers, name, index, header, source, line)
        message = f"the column {quoted(name)} is not known and was {'not graded' if may_be_answers else 'not read'}"
        builder.add_remark(Complaint(source.name, message, line, suggestion=nearest(name[:100], ROLES)))
    if missing:
        message = f"there is no column for {', '.join(missing)}, so nobody is taken to have answered there"
        builder.add_remark(Complaint(source.name, message, line))
    return Columns(len(header), roles, {index: address for address, index in answers.items()}, tuple(nameless))


def _role(cell: str) -> str | None:
    return ROLES.get(cell.strip().casefold())


def _address_like(name: str, addresses: Addresses) -> str | None:
    """Return the name of an unknown column that was meant for a blank: a person should see its answers."""
    part = normalize(name).partition(".")[0]
    if addresses.nearest(name) or any(part == normalize(known).partition(".")[0] for known in addresses.known):
        return name
    return None


def _assign(columns: dict[str, int], what: str, index: int, header: list[str], source: Source, line: int) -> None:
    if columns.setdefault(what, index) != index:
        pair = f"{quoted(header[columns[what]])} and {quoted(header[index])}"
        raise source.refusal(f"two columns hold the same, {pair}; remove one", line)


def parse_cell(cell: str) -> Written:
    """Return what was written in a cell; a JSON list of texts is a list.

    >>> parse_cell('["wox", "wssx"]'), parse_cell("[]"), parse_cell("[2, 2]"), parse_cell("A, C")
    (('wox', 'wssx'), (), '[2, 2]', 'A, C')
    """
    cell = unescape_cell(cell)
    if not JSON_LIST.match(cell):
        return cell
    try:
        items = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    return tuple(items) if all(isinstance(item, str) for item in items) else cell
