"""The pages of staff: all exams, and what the other modules of this name hold."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from grader.web import (
    exams,
    staff_erasure,
    staff_exam,
    staff_log,
    staff_marks,
    staff_review,
    staff_sheet,
    staff_student,
    staff_students,
    staff_totals,
    staff_uploads,
)
from grader.web.door import Grader
from grader.web.refusals import NotFound
from grader.web.staff_figures import by_exam
from grader.web.staff_pages import show

router = APIRouter()
MODULES = (
    staff_exam, staff_totals, staff_students, staff_student, staff_uploads, staff_review, staff_sheet, staff_marks, staff_log, staff_erasure,
)  # fmt: skip
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@router.get("/staff")
def start(asking: Grader) -> Response:
    """List all exams with what is in them."""
    with asking.service.database.reading() as connection:
        listed, known = exams.all_exams(connection), by_exam(connection)
    return show(asking, "staff_start.html", exams=listed, known=known)


for module in MODULES:
    router.include_router(module.router)


@router.api_route("/staff", methods=METHODS)
@router.api_route("/staff/{rest:path}", methods=METHODS)
def nothing(asking: Grader) -> Response:
    """Answer every other address and method alike, so that nobody learns which there are."""
    raise NotFound
