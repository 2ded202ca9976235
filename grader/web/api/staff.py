"""The operations of staff: results, the review queue, closing and releasing, the audit log."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection

from grader.reports.results_jsonl import line
from grader.web.api.dependencies import GraderSent, InstructorSent, answers
from grader.web.api.serializers import staff_exam
from grader.web.api.staff_schemas import ActView, Deciding, DecisionView, GroupView, StaffExam
from grader.web.domain import audit_log
from grader.web.domain.attempts import marks
from grader.web.domain.exams import exams, schedule
from grader.web.domain.exams.exams import Exam
from grader.web.domain.review import decisions, queue
from grader.web.http.auth import RequireGrader, Visitor, limit_rate, signed_in_person

router = APIRouter(prefix="/staff", tags=["staff"])
EXAM = "/exams/{slug}"
LINES = "application/jsonl"
Problem = Annotated[str | None, Query(max_length=200, description="One problem  [default: all]")]
Subject = Annotated[str | None, Query(pattern="^[!-~]{1,100}$", description="Of whom or what, an id")]
Before = Annotated[int | None, Query(ge=1, le=2**53, description="The id at which a page ends")]
TOLD = {"description": "Lines of JSON", "content": {LINES: {"schema": {"type": "string"}}}}


class Lines(Response):
    """Lines of JSON."""

    media_type = LINES


@router.get("/exams", responses=answers(401, 404, 429), summary="List all exams")
def staff_exams(asking: RequireGrader) -> list[StaffExam]:
    """List all exams, the newest first."""
    limit_rate(asking, "staff")
    with asking.service.database.reading() as connection:
        return [staff_exam(connection, each) for each in exams.all_exams(connection)]


@router.get(EXAM + "/results", responses=answers(401, 404, 429) | {200: TOLD}, response_class=Lines, summary="Results")
def results(asking: RequireGrader, slug: str, problem: Problem = None) -> Lines:
    """Return one line for each student and problem, as in ``results.jsonl``."""
    limit_rate(asking, "staff")
    service = asking.service
    with service.database.reading() as connection:
        exam = exams.find(connection, slug)
        chosen = (
            exams.exam_problems(connection, exam)
            if problem is None
            else [exams.exam_problem(connection, exam, problem)]
        )
        found = [
            line(result)
            for sheet in chosen
            for result in marks.results(
                connection, exam, sheet, service.problem(sheet), service.settings.grading_secret
            )
        ]
    return Lines("".join(found))


@router.get(EXAM + "/review", responses=answers(401, 404, 429), summary="What waits for a person")
def review_queue(asking: RequireGrader, slug: str) -> list[GroupView]:
    """List the groups of equal answers that wait for a person."""
    limit_rate(asking, "staff")
    with asking.service.database.reading() as connection:
        return [GroupView.of(each) for each in queue.pending_groups(connection, exams.find(connection, slug))]


@router.post(EXAM + "/review", responses=answers(401, 403, 404, 429), summary="Decide on a group")
def decide(asking: GraderSent, slug: str, given: Deciding) -> DecisionView:
    """Decide on a group of equal answers; deciding again replaces what was decided."""
    limit_rate(asking, "staff")
    with asking.service.database.writing() as connection:
        exam = exams.find(connection, slug)
        exams.exam_problem(connection, exam, given.problem).blank(given.blank)
        made = decisions.decide(
            connection,
            exam,
            given.problem,
            given.blank,
            given.alike,
            Fraction(given.credit),
            given.comment,
            signed_in_person(asking),
        )
    return DecisionView(id=made.id, credit=str(made.credit), comment=made.comment, at=made.at)


@router.post(EXAM + "/close", responses=answers(401, 403, 404, 429), summary="Close an exam")
def close(asking: InstructorSent, slug: str) -> StaffExam:
    """Take no more answers."""
    return _changed(asking, slug, schedule.close)


@router.post(EXAM + "/reopen", responses=answers(401, 403, 404, 409, 429), summary="Reopen an exam")
def reopen(asking: InstructorSent, slug: str) -> StaffExam:
    """Take answers again, unless it was released."""
    return _changed(asking, slug, schedule.reopen)


@router.post(EXAM + "/release", responses=answers(401, 403, 404, 409, 429), summary="Release an exam")
def release(asking: InstructorSent, slug: str) -> StaffExam:
    """Show verdicts and the key to students; not while anybody may still answer."""
    return _changed(asking, slug, schedule.release)


def _changed(asking: Visitor, slug: str, change: Callable[[Connection, Exam, str], None]) -> StaffExam:
    limit_rate(asking, "staff")
    with asking.service.database.writing() as connection:
        change(connection, exams.find(connection, slug), signed_in_person(asking).id)
        return staff_exam(connection, exams.find(connection, slug))


@router.get("/audit", responses=answers(401, 404, 429), summary="The audit log")
def acts(asking: RequireGrader, subject: Subject = None, before: Before = None) -> list[ActView]:
    """List the latest acts, the newest first, at most 200."""
    limit_rate(asking, "staff")
    with asking.service.database.reading() as connection:
        found = audit_log.events(connection, subject, before)
    return [
        ActView(
            id=each.id, at=each.at, actor=each.actor, action=each.action, subject=each.subject, details=each.details
        )
        for each in found
    ]
