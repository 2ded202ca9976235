"""Uploads of submissions to an exam, read as a batch reads them, with the progress of grading them."""

from __future__ import annotations

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
from grader.web.pages.form_fields import text_field
from grader.web.pages.staff.rendering import exam_context, exam_url, render
from grader.web.pages.staff.upload_form import UploadFields
from grader.web.pages.staff.upload_reports import Reports

router = APIRouter()
NO_FILE = "Choose one or more files first."
NOTHING_USABLE = "Nothing in these files could be added. The report below says why."


@router.get("/staff/exams/{slug}/uploads")
def list_uploads(visitor: RequireGrader, slug: str) -> Response:
    """List the uploads, with a form for one more."""
    return _uploads_page(visitor, slug)


@router.get("/staff/exams/{slug}/uploads/progress")
def progress(visitor: RequireGrader, slug: str, only: str = "") -> Response:
    """Return the partial with the uploads, or with one; it asks for itself again until everything is graded."""
    with visitor.service.database.reading() as connection:
        context = _uploads_context(connection, slug, only)
    return render(visitor, "staff/_upload_table.html", **context)


@router.post("/staff/exams/{slug}/uploads")
def upload_submissions(visitor: RequireInstructor, slug: str, fields: UploadFields, reports: Reports) -> Response:
    """Save the submissions in the files, and redirect to the report on them."""
    limit_rate(visitor, "staff")
    files = [file for file in fields.getlist("files") if isinstance(file, UploadFile) and file.filename]
    with visitor.service.database.reading() as connection:
        exam = exams.find(connection, slug)
        exam_problem = exams.exam_problem(connection, exam, text_field(fields, "problem"))
    if not files:
        return _uploads_page(visitor, slug, 422, error=NO_FILE)
    report = UploadReport()
    upload_id = _save_upload(visitor, exam, exam_problem, files, report, "enrol" in fields)
    if upload_id is None:
        return _uploads_page(visitor, slug, 422, error=NOTHING_USABLE, report=report)
    reports.add(upload_id, report)
    visitor.service.worker_pool.notify()
    return RedirectResponse(exam_url(exam, "uploads", upload_id), 303)


@router.get("/staff/exams/{slug}/uploads/{id}")
def show_upload(visitor: RequireGrader, slug: str, id: str, reports: Reports) -> Response:
    """Show one upload, with the report on its files as long as it is kept."""
    with visitor.service.database.reading() as connection:
        upload = uploads.find(connection, exams.find(connection, slug), id)
        context = _uploads_context(connection, slug, upload.id)
    report = reports.get(id)
    return render(visitor, "staff/upload.html", active_tab="uploads", upload=upload, report=report, **context)


def _uploads_page(visitor: RequireGrader, slug: str, status: int = 200, **more: Any) -> Response:
    with visitor.service.database.reading() as connection:
        context = _uploads_context(connection, slug)
        exam_problems = exams.exam_problems(connection, context["exam"])
    return render(
        visitor,
        "staff/uploads.html",
        status,
        active_tab="uploads",
        problems=[(problem, visitor.service.problem(problem)) for problem in exam_problems],
        can_upload=signed_in_person(visitor).at_least("instructor"),
        **({"report": None} | context | more),
    )


def _uploads_context(connection: Connection, slug: str, only: str = "") -> dict[str, Any]:
    """Return what the table of uploads shows: all of an exam, or ``only`` that with an id."""
    context = exam_context(connection, slug)
    all_uploads = uploads.uploads_of(connection, context["exam"])
    shown = [upload for upload in all_uploads if not only or upload.id == only]
    return {
        **context,
        "names": people.display_names(connection, {upload.by for upload in shown}),
        "uploads": shown,
        "only": only,
        "is_grading": any(upload.graded < upload.answers for upload in shown),
    }


def _save_upload(
    visitor: RequireInstructor,
    exam: Exam,
    exam_problem: ExamProblem,
    files: list[UploadFile],
    report: UploadReport,
    enrol: bool,
) -> str | None:
    """Save what can be saved, and return the id of the upload; None if there was nothing. ``report`` is filled in."""
    problem, actor = visitor.service.problem(exam_problem), signed_in_person(visitor)
    submissions = read_submissions((UploadedFile(str(file.filename), file.file) for file in files), problem, report)
    if not submissions:
        return None
    limits, name = visitor.service.settings.limits, _upload_name([str(file.filename) for file in files])
    with visitor.service.database.writing() as connection:
        uploads.lock(connection, exam, [problem.id])
        accepted = acceptable_submissions(connection, exam, submissions, report, limits, enrol)
        if not accepted:
            return None
        upload = uploads.upload(connection, exam, name, accepted, actor, limits)
        audit_log.record(
            connection,
            actor.id,
            "upload-read",
            upload.id,
            exam=exam.id,
            broken=len(report.broken),
            refused=len(report.refused),
            remarks=len(report.remarks),
            strangers=len(report.not_enrolled),
            new=len(report.new),
        )
    report.submissions, report.answers = len(accepted), upload.answers
    return upload.id


def _upload_name(file_names: list[str]) -> str:
    """Return the name of an upload; files of single students are not named, since their ids must be erasable."""
    if len(file_names) == 1 and file_names[0].lower().endswith((".jsonl", ".csv", ".zip")):
        return file_names[0]
    return f"{len(file_names)} file{'' if len(file_names) == 1 else 's'}"
