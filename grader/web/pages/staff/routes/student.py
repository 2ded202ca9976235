"""One student: their answers, extension and login code in an exam, and the erasure of all their data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from grader.grading.problem import Problem
from grader.grading.results import Result
from grader.web.domain.accounts import erasure, login_codes, people, sessions
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts, marks
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.attempts.gradebook import state
from grader.web.domain.exams import enrolments, exams
from grader.web.domain.exams.exams import Exam, ExamProblem
from grader.web.errors import NotFound, ServiceError, ValidationFailed
from grader.web.http.auth import (
    Fields,
    RequireGrader,
    RequireInstructor,
    Visitor,
    at_least,
    limit_rate,
    signed_in_person,
)
from grader.web.pages.form_fields import text_field
from grader.web.pages.staff.rendering import exam_context, exam_url, parse_form_time, render, to_form_time
from grader.web.pages.staff.upload_reports import Reports
from grader.web.pages.student.views import receipt as receipts
from grader.web.service import Service

router = APIRouter()
RequireAdmin = Annotated[Visitor, Depends(at_least("admin"))]
MAX_RECEIPT_CHARACTERS = 200
TIME_HAS_PASSED = (
    "This time has passed. Enter one in the future, or leave the field empty for the same time as the others."
)
ERASURE_WARNING = (
    "This erases their name, their login, their answers and their drafts in every exam. "
    "Their marks without a name, and the audit log, are kept. You cannot undo this."
)
WRONG_LOGIN = "This is not their login. Nothing was erased."


@dataclass(frozen=True)
class StudentProblemRow:
    """One problem on a student's page, with the student's result.

    ``receipt_covers_until`` is the time up to which the digest that was looked up covers all answers; None if it matches none.
    """

    exam_problem: ExamProblem
    problem: Problem
    result: Result
    answer_count: int
    receipt_covers_until: datetime | None

    @property
    def state(self) -> str:
        """The state of grading, in words."""
        return state([self.result])


@router.get("/staff/exams/{slug}/students/{login:path}")
def show_student(visitor: RequireGrader, slug: str, login: str, receipt: str = "") -> Response:
    """Show one student in an exam, and whether a receipt is one of theirs."""
    return _student_page(visitor, slug, login, receipt=receipt[:MAX_RECEIPT_CHARACTERS].strip())


@router.post("/staff/exams/{slug}/extend/{login:path}")
def extend(visitor: RequireInstructor, slug: str, login: str, fields: Fields) -> Response:
    """Set or take back a student's own closing time."""
    limit_rate(visitor, "staff")
    typed_time = text_field(fields, "until")
    try:
        until = _future_time(typed_time)
    except ValidationFailed as error:
        return _student_page(visitor, slug, login, error=error, typed_time=typed_time)
    with visitor.service.database.writing() as connection:
        exam = exams.find(connection, slug)
        student = _find_student(connection, login)
        enrolments.extend(connection, exam, student, until, signed_in_person(visitor).id)
    return RedirectResponse(exam_url(slug, "students", login), 303)


@router.post("/staff/exams/{slug}/code/{login:path}")
def create_login_code(visitor: RequireInstructor, slug: str, login: str, fields: Fields) -> Response:
    """Create a login code for a student and show it once; earlier codes and all sessions of the student end."""
    limit_rate(visitor, "staff")
    actor, settings = signed_in_person(visitor), visitor.service.settings
    with visitor.service.database.writing() as connection:
        exams.find(connection, slug)
        student = _find_student(connection, login)
        login_codes.revoke(connection, student, actor.id)
        sessions.end_all(connection, student)
        code = login_codes.issue_code(connection, student, settings, actor=actor.id)
    return _student_page(visitor, slug, login, code=code)


@router.get("/staff/people/{login:path}/erase")
def confirm_erasure(visitor: RequireAdmin, login: str) -> Response:
    """Ask for confirmation before a student is erased."""
    with visitor.service.database.reading() as connection:
        student = _find_student(connection, login)
    return _erasure_page(visitor, student)


@router.post("/staff/people/{login:path}/erase")
def erase(visitor: RequireAdmin, login: str, fields: Fields, reports: Reports) -> Response:
    """Erase a student, if their login was typed to confirm."""
    limit_rate(visitor, "staff")
    database = visitor.service.database
    with database.reading() as connection:
        student = _find_student(connection, login)
    if text_field(fields, "typed").strip() != student.login:
        return _erasure_page(visitor, student, 422, WRONG_LOGIN)
    with database.writing() as connection:
        erasure.erase(connection, student.id, signed_in_person(visitor).id)
    database.truncate_log()
    reports.clear()  # They may name the student.
    return RedirectResponse("/staff/audit", 303)


def _future_time(text: str) -> datetime | None:
    """Return the moment in a form field, None for an empty one; raises ValidationFailed if it has passed."""
    moment = parse_form_time(text)
    if moment and moment <= datetime.now(UTC):
        raise ValidationFailed(TIME_HAS_PASSED)
    return moment


def _find_student(connection: Connection, login: str) -> Person:
    """Return a student by login; raises NotFound, for staff too."""
    person = people.by_login(connection, login)
    if person is None or person.is_staff:
        raise NotFound
    return person


def _student_page(
    visitor: RequireGrader,
    slug: str,
    login: str,
    code: str | None = None,
    error: ServiceError | None = None,
    typed_time: str | None = None,
    receipt: str = "",
) -> Response:
    with visitor.service.database.reading() as connection:
        context = exam_context(connection, slug)
        exam: Exam = context["exam"]
        student = _find_student(connection, login)
        extensions = {person.id: closes_at for person, closes_at in enrolments.enrolled(connection, exam)}
        problem_rows = _problem_rows(visitor.service, connection, exam, student, receipt)
    extended_to = extensions.get(student.id)
    return render(
        visitor,
        "staff/student.html",
        error.status if error else 200,
        student=student,
        extended_to=extended_to,
        code=code,
        receipt=receipt,
        problem_rows=problem_rows,
        until=to_form_time(extended_to) if typed_time is None else typed_time,
        staff=signed_in_person(visitor),
        error=error and error.message,
        **context,
    )


def _problem_rows(
    service: Service, connection: Connection, exam: Exam, student: Person, receipt: str
) -> list[StudentProblemRow]:
    """Return a row for each problem of an exam."""
    by_problem: dict[str, list[Attempt]] = {}
    for attempt in attempts.attempts_of(connection, exam, student):
        by_problem.setdefault(attempt.problem, []).append(attempt)
    return [
        _problem_row(service, exam, exam_problem, student, by_problem.get(exam_problem.problem, []), receipt)
        for exam_problem in exams.exam_problems(connection, exam)
    ]


def _problem_row(
    service: Service,
    exam: Exam,
    exam_problem: ExamProblem,
    student: Person,
    attempts_there: list[Attempt],
    receipt: str,
) -> StudentProblemRow:
    problem, settings = service.problem(exam_problem), service.settings
    result = marks.result_for(student, attempts_there, exam, problem, settings.grading_secret)
    covers_until = receipts.covered_until(settings, student.id, attempts_there, receipt) if receipt else None
    return StudentProblemRow(exam_problem, problem, result, len(attempts_there), covers_until)


def _erasure_page(visitor: RequireAdmin, student: Person, status: int = 200, error: str | None = None) -> Response:
    return render(
        visitor,
        "staff/confirm.html",
        status,
        title=f"Erase {student.display_name}?",
        description=ERASURE_WARNING,
        button="Erase for good",
        action=f"/staff/people/{quote(student.login, safe='')}/erase",
        back="/staff",
        confirmation=student.login,
        error=error,
    )
