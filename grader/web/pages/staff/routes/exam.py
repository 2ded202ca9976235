"""One exam for its staff: how it is held, how far grading has come, and the acts that close and release it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from grader.web.domain.exams import enrolments, exams, schedule
from grader.web.domain.exams.exams import Exam
from grader.web.errors import Conflict, NotFound, ServiceError, ValidationFailed
from grader.web.http.auth import Fields, RequireGrader, RequireInstructor, limit_rate, signed_in_person
from grader.web.pages.staff.rendering import about, address, from_form, in_form, show

router = APIRouter()
Act = Callable[[Connection, Exam, str | None], None]
ACTS: dict[str, tuple[Act, str, str]] = {
    "close": (schedule.close, "Close", "No more answers are taken, whatever the clock says and whoever has an extension."),
    "reopen": (schedule.reopen, "Reopen", "Answers are taken again, as far as the clock allows."),
    "release": (
        schedule.release,
        "Release",
        "Students see their verdicts, and as much of the key as the exam allows. This cannot be taken back: a released exam stays closed.",
    ),
}  # fmt: skip


def possible(exam: Exam) -> list[str]:
    """Return the acts that make sense as an exam stands."""
    if exam.released_at:
        return []
    return ["close" if exam.state == "open" else "reopen", "release"]


@router.get("/staff/exams/{slug}")
def overview(visitor: RequireGrader, slug: str) -> Response:
    """Show an exam: its policy, its problems, its figures."""
    return _overview(visitor, slug)


@router.post("/staff/exams/{slug}/closes")
def reschedule(visitor: RequireInstructor, slug: str, fields: Fields) -> Response:
    """Let an exam close at another time, for everyone without an extension."""
    limit_rate(visitor, "staff")
    said = str(fields.get("closes", ""))
    try:
        with visitor.service.database.writing() as connection:
            schedule.reschedule(connection, exams.find(connection, slug), from_form(said), signed_in_person(visitor).id)
    except (ValidationFailed, Conflict) as refused:
        return _overview(visitor, slug, refused, said)
    return RedirectResponse(address(slug), 303)


def _overview(
    visitor: RequireGrader, slug: str, refused: ServiceError | None = None, said: str | None = None
) -> Response:
    with visitor.service.database.reading() as connection:
        context = about(connection, slug)
        exam: Exam = context["exam"]
        sheets = exams.exam_problems(connection, exam)
        barred = schedule.STILL_OPEN if enrolments.is_open_to_anyone(connection, exam) else None
    problems = [(sheet, visitor.service.problem(sheet)) for sheet in sheets]
    may = signed_in_person(visitor).at_least("instructor")
    return show(
        visitor,
        "staff/exam.html",
        refused.status if refused else 200,
        here="overview",
        problems=problems,
        acts=possible(exam) if may else [],
        told=ACTS,
        barred={"release": barred},
        may=may,
        closes=in_form(exam.policy.closes_at) if said is None else said,
        wrong=refused and refused.message,
        **context,
    )


@router.get("/staff/exams/{slug}/progress")
def progress(visitor: RequireGrader, slug: str) -> Response:
    """Return the piece of a page that tells how far grading has come; it asks for itself again while something waits."""
    with visitor.service.database.reading() as connection:
        context = about(connection, slug)
    return show(visitor, "staff/progress.html", **context)


@router.get("/staff/exams/{slug}/acts/{act}")
def ask(visitor: RequireInstructor, slug: str, act: str) -> Response:
    """Ask whether an act is meant."""
    with visitor.service.database.reading() as connection:
        context = about(connection, slug)
        barred = act == "release" and enrolments.is_open_to_anyone(connection, context["exam"])
    return _confirm(visitor, act, context, Conflict(schedule.STILL_OPEN) if barred else None)


@router.post("/staff/exams/{slug}/acts/{act}")
def do(visitor: RequireInstructor, slug: str, act: str, fields: Fields) -> Response:
    """Carry an act out."""
    limit_rate(visitor, "staff")
    done, _, _ = _known(act)
    try:
        with visitor.service.database.writing() as connection:
            done(connection, exams.find(connection, slug), signed_in_person(visitor).id)
    except Conflict as refused:
        with visitor.service.database.reading() as connection:
            return _confirm(visitor, act, about(connection, slug), refused)
    return RedirectResponse(address(slug), 303)


def _known(act: str) -> tuple[Act, str, str]:
    if act not in ACTS:
        raise NotFound
    return ACTS[act]


def _confirm(
    visitor: RequireInstructor, act: str, context: dict[str, Any], refused: ServiceError | None = None
) -> Response:
    _, word, says = _known(act)
    exam = context["exam"]
    return show(
        visitor,
        "staff/confirm.html",
        refused.status if refused else 200,
        title=f"{word} {exam.title}?",
        says=says,
        word=word,
        action=address(exam, "acts", act),
        back=address(exam),
        typed=None,
        wrong=refused and refused.message,
        **context,
    )
