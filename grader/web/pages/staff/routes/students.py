"""The students of an exam: their states and points, searched and paged, and roster import from CSV files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.responses import Response

from grader.core.errors import InputError
from grader.web.domain.attempts.gradebook import STATES, StudentResults, out_of, student_results
from grader.web.domain.exams import exams, roster_import
from grader.web.http.auth import RequireGrader, RequireInstructor, limit_rate, signed_in_person
from grader.web.pages.staff.pagination import paginate
from grader.web.pages.staff.rendering import exam_context, exam_url, render
from grader.web.pages.staff.upload_form import UploadFields

router = APIRouter()
NO_FILE = "Choose a CSV file first."
STUDENTS_PER_PAGE = 50
MAX_FILE_NAME_CHARACTERS = 100


class Search(NamedTuple):
    """What the list is narrowed down to: words of ids or names, one state, and the page of what remains."""

    words: str = ""
    state: str = ""
    page: str = ""


EVERYONE = Search()


@router.get("/staff/exams/{slug}/students")
def list_students(visitor: RequireGrader, slug: str, q: str = "", state: str = "", page: str = "") -> Response:
    """List the students of an exam whose id or name holds the words, and who are in the state."""
    return _students_page(visitor, slug, search=Search(q.strip(), state, page))


@router.post("/staff/exams/{slug}/students/import")
def import_roster(visitor: RequireInstructor, slug: str, fields: UploadFields) -> Response:
    """Import a roster and show what was imported, with the login codes if there are new ones."""
    limit_rate(visitor, "staff")
    file = fields.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return _students_page(visitor, slug, 422, error=NO_FILE)
    service, actor = visitor.service, signed_in_person(visitor).id
    name, with_codes = file.filename[:MAX_FILE_NAME_CHARACTERS], "codes" in fields
    try:
        imported = roster_import.import_bytes(
            service.database, service.settings, file.file.read(), name, slug, with_codes, actor
        )
    except InputError as error:
        return _students_page(visitor, slug, 422, error=str(error))
    return _students_page(visitor, slug, imported=imported)


def matching_rows(student_rows: Sequence[StudentResults], words: str, state: str) -> list[StudentResults]:
    """Return the students whose id or name holds all words, of one state if it is given."""
    wanted = words.casefold().split()
    return [
        row
        for row in student_rows
        if (not state or row.state == state)
        and all(word in f"{row.person.login} {row.person.name or ''}".casefold() for word in wanted)
    ]


def _students_page(
    visitor: RequireGrader, slug: str, status: int = 200, search: Search = EVERYONE, **more: Any
) -> Response:
    service = visitor.service
    with service.database.reading() as connection:
        context = exam_context(connection, slug)
        exam_problems = exams.exam_problems(connection, context["exam"])
        secret = service.settings.grading_secret
        student_rows = student_results(connection, context["exam"], exam_problems, service.problem_cache, secret)
    query = urlencode({"q": search.words, "state": search.state})
    found = matching_rows(student_rows, search.words, search.state)
    return render(
        visitor,
        "staff/students.html",
        status,
        active_tab="students",
        total=len(student_rows),
        page=paginate(found, search.page, STUDENTS_PER_PAGE),
        q=search.words,
        state=search.state,
        states=STATES,
        link=f"{exam_url(slug, 'students')}?{query}&",
        out_of=out_of(exam_problems),
        can_import=signed_in_person(visitor).at_least("instructor"),
        **({"imported": None} | context | more),
    )
