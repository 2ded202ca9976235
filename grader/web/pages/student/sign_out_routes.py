"""Leaving: whoever can come back only with a new code is asked first."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from grader.web.domain.exams import enrolments, exams
from grader.web.domain.exams.exams import Phase
from grader.web.http.auth import Fields, SignedIn, limit_rate, signed_in_person
from grader.web.pages.student.rendering import render

router = APIRouter()


@router.post("/leaving")
def leaving(visitor: SignedIn, fields: Fields) -> Response:
    """Ask a student for whom an exam is open whether to leave; everybody else leaves at once."""
    limit_rate(visitor, "look")
    own = signed_in_person(visitor)
    if own.is_staff or own.is_guest:
        return RedirectResponse("/leave", 307)
    with visitor.service.database.reading() as connection:
        found = [(each, enrolments.closes_at(connection, each, own)) for each in exams.exams_of(connection, own)]
    open_now = [(exam, closes) for exam, closes in found if exam.phase(closes) is Phase.OPEN]
    if not open_now:
        return RedirectResponse("/leave", 307)
    return render(visitor, "student/leaving.html", exams=open_now)
