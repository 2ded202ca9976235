"""Uploads of submissions to an exam: taken as a batch takes them, with the progress of grading them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from grader.web.domain import audit_log
from grader.web.domain.accounts import people
from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Exam, ExamProblem
from grader.web.domain.uploads import uploads
from grader.web.domain.uploads.accept import acceptable_submissions
from grader.web.domain.uploads.read_files import read_submissions
from grader.web.domain.uploads.report import UploadedFile, UploadReport
from grader.web.http.auth import RequireGrader, RequireInstructor, limit_rate, signed_in_person
from grader.web.pages.staff.rendering import about, address, show
from grader.web.pages.staff.upload_form import Files

router = APIRouter()
KEPT = 200
NO_FILE = "Choose one file or more first."
NOTHING = "Nothing was taken from these files."
_reports: OrderedDict[str, UploadReport] = OrderedDict()
"""What was told of the latest uploads, as long as this process runs."""


@router.get("/staff/exams/{slug}/uploads")
def all_of(visitor: RequireGrader, slug: str) -> Response:
    """List the uploads, with a form for one more."""
    return _all(visitor, slug)


def _all(visitor: RequireGrader, slug: str, status: int = 200, **more: Any) -> Response:
    with visitor.service.database.reading() as connection:
        context = _listed(connection, slug)
        sheets = exams.exam_problems(connection, context["exam"])
    problems = [(sheet, visitor.service.problem(sheet)) for sheet in sheets]
    given = {"report": None, **context, **more}
    return show(
        visitor,
        "staff/uploads.html",
        status,
        here="uploads",
        problems=problems,
        may=signed_in_person(visitor).at_least("instructor"),
        **given,
    )


def _listed(connection: Connection, slug: str, only: str = "") -> dict[str, Any]:
    context = about(connection, slug)
    names = {each.id: each.name or each.login for each in people.everyone(connection)}
    listed = [each for each in uploads.uploads_of(connection, context["exam"]) if not only or each.id == only]
    waits = any(each.graded < each.answers for each in listed)
    return {**context, "names": names, "uploads": listed, "only": only, "waits": waits}


@router.get("/staff/exams/{slug}/uploads/progress")
def progress(visitor: RequireGrader, slug: str, only: str = "") -> Response:
    """Return the piece with the uploads, or with one; it asks for itself again while something waits."""
    with visitor.service.database.reading() as connection:
        return show(visitor, "staff/uploaded.html", **_listed(connection, slug, only))


@router.post("/staff/exams/{slug}/uploads")
def take(visitor: RequireInstructor, slug: str, fields: Files) -> Response:
    """Take submissions, and lead to what was read."""
    limit_rate(visitor, "staff")
    files = [each for each in fields.getlist("files") if isinstance(each, UploadFile) and each.filename]
    with visitor.service.database.reading() as connection:
        exam = exams.find(connection, slug)
        sheet = exams.exam_problem(connection, exam, str(fields.get("problem", "")))
    if not files:
        return _all(visitor, slug, 422, wrong=NO_FILE)
    report = UploadReport()
    made = _take(visitor, exam, sheet, files, report, "enrol" in fields)
    if made is None:
        return _all(visitor, slug, 422, wrong=NOTHING, report=report)
    visitor.service.worker_pool.notify()
    return RedirectResponse(address(exam, "uploads", made), 303)


def _take(
    visitor: RequireInstructor,
    exam: Exam,
    sheet: ExamProblem,
    files: list[UploadFile],
    report: UploadReport,
    enrol: bool,
) -> str | None:
    """Keep what can be kept, and return the id of the upload; None if there was nothing."""
    problem, by = visitor.service.problem(sheet), signed_in_person(visitor)
    given = read_submissions(_plain(files), problem, report)
    if not given:
        return None
    limits, named = visitor.service.settings.limits, _called([str(each.filename) for each in files])
    with visitor.service.database.writing() as connection:
        uploads.lock(connection, exam, [problem.id])
        kept = acceptable_submissions(connection, exam, given, report, limits, enrol)
        if not kept:
            return None
        made = uploads.upload(connection, exam, named, kept, by, limits)
        audit_log.record(
            connection,
            by.id,
            "upload-read",
            made.id,
            exam=exam.id,
            broken=len(report.broken),
            refused=len(report.refused),
            remarks=len(report.remarks),
            strangers=len(report.not_enrolled),
            new=len(report.new),
        )
    report.submissions, report.answers = len(kept), made.answers
    _reports[made.id] = report
    while len(_reports) > KEPT:
        _reports.popitem(last=False)
    return made.id


def _called(names: list[str]) -> str:
    """Return what an upload is called; files of single students are not named, as ids must be erasable."""
    if len(names) == 1 and names[0].lower().endswith((".jsonl", ".csv", ".zip")):
        return names[0]
    return f"{len(names)} file{'' if len(names) == 1 else 's'}"


def forget() -> None:
    """Forget what was told of all uploads: somebody in it was erased."""
    _reports.clear()


def _plain(files: list[UploadFile]) -> Iterator[UploadedFile]:
    return (UploadedFile(str(each.filename), each.file) for each in files)


@router.get("/staff/exams/{slug}/uploads/{id}")
def one(visitor: RequireGrader, slug: str, id: str) -> Response:
    """Show one upload with everything that was odd about it, as far as this process knows."""
    with visitor.service.database.reading() as connection:
        found = uploads.find(connection, exams.find(connection, slug), id)
        context = _listed(connection, slug, found.id)
    return show(visitor, "staff/upload.html", here="uploads", upload=found, report=_reports.get(id), **context)
