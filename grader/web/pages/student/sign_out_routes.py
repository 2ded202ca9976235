"""Signing out: students who would need a new code to come back are asked first."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from grader.web.domain.exams import enrolments, exams
from grader.web.domain.exams.exams import Phase
from grader.web.http.auth import Fields, SignedIn, limit_rate, signed_in_person
from grader.web.pages.student.rendering import render

router = APIRouter()


@router.post("/leaving")
def confirm_sign_out(visitor: SignedIn, fields: Fields) -> Response:
    """Ask students for whom an exam is open whether to sign out; sign out everybody else at once."""
    limit_rate(visitor, "look")
    person = signed_in_person(visitor)
    if person.is_staff or person.is_guest:
        return RedirectResponse("/leave", 307)
    with visitor.service.database.reading() as connection:
        closing_times = [
            (exam, enrolments.closes_at(connection, exam, person)) for exam in exams.exams_of(connection, person)
        ]
    open_exams = [(exam, closes_at) for exam, closes_at in closing_times if exam.phase(closes_at) is Phase.OPEN]
    if not open_exams:
        return RedirectResponse("/leave", 307)
    return render(visitor, "student/sign_out.html", exams=open_exams)
