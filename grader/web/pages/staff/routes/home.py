"""The start page of staff, which lists all exams; the router that includes the other modules of this folder."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from grader.web.domain.exams import exams
from grader.web.domain.exams.progress import by_exam
from grader.web.errors import NotFound
from grader.web.http.auth import RequireGrader
from grader.web.pages.staff.rendering import render
from grader.web.pages.staff.routes import answers, audit_log, exam, marks, review, student, students, uploads

router = APIRouter()
MODULES = (exam, students, student, uploads, review, answers, marks, audit_log)
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@router.get("/staff")
def list_exams(visitor: RequireGrader) -> Response:
    """List all exams with their progress."""
    with visitor.service.database.reading() as connection:
        all_exams, progress_by_exam = exams.all_exams(connection), by_exam(connection)
    return render(visitor, "staff/exam_list.html", exams=all_exams, progress_by_exam=progress_by_exam)


for module in MODULES:
    router.include_router(module.router)


@router.api_route("/staff", methods=METHODS)
@router.api_route("/staff/{rest:path}", methods=METHODS)
def not_found(visitor: RequireGrader) -> Response:
    """Answer every other address and method alike, so that nobody learns which ones exist."""
    raise NotFound
