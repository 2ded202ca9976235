"""One exam: its rules, the progress of grading, its closing time, and the actions that close and release it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from grader.web.domain.exams import enrolments, exams, schedule
from grader.web.domain.exams.exams import Exam
from grader.web.errors import Conflict, NotFound, ServiceError, ValidationFailed
from grader.web.http.auth import Fields, RequireGrader, RequireInstructor, limit_rate, signed_in_person
from grader.web.pages.form_fields import text_field
from grader.web.pages.staff.rendering import exam_context, exam_url, parse_form_time, render, to_form_time

router = APIRouter()


@dataclass(frozen=True)
class ExamAction:
    """What staff can do with an exam: the function that does it, the label of its button, and what it means."""

    run: Callable[[Connection, Exam, str | None], None]
    label: str
    description: str


ACTIONS = {
    "close": ExamAction(
        schedule.close,
        "Close",
        "Students can no longer submit answers, whatever the closing time, and even with an extension.",
    ),
    "reopen": ExamAction(schedule.reopen, "Reopen", "Students can submit answers again until the closing time."),
    "release": ExamAction(
        schedule.release,
        "Release",
        "Students see their verdicts, and as much of the key as the exam allows. You cannot undo this: a released exam stays closed.",
    ),
}


def possible_actions(exam: Exam) -> list[str]:
    """Return the actions that make sense in the present state of an exam."""
    if exam.released_at:
        return []
    return ["close" if exam.state == "open" else "reopen", "release"]


@router.get("/staff/exams/{slug}")
def overview(visitor: RequireGrader, slug: str) -> Response:
    """Show an exam: its rules, its problems, its progress."""
    return _overview(visitor, slug)


@router.post("/staff/exams/{slug}/closes")
def reschedule(visitor: RequireInstructor, slug: str, fields: Fields) -> Response:
    """Change the closing time for everyone without an extension."""
    limit_rate(visitor, "staff")
    typed_time = text_field(fields, "closes")
    try:
        with visitor.service.database.writing() as connection:
            exam = exams.find(connection, slug)
            schedule.reschedule(connection, exam, parse_form_time(typed_time), signed_in_person(visitor).id)
    except (ValidationFailed, Conflict) as error:
        return _overview(visitor, slug, error, typed_time)
    return RedirectResponse(exam_url(slug), 303)


def _overview(
    visitor: RequireGrader, slug: str, error: ServiceError | None = None, typed_time: str | None = None
) -> Response:
    with visitor.service.database.reading() as connection:
        context = exam_context(connection, slug)
        exam: Exam = context["exam"]
        exam_problems = exams.exam_problems(connection, exam)
        obstacle = schedule.STILL_OPEN if enrolments.is_open_to_anyone(connection, exam) else None
    can_change = signed_in_person(visitor).at_least("instructor")
    return render(
        visitor,
        "staff/exam.html",
        error.status if error else 200,
        active_tab="overview",
        problems=[(problem, visitor.service.problem(problem)) for problem in exam_problems],
        actions={name: ACTIONS[name] for name in possible_actions(exam)} if can_change else {},
        obstacles={"release": obstacle},
        can_change=can_change,
        closes_at=to_form_time(exam.policy.closes_at) if typed_time is None else typed_time,
        error=error and error.message,
        **context,
    )


@router.get("/staff/exams/{slug}/progress")
def progress(visitor: RequireGrader, slug: str) -> Response:
    """Return the partial with the progress of grading, which asks for itself again until everything is graded."""
    with visitor.service.database.reading() as connection:
        context = exam_context(connection, slug)
    return render(visitor, "staff/_grading_progress.html", **context)


@router.get("/staff/exams/{slug}/acts/{act}")
def confirm_action(visitor: RequireInstructor, slug: str, act: str) -> Response:
    """Ask for confirmation of an action."""
    with visitor.service.database.reading() as connection:
        context = exam_context(connection, slug)
        is_barred = act == "release" and enrolments.is_open_to_anyone(connection, context["exam"])
    return _confirmation_page(visitor, act, context, Conflict(schedule.STILL_OPEN) if is_barred else None)


@router.post("/staff/exams/{slug}/acts/{act}")
def run_action(visitor: RequireInstructor, slug: str, act: str, fields: Fields) -> Response:
    """Carry out an action."""
    limit_rate(visitor, "staff")
    run = _find_action(act).run
    try:
        with visitor.service.database.writing() as connection:
            run(connection, exams.find(connection, slug), signed_in_person(visitor).id)
    except Conflict as error:
        with visitor.service.database.reading() as connection:
            return _confirmation_page(visitor, act, exam_context(connection, slug), error)
    return RedirectResponse(exam_url(slug), 303)


def _find_action(name: str) -> ExamAction:
    if name not in ACTIONS:
        raise NotFound
    return ACTIONS[name]


def _confirmation_page(
    visitor: RequireInstructor, name: str, context: dict[str, Any], error: ServiceError | None = None
) -> Response:
    action, exam = _find_action(name), context["exam"]
    return render(
        visitor,
        "staff/confirm.html",
        error.status if error else 200,
        title=f"{action.label} {exam.title}?",
        description=action.description,
        button=action.label,
        action=exam_url(exam, "acts", name),
        back=exam_url(exam),
        confirmation=None,
        error=error and error.message,
        **context,
    )
