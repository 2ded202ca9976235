"""The students of an exam: how each stands, found by name and state a page at a time, and lists that are read from files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.responses import Response

from grader.core.errors import InputError
from grader.web.domain.attempts.class_results import STATES, StudentResults, out_of, student_results
from grader.web.domain.exams import exams, rosters
from grader.web.http.auth import RequireGrader, RequireInstructor, limit_rate, signed_in_person
from grader.web.pages.staff.pagination import paged
from grader.web.pages.staff.rendering import about, address, show
from grader.web.pages.staff.upload_form import Files

router = APIRouter()
NO_FILE = "Choose a CSV file first."
LISTED = 50


@router.get("/staff/exams/{slug}/students")
def roster(visitor: RequireGrader, slug: str, q: str = "", state: str = "", page: str = "") -> Response:
    """List the students of an exam, those whose id or name holds some words and who stand in some way."""
    return _roster(visitor, slug, wanted=(q.strip(), state, page))


def found(listed: Sequence[StudentResults], words: str, state: str) -> list[StudentResults]:
    """Return the students whose id or name holds all words, of one state if it is stated."""
    parts = words.casefold().split()
    return [
        each
        for each in listed
        if (not state or each.state == state)
        and all(part in f"{each.person.login} {each.person.name or ''}".casefold() for part in parts)
    ]


def _roster(
    visitor: RequireGrader, slug: str, status: int = 200, wanted: tuple[str, str, str] = ("", "", ""), **more: Any
) -> Response:
    q, state, page = wanted
    with visitor.service.database.reading() as connection:
        context = about(connection, slug)
        sheets = exams.exam_problems(connection, context["exam"])
        listed = student_results(
            connection, context["exam"], sheets, visitor.service.problem_cache, visitor.service.settings.grading_secret
        )
    link = f"{address(slug, 'students')}?{urlencode({'q': q, 'state': state})}&"
    given = {"done": None, **context, **more}
    return show(
        visitor,
        "staff/students.html",
        status,
        here="students",
        many=len(listed),
        page=paged(found(listed, q, state), page, LISTED),
        q=q,
        chosen=state,
        states=STATES,
        link=link,
        out_of=out_of(sheets),
        may=signed_in_person(visitor).at_least("instructor"),
        **given,
    )


@router.post("/staff/exams/{slug}/students/import")
def take(visitor: RequireInstructor, slug: str, fields: Files) -> Response:
    """Read a roster that was uploaded, and show what was read, with the codes if there are new ones."""
    limit_rate(visitor, "staff")
    file = fields.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return _roster(visitor, slug, 422, wrong=NO_FILE)
    try:
        data = file.file.read()
        codes = "codes" in fields
        done = rosters.import_bytes(
            visitor.service.database,
            visitor.service.settings,
            data,
            file.filename[:100],
            slug,
            codes,
            signed_in_person(visitor).id,
        )
    except InputError as error:
        return _roster(visitor, slug, 422, wrong=str(error))
    return _roster(visitor, slug, done=done)
