"""Routes of the API for staff: results, the review queue and its decisions, closing and releasing exams, the audit log."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection

from grader.reports.results_jsonl import line
from grader.web.api.dependencies import CheckedGrader, CheckedInstructor, error_responses
from grader.web.api.serializers import staff_exam
from grader.web.api.staff_schemas import AnswerGroupView, AuditEventView, DecisionBody, DecisionView, StaffExam
from grader.web.domain import audit_log
from grader.web.domain.attempts import marks
from grader.web.domain.exams import exams, schedule
from grader.web.domain.exams.exams import Exam
from grader.web.domain.review import decisions, queue
from grader.web.http.auth import RequireGrader, Visitor, limit_rate, signed_in_person

router = APIRouter(prefix="/staff", tags=["staff"])
EXAM = "/exams/{slug}"
JSON_LINES = "application/jsonl"
ProblemId = Annotated[str | None, Query(max_length=200, description="One problem  [default: all]")]
Subject = Annotated[
    str | None, Query(pattern="^[!-~]{1,100}$", description="The id of the person or thing that events are about")
]
Before = Annotated[int | None, Query(ge=1, le=2**53, description="Return events with smaller ids (pagination)")]
JSON_LINES_RESPONSE = {"description": "Lines of JSON", "content": {JSON_LINES: {"schema": {"type": "string"}}}}


class JsonLinesResponse(Response):
    """A response of lines of JSON."""

    media_type = JSON_LINES


@router.get("/exams", responses=error_responses(401, 404, 429), summary="List all exams")
def list_staff_exams(visitor: RequireGrader) -> list[StaffExam]:
    """List all exams, the newest first."""
    limit_rate(visitor, "staff")
    with visitor.service.database.reading() as connection:
        return [staff_exam(connection, exam) for exam in exams.all_exams(connection)]


@router.get(
    EXAM + "/results",
    responses=error_responses(401, 404, 429) | {200: JSON_LINES_RESPONSE},
    response_class=JsonLinesResponse,
    summary="Get the results",
)
def get_results(visitor: RequireGrader, slug: str, problem: ProblemId = None) -> JsonLinesResponse:
    """Return one line for each student and problem, as in ``results.jsonl``."""
    limit_rate(visitor, "staff")
    service = visitor.service
    with service.database.reading() as connection:
        exam = exams.find(connection, slug)
        chosen = (
            exams.exam_problems(connection, exam)
            if problem is None
            else [exams.exam_problem(connection, exam, problem)]
        )
        lines = [
            line(result)
            for exam_problem in chosen
            for result in marks.results(
                connection, exam, exam_problem, service.problem(exam_problem), service.settings.grading_secret
            )
        ]
    return JsonLinesResponse("".join(lines))


@router.get(EXAM + "/review", responses=error_responses(401, 404, 429), summary="List the review queue")
def list_review_queue(visitor: RequireGrader, slug: str) -> list[AnswerGroupView]:
    """List the groups of equal answers that need a person's decision."""
    limit_rate(visitor, "staff")
    with visitor.service.database.reading() as connection:
        return [AnswerGroupView.of(group) for group in queue.pending_groups(connection, exams.find(connection, slug))]


@router.post(EXAM + "/review", responses=error_responses(401, 403, 404, 429), summary="Decide on a group")
def decide(visitor: CheckedGrader, slug: str, body: DecisionBody) -> DecisionView:
    """Decide on a group of equal answers; a later decision replaces an earlier one."""
    limit_rate(visitor, "staff")
    with visitor.service.database.writing() as connection:
        exam = exams.find(connection, slug)
        exams.exam_problem(connection, exam, body.problem).blank(body.blank)
        decision = decisions.decide(
            connection,
            exam,
            body.problem,
            body.blank,
            body.group_key,
            Fraction(body.credit),
            body.comment,
            signed_in_person(visitor),
        )
    return DecisionView(id=decision.id, credit=str(decision.credit), comment=decision.comment, decided_at=decision.at)


@router.post(EXAM + "/close", responses=error_responses(401, 403, 404, 429), summary="Close an exam")
def close_exam(visitor: CheckedInstructor, slug: str) -> StaffExam:
    """Accept no more answers."""
    return _change_exam(visitor, slug, schedule.close)


@router.post(EXAM + "/reopen", responses=error_responses(401, 403, 404, 409, 429), summary="Reopen an exam")
def reopen_exam(visitor: CheckedInstructor, slug: str) -> StaffExam:
    """Accept answers again, unless the exam has been released."""
    return _change_exam(visitor, slug, schedule.reopen)


@router.post(EXAM + "/release", responses=error_responses(401, 403, 404, 409, 429), summary="Release an exam")
def release_exam(visitor: CheckedInstructor, slug: str) -> StaffExam:
    """Show verdicts and the key to students; not while anybody may still answer."""
    return _change_exam(visitor, slug, schedule.release)


def _change_exam(visitor: Visitor, slug: str, change: Callable[[Connection, Exam, str], None]) -> StaffExam:
    limit_rate(visitor, "staff")
    with visitor.service.database.writing() as connection:
        change(connection, exams.find(connection, slug), signed_in_person(visitor).id)
        return staff_exam(connection, exams.find(connection, slug))


@router.get("/audit", responses=error_responses(401, 404, 429), summary="Read the audit log")
def list_audit_events(visitor: RequireGrader, subject: Subject = None, before: Before = None) -> list[AuditEventView]:
    """List events, the newest first, at most 200."""
    limit_rate(visitor, "staff")
    with visitor.service.database.reading() as connection:
        events = audit_log.events(connection, subject, before)
    return [
        AuditEventView(
            id=event.id,
            created_at=event.at,
            actor=event.actor,
            action=event.action,
            subject=event.subject,
            details=event.details,
        )
        for event in events
    ]
