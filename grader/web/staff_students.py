"""The students of an exam: how each stands, how long they may answer, and how they get in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from grader.errors import InputError
from grader.grading import Result, total
from grader.web import entry, exams, people, rosters, sessions
from grader.web.door import Fields, Grader, Instructor, allow, person
from grader.web.exams import Exam, Sheet
from grader.web.people import Person
from grader.web.refusals import Invalid, NotFound, Refused
from grader.web.service import Service
from grader.web.staff_files import Files
from grader.web.staff_marks import results_at
from grader.web.staff_pages import about, address, from_form, in_form, show

router = APIRouter()
NO_FILE = "Choose a CSV file first."


@dataclass(frozen=True)
class Row:
    """One student: how they stand, their points (None while any answer has none), and their own closing time."""

    person: Person
    state: str
    points: Fraction | None
    closes_at: datetime | None


def rows(service: Service, connection: Connection, exam: Exam, sheets: Iterable[Sheet]) -> list[Row]:
    """Return a row for every student on the list, and for others who answered, by their logins."""
    found: dict[str, list[Result]] = {}
    for sheet in sheets:
        for each in results_at(service, connection, exam, sheet)[1]:
            found.setdefault(each.student.id, []).append(each)
    known = {each.login: each for each in people.everyone(connection, "student")}
    until = {who.id: closes for who, closes in exams.enrolled(connection, exam)}
    return [
        Row(known[login], _state(own), total(each.points for each in own), until.get(known[login].id))
        for login, own in sorted(found.items())
    ]


def _state(results: Iterable[Result]) -> str:
    """Say how a student stands: nothing handed in, or the least settled of their results."""
    handed = [each for each in results if each.submission.answers]
    known = {each.status for each in handed}
    words = {"ungraded": "not all graded", "provisional": "to review", "final": "graded"}
    return next((says for status, says in words.items() if status in known), "nothing handed in")


@router.get("/staff/exams/{slug}/students")
def roster(asking: Grader, slug: str) -> Response:
    """List the students of an exam."""
    return _roster(asking, slug)


def _roster(asking: Grader, slug: str, status: int = 200, **more: Any) -> Response:
    with asking.service.database.reading() as connection:
        context = about(connection, slug)
        sheets = exams.sheets(connection, context["exam"])
        listed = rows(asking.service, connection, context["exam"], sheets)
    out_of = sum((blank.points for sheet in sheets for blank in sheet.blanks), Fraction(0))
    given = {"done": None, **context, **more}
    return show(
        asking, "staff_students.html", status, here="students", rows=listed, out_of=out_of,
        may=person(asking).at_least("instructor"), **given,
    )  # fmt: skip


@router.post("/staff/exams/{slug}/students/import")
def take(asking: Instructor, slug: str, fields: Files) -> Response:
    """Read a roster that was uploaded, and show what was read, with the codes if there are new ones."""
    allow(asking, "staff")
    file = fields.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return _roster(asking, slug, 422, wrong=NO_FILE)
    try:
        data = file.file.read()
        codes = "codes" in fields
        done = rosters.take(asking.service, data, file.filename[:100], slug, codes, person(asking).id)
    except InputError as error:
        return _roster(asking, slug, 422, wrong=str(error))
    return _roster(asking, slug, done=done)


@router.get("/staff/exams/{slug}/students/{login:path}")
def one(asking: Grader, slug: str, login: str) -> Response:
    """Show what can be done for one student."""
    return _one(asking, slug, login)


@router.post("/staff/exams/{slug}/extend/{login:path}")
def extend(asking: Instructor, slug: str, login: str, fields: Fields) -> Response:
    """Let a student answer until another time than the others."""
    allow(asking, "staff")
    try:
        until = from_form(str(fields.get("until", "")))
    except Invalid as refused:
        return _one(asking, slug, login, refused=refused)
    with asking.service.database.writing() as connection:
        exam = exams.find(connection, slug)
        who, _ = _listed(connection, exam, login)
        exams.extend(connection, exam, who, until, person(asking).id)
    return RedirectResponse(address(slug, "students", login), 303)


@router.post("/staff/exams/{slug}/code/{login:path}")
def code(asking: Instructor, slug: str, login: str, fields: Fields) -> Response:
    """Make a new code for a student, and show it once; those before it are worthless, and whoever entered by them is out."""
    allow(asking, "staff")
    with asking.service.database.writing() as connection:
        who, _ = _listed(connection, exams.find(connection, slug), login)
        entry.revoke(connection, who, person(asking).id)
        sessions.end_all(connection, who)
        made = entry.code(connection, who, asking.service.settings, actor=person(asking).id)
    return _one(asking, slug, login, code=made)


def _listed(connection: Connection, exam: Exam, login: str) -> tuple[Person, datetime | None]:
    """Return a student with the time until which they alone may answer; raises NotFound."""
    who = people.by_login(connection, login)
    if who is None or who.is_staff:
        raise NotFound
    until = {each.id: closes for each, closes in exams.enrolled(connection, exam)}
    return who, until.get(who.id)


def _one(
    asking: Grader, slug: str, login: str, code: str | None = None, refused: Refused | None = None
) -> Response:
    with asking.service.database.reading() as connection:
        context = about(connection, slug)
        who, until = _listed(connection, context["exam"], login)
        sheets = exams.sheets(connection, context["exam"])
    problems = [(sheet, asking.service.problem(sheet)) for sheet in sheets]
    return show(
        asking, "staff_student.html", refused.status if refused else 200, who=who, until=until, code=code,
        problems=problems, in_form=in_form(until), roles=person(asking), wrong=refused and refused.message, **context,
    )  # fmt: skip
