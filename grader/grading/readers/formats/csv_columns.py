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
from grader.grading.readers.addresses import Addresses, folded
from grader.grading.readers.formats.encoding import Source
from grader.grading.readers.reading import ReadingBuilder
from grader.grading.readers.values import shown

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
ABOUT = re.compile(
    r"e-?mail|time|date|section|group|course|class|submit|attempt|score|grade|mark|points|comment|login|user|sis|email|"
    r"surname|first|last|token|state|status|duration|started|completed|language|ip\b|consent|when|notes?\b|remark",
    re.IGNORECASE,
)
"""Columns that tables have besides answers."""
DELIMITERS = (",", ";", "\t")
LIST = re.compile(r'\s*\[\s*["\]]')


@dataclass(frozen=True)
class Columns:
    """Where everything stands in a row; ``answers`` maps a column to its address, or else to its own name."""

    width: int
    roles: Mapping[str, int]
    answers: Mapping[int, str]
    nameless: tuple[int, ...] = ()

    def record(self, row: list[str]) -> dict[str, Any]:
        """Return one row in the form of a record; an empty cell is a missing answer."""
        told = {role: unescape_cell(row[index]) for role, index in self.roles.items()}
        answers = {address: written(row[index]) for index, address in self.answers.items() if row[index]}
        student = {"id": told["id"], "name": told.get("name") or None}
        return {"student": student, "problem": told.get("problem", "").strip() or None, "answers": answers}


def sniffed(line: str, addresses: Addresses) -> str:
    """Return the delimiter that makes most known columns of the header, then most columns."""

    def known(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([line], delimiter=delimiter))
        return sum(_role(cell) is not None or addresses.find(cell) is not None for cell in cells), len(cells)

    return max(DELIMITERS, key=known)


def matched(header: list[str], line: int, source: Source, pile: ReadingBuilder) -> Columns:
    """Return what each column of the header holds, with remarks on columns that are unknown or not there."""
    roles: dict[str, int] = {}
    answers: dict[str, int] = {}
    nameless, unknown = [], {}
    for index, cell in enumerate(header):
        name = unescape_cell(cell.strip())
        if role := _role(name):
            _enter(roles, role, index, header, source, line)
        elif address := pile.addresses.find(name) or _meant(name, pile.addresses):
            _enter(answers, address, index, header, source, line)
        elif name:
            unknown[index] = name
        else:
            nameless.append(index)
    if "id" not in roles:
        raise source.refusal("no column holds the student's id; its header is 'student' or 'id'", line)
    missing = [address for address in pile.addresses.known if address not in answers]
    for index, name in unknown.items():
        kept = (
            missing and not ABOUT.search(name) and not nearest(name[:100], ROLES)
        )  # It may hold the answers that have no column.
        if kept:
            _enter(answers, name, index, header, source, line)
        message = f"the column {shown(name)} is not known and was {'not graded' if kept else 'not read'}"
        pile.remark(Complaint(source.name, message, line, suggestion=nearest(name[:100], ROLES)))
    if missing:
        message = f"there is no column for {', '.join(missing)}, so nobody is taken to have answered there"
        pile.remark(Complaint(source.name, message, line))
    return Columns(len(header), roles, {index: address for address, index in answers.items()}, tuple(nameless))


def _role(cell: str) -> str | None:
    return ROLES.get(cell.strip().casefold())


def _meant(name: str, addresses: Addresses) -> str | None:
    """Return the name of an unknown column that was meant for a blank: a person should see its answers."""
    part = folded(name).partition(".")[0]
    if addresses.nearest(name) or any(part == folded(known).partition(".")[0] for known in addresses.known):
        return name
    return None


def _enter(found: dict[str, int], what: str, index: int, header: list[str], source: Source, line: int) -> None:
    if found.setdefault(what, index) != index:
        columns = f"{shown(header[found[what]])} and {shown(header[index])}"
        raise source.refusal(f"two columns hold the same, {columns}; remove one", line)


def written(cell: str) -> Written:
    """Return what was written in a cell; a JSON list of texts is a list.

    >>> written('["wox", "wssx"]'), written("[]"), written("[2, 2]"), written("A, C")
    (('wox', 'wssx'), (), '[2, 2]', 'A, C')
    """
    cell = unescape_cell(cell)
    if not LIST.match(cell):
        return cell
    try:
        items = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    return tuple(items) if all(isinstance(item, str) for item in items) else cell
