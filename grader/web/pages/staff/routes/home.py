"""The pages of staff: all exams, and what the other modules of this name hold."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from grader.web.domain.exams import exams
from grader.web.domain.exams.progress import by_exam
from grader.web.errors import NotFound
from grader.web.http.auth import RequireGrader
from grader.web.pages.staff.rendering import show
from grader.web.pages.staff.routes import (
    answers,
    audit_log,
    exam,
    marks,
    review,
    student,
    students,
    uploads,
)

router = APIRouter()
MODULES = (
    exam, students, student, uploads, review, answers, marks, audit_log,
)  # fmt: skip
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@router.get("/staff")
def start(visitor: RequireGrader) -> Response:
    """List all exams with what is in them."""
    with visitor.service.database.reading() as connection:
        listed, known = exams.all_exams(connection), by_exam(connection)
    return show(visitor, "staff/start.html", exams=listed, known=known)


for module in MODULES:
    router.include_router(module.router)


@router.api_route("/staff", methods=METHODS)
@router.api_route("/staff/{rest:path}", methods=METHODS)
def nothing(visitor: RequireGrader) -> Response:
    """Answer every other address and method alike, so that nobody learns which there are."""
    raise NotFound
