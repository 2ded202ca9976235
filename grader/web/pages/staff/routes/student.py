"""One student: their answers, extension and login code in an exam, and the erasure of all that is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
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
from grader.web.domain.attempts.class_results import state
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
from grader.web.pages.staff.rendering import about, address, from_form, in_form, show
from grader.web.pages.staff.routes import uploads
from grader.web.pages.student.views import receipt as student_receipt
from grader.web.service import Service

router = APIRouter()
Admin = Annotated[Visitor, Depends(at_least("admin"))]
WARNING = (
    "Their name, their login, their answers and their drafts go for good, from every exam; marks without them stay, and the log. "
    "This cannot be taken back."
)
MISTYPED = "This is not their login. Nothing was erased."
PASSED = "This time has passed. Write one that lies ahead, or leave the field empty for the same time as the others."


@dataclass(frozen=True)
class Place:
    """One problem on a student's page: what was earned, how it stands and how many answers were handed in.

    ``receipt`` is up to when the receipt that was asked about names all of these answers; None if it is another one's.
    """

    sheet: ExamProblem
    problem: Problem
    result: Result
    answers: int
    receipt: datetime | None

    @property
    def state(self) -> str:
        """How it stands, in words."""
        return state([self.result])


@router.get("/staff/exams/{slug}/students/{login:path}")
def one(visitor: RequireGrader, slug: str, login: str, receipt: str = "") -> Response:
    """Show what can be done for one student, and whether a receipt is one of theirs."""
    return _one(visitor, slug, login, receipt=receipt[:200].strip())


@router.post("/staff/exams/{slug}/extend/{login:path}")
def extend(visitor: RequireInstructor, slug: str, login: str, fields: Fields) -> Response:
    """Let a student answer until another time than the others."""
    limit_rate(visitor, "staff")
    said = str(fields.get("until", ""))
    try:
        until = _ahead(said)
    except ValidationFailed as refused:
        return _one(visitor, slug, login, refused=refused, said=said)
    with visitor.service.database.writing() as connection:
        exam = exams.find(connection, slug)
        who, _ = _listed(connection, exam, login)
        enrolments.extend(connection, exam, who, until, signed_in_person(visitor).id)
    return RedirectResponse(address(slug, "students", login), 303)


@router.post("/staff/exams/{slug}/code/{login:path}")
def code(visitor: RequireInstructor, slug: str, login: str, fields: Fields) -> Response:
    """Make a new code for a student, and show it once; those before it are worthless, and whoever entered by them is out."""
    limit_rate(visitor, "staff")
    with visitor.service.database.writing() as connection:
        who, _ = _listed(connection, exams.find(connection, slug), login)
        login_codes.revoke(connection, who, signed_in_person(visitor).id)
        sessions.end_all(connection, who)
        made = login_codes.issue_code(connection, who, visitor.service.settings, actor=signed_in_person(visitor).id)
    return _one(visitor, slug, login, code=made)


def _ahead(text: str) -> datetime | None:
    """Return the moment in a form's field; raises Invalid if it has passed."""
    until = from_form(text)
    if until and until <= datetime.now(UTC):
        raise ValidationFailed(PASSED)
    return until


def _listed(connection: Connection, exam: Exam, login: str) -> tuple[Person, datetime | None]:
    """Return a student with the time until which they alone may answer; raises NotFound."""
    who = people.by_login(connection, login)
    if who is None or who.is_staff:
        raise NotFound
    until = {each.id: closes for each, closes in enrolments.enrolled(connection, exam)}
    return who, until.get(who.id)


def _one(
    visitor: RequireGrader,
    slug: str,
    login: str,
    code: str | None = None,
    refused: ServiceError | None = None,
    said: str | None = None,
    receipt: str = "",
) -> Response:
    with visitor.service.database.reading() as connection:
        context = about(connection, slug)
        who, until = _listed(connection, context["exam"], login)
        places = _places(visitor.service, connection, context["exam"], who, receipt)
    return show(
        visitor,
        "staff/student.html",
        refused.status if refused else 200,
        who=who,
        until=until,
        code=code,
        receipt=receipt,
        places=places,
        in_form=in_form(until) if said is None else said,
        roles=signed_in_person(visitor),
        wrong=refused and refused.message,
        **context,
    )


def _places(service: Service, connection: Connection, exam: Exam, who: Person, receipt: str) -> list[Place]:
    """Return how a student stands at each problem."""
    own: dict[str, list[Attempt]] = {}
    for each in attempts.attempts_of(connection, exam, who):
        own.setdefault(each.problem, []).append(each)
    return [
        _place(service, exam, sheet, who, own.get(sheet.problem, []), receipt)
        for sheet in exams.exam_problems(connection, exam)
    ]


def _place(service: Service, exam: Exam, sheet: ExamProblem, who: Person, own: list[Attempt], receipt: str) -> Place:
    problem = service.problem(sheet)
    result = marks.result_for(who, own, exam, problem, service.settings.grading_secret)
    genuine = student_receipt.until(service.settings, who.id, own, receipt) if receipt else None
    return Place(sheet, problem, result, len(own), genuine)


@router.get("/staff/people/{login:path}/erase")
def confirm_erasure(visitor: Admin, login: str) -> Response:
    """Ask whether a student is to be erased."""
    with visitor.service.database.reading() as connection:
        who = _student(connection, login)
    return _erasure_page(visitor, who)


@router.post("/staff/people/{login:path}/erase")
def erase(visitor: Admin, login: str, fields: Fields) -> Response:
    """Erase a student, if their login was typed once more."""
    limit_rate(visitor, "staff")
    with visitor.service.database.reading() as connection:
        who = _student(connection, login)
    if str(fields.get("typed", "")).strip() != who.login:
        return _erasure_page(visitor, who, 422, wrong=MISTYPED)
    with visitor.service.database.writing() as connection:
        erasure.erase(connection, who.id, signed_in_person(visitor).id)
    visitor.service.database.truncate_log()
    uploads.forget()
    return RedirectResponse("/staff/audit", 303)


def _student(connection: Connection, login: str) -> Person:
    who = people.by_login(connection, login)
    if who is None or who.is_staff:
        raise NotFound
    return who


def _erasure_page(visitor: Admin, who: Person, status: int = 200, **more: Any) -> Response:
    return show(
        visitor,
        "staff/confirm.html",
        status,
        title=f"Erase {who.name or who.login}?",
        says=WARNING,
        word="Erase for good",
        action=f"/staff/people/{quote(who.login, safe='')}/erase",
        back="/staff",
        typed=who.login,
        **more,
    )
