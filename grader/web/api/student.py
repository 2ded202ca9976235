"""The operations of students: exams, problems, previews, drafts, attempts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Header, Response
from sqlalchemy import Connection

from grader.web.api.dependencies import Sent, answers
from grader.web.api.schemas import Answer, AttemptView, ExamRow, ExamView, Model, PreviewView, ProblemView
from grader.web.api.serializers import attempt_view, attempt_views, exam_row, exam_view, problem_view, written
from grader.web.domain.attempts import attempts, drafts
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Exam, ExamProblem
from grader.web.domain.review import queue
from grader.web.errors import Conflict
from grader.web.http.auth import SignedIn, Visitor, limit_rate, signed_in_person

router = APIRouter(tags=["student"])
PROBLEM = "/exams/{slug}/problems/{problem}"
BLANK = PROBLEM + "/blanks/{blank}"
Once = Annotated[
    str,
    Header(
        alias="idempotency-key",
        min_length=1,
        max_length=200,
        description="The same for every try to hand in the same answer: it is taken once.",
    ),
]


def _told(model: Model, status: int = 200, **headers: str) -> Response:
    """Return what is asked for most often as it is: a model of ours is not checked once more."""
    return Response(model.model_dump_json(), status, headers, "application/json")


@contextmanager
def _seen(visitor: Visitor, slug: str, problem: str) -> Iterator[tuple[Connection, Exam, ExamProblem]]:
    """Open what whoever asks may see; raises NotFound and NotOpenYet."""
    with visitor.service.database.reading() as connection:
        exam = exams.find(connection, slug)
        exams.check_can_view(connection, exam, signed_in_person(visitor))
        yield connection, exam, exams.exam_problem(connection, exam, problem)


@router.get("/exams", responses=answers(401, 429), summary="List exams")
def list_exams(visitor: SignedIn) -> list[ExamRow]:
    """List the exams that whoever asks may know of."""
    limit_rate(visitor, "look")
    with visitor.service.database.reading() as connection:
        found = exams.exams_of(connection, signed_in_person(visitor))
        return [exam_row(connection, each, signed_in_person(visitor)) for each in found]


@router.get("/exams/{slug}", responses=answers(401, 404, 409, 429), summary="One exam")
def one_exam(visitor: SignedIn, slug: str) -> ExamView:
    """Return an exam with its problems."""
    limit_rate(visitor, "look")
    with visitor.service.database.reading() as connection:
        exam = exams.find(connection, slug)
        exams.check_can_view(connection, exam, signed_in_person(visitor))
        return exam_view(connection, visitor.service, exam, signed_in_person(visitor))


@router.get(PROBLEM, responses=answers(401, 404, 409, 429), summary="One problem")
def one_problem(visitor: SignedIn, slug: str, problem: str) -> ProblemView:
    """Return a problem, with drafts and the attempts that are left."""
    limit_rate(visitor, "look")
    with _seen(visitor, slug, problem) as (connection, exam, sheet):
        return problem_view(connection, visitor.service, exam, sheet, signed_in_person(visitor))


@router.post(
    BLANK + "/preview",
    response_model=PreviewView,
    responses=answers(401, 403, 404, 409, 429),
    summary="Read an answer back",
)
def preview(visitor: Sent, slug: str, problem: str, blank: str, answer: Answer) -> Response:
    """Say how an answer is read; nothing is kept, and no key is asked."""
    limit_rate(visitor, "preview")
    with _seen(visitor, slug, problem) as (_, _, sheet):
        known = visitor.service.public(sheet, blank)
    text = attempts.checked(written(answer.written), visitor.service.settings.limits)
    return _told(PreviewView(**known.preview(text).model_dump(mode="json")))


@router.put(BLANK + "/draft", status_code=204, responses=answers(401, 403, 404, 409, 429), summary="Keep a draft")
def draft(visitor: Sent, slug: str, problem: str, blank: str, answer: Answer) -> None:
    """Keep what stands in a blank now."""
    limit_rate(visitor, "preview")
    limits = visitor.service.settings.limits
    with visitor.service.database.writing() as connection:
        exam = exams.find(connection, slug)
        drafts.save_draft(connection, signed_in_person(visitor), exam, problem, blank, written(answer.written), limits)


@router.post(
    BLANK + "/attempts",
    status_code=201,
    response_model=AttemptView,
    responses=answers(401, 403, 404, 409, 429),
    summary="Hand in",
)
def hand_in(visitor: Sent, slug: str, problem: str, blank: str, answer: Answer, once: Once) -> Response:
    """Take an answer, and have it graded: at once where that can be, and else as ``GET /attempts/{id}`` will tell."""
    limit_rate(visitor, "submit")
    service, given = visitor.service, written(answer.written)
    with _seen(visitor, slug, problem) as (_, exam, sheet):
        sheet.blank(blank)
    made = service.submit(signed_in_person(visitor), exam, sheet, blank, given, once)
    return _told(attempt_view(service, exam, sheet, made), 201, location=f"/api/v1/attempts/{made.id}")


@router.get(PROBLEM + "/attempts", responses=answers(401, 404, 409, 429), summary="Own attempts at a problem")
def own_attempts(visitor: SignedIn, slug: str, problem: str) -> list[AttemptView]:
    """List the attempts of whoever asks at one problem."""
    limit_rate(visitor, "look")
    with _seen(visitor, slug, problem) as (connection, exam, sheet):
        tried = attempts.attempts_of(connection, exam, signed_in_person(visitor), problem)
    return attempt_views(visitor.service, exam, sheet, tried)


@router.get(BLANK + "/attempts", responses=answers(401, 404, 409, 429), summary="Own attempts at a blank")
def own_attempts_at(visitor: SignedIn, slug: str, problem: str, blank: str) -> list[AttemptView]:
    """List the attempts of whoever asks at one blank."""
    limit_rate(visitor, "look")
    with _seen(visitor, slug, problem) as (connection, exam, sheet):
        sheet.blank(blank)
        tried = attempts.attempts_of(connection, exam, signed_in_person(visitor), problem)
    return attempt_views(visitor.service, exam, sheet, [each for each in tried if each.blank == blank])


@router.get("/attempts/{id}", response_model=AttemptView, responses=answers(401, 404, 429), summary="One attempt")
def one_attempt(visitor: SignedIn, id: str) -> Response:
    """Return one's own attempt; somebody else's is not found, like none."""
    limit_rate(visitor, "look")
    with visitor.service.database.reading() as connection:
        return _told(_view(connection, visitor, attempts.by_id(connection, id, signed_in_person(visitor))))


@router.post("/attempts/{id}/misread", responses=answers(401, 403, 404, 409, 429), summary="You misread me")
def misread(visitor: Sent, id: str) -> AttemptView:
    """Ask a person to look at how one's answer was read."""
    limit_rate(visitor, "submit")
    with visitor.service.database.writing() as connection:
        found = attempts.by_id(connection, id, signed_in_person(visitor))
        if not exams.by_id(connection, found.exam).shows_verdicts:
            raise Conflict(queue.NOT_BEFORE_RELEASE)
        return _view(connection, visitor, queue.ask(connection, signed_in_person(visitor), id))


def _view(connection: Connection, visitor: Visitor, attempt: Attempt) -> AttemptView:
    exam = exams.by_id(connection, attempt.exam)
    sheet = exams.exam_problem(connection, exam, attempt.problem)
    return attempt_view(visitor.service, exam, sheet, attempt)
