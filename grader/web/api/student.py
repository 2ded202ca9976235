"""Routes of the API for students: exams, problems, previews, drafts, attempts (submissions with an idempotency key)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Header, Response
from sqlalchemy import Connection

from grader.web.api.dependencies import CheckedSignedIn, error_responses
from grader.web.api.schemas import AnswerBody, AttemptView, ExamSummary, ExamView, Model, PreviewView, ProblemView
from grader.web.api.serializers import (
    attempt_view,
    attempt_views,
    exam_summary,
    exam_view,
    preview_view,
    problem_view,
    to_written,
)
from grader.web.domain.attempts import attempts, drafts
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.exams import enrolments, exams
from grader.web.domain.exams.exams import Exam, ExamProblem
from grader.web.domain.review import queue
from grader.web.errors import Conflict
from grader.web.http.auth import SignedIn, Visitor, limit_rate, signed_in_person

router = APIRouter(tags=["student"])
PROBLEM = "/exams/{slug}/problems/{problem}"
BLANK = PROBLEM + "/blanks/{blank}"
IdempotencyKey = Annotated[
    str,
    Header(
        alias="idempotency-key",
        min_length=1,
        max_length=200,
        description="The same in every repetition of a submission: it is stored once.",
    ),
]


def _json_response(model: Model, status: int = 200, **headers: str) -> Response:
    """Serialize a model without FastAPI's second validation, in the most frequent operations."""
    return Response(model.model_dump_json(), status, headers, "application/json")


@contextmanager
def _visible_problem(visitor: Visitor, slug: str, problem: str) -> Iterator[tuple[Connection, Exam, ExamProblem]]:
    """Yield a problem that the visitor may see, with its exam and a connection.

    Raises: NotFound, NotOpenYet, ShutInPractice.
    """
    with visitor.service.database.reading() as connection:
        exam = exams.find(connection, slug)
        person = signed_in_person(visitor)
        enrolments.check_can_view(connection, exam, person)
        exam_problem = exams.exam_problem(connection, exam, problem)
        visitor.service.check_can_practise(connection, person, exam, exam_problem)
        yield connection, exam, exam_problem


@router.get("/exams", responses=error_responses(401, 429), summary="List exams")
def list_exams(visitor: SignedIn) -> list[ExamSummary]:
    """List the exams that you may see."""
    limit_rate(visitor, "look")
    with visitor.service.database.reading() as connection:
        visible = exams.exams_of(connection, signed_in_person(visitor))
        return [exam_summary(connection, exam, signed_in_person(visitor)) for exam in visible]


@router.get("/exams/{slug}", responses=error_responses(401, 404, 409, 429), summary="Get an exam")
def get_exam(visitor: SignedIn, slug: str) -> ExamView:
    """Return an exam with its problems."""
    limit_rate(visitor, "look")
    with visitor.service.database.reading() as connection:
        exam = exams.find(connection, slug)
        enrolments.check_can_view(connection, exam, signed_in_person(visitor))
        return exam_view(connection, visitor.service, exam, signed_in_person(visitor))


@router.get(PROBLEM, responses=error_responses(401, 404, 409, 429), summary="Get a problem")
def get_problem(visitor: SignedIn, slug: str, problem: str) -> ProblemView:
    """Return a problem, with your drafts and the number of attempts left."""
    limit_rate(visitor, "look")
    with _visible_problem(visitor, slug, problem) as (connection, exam, exam_problem):
        return problem_view(connection, visitor.service, exam, exam_problem, signed_in_person(visitor))


@router.post(
    BLANK + "/preview",
    response_model=PreviewView,
    responses=error_responses(401, 403, 404, 409, 429),
    summary="Preview an answer",
)
def preview_answer(visitor: CheckedSignedIn, slug: str, problem: str, blank: str, body: AnswerBody) -> Response:
    """Return how an answer is read. Nothing is stored, and the key plays no part."""
    limit_rate(visitor, "preview")
    with _visible_problem(visitor, slug, problem) as (_, _, exam_problem):
        exam_problem.blank(blank)
    written = attempts.check_size(to_written(body.answer), visitor.service.settings.limits)
    return _json_response(preview_view(visitor.service.preview(exam_problem, blank, written)))


@router.put(
    BLANK + "/draft", status_code=204, responses=error_responses(401, 403, 404, 409, 429), summary="Save a draft"
)
def save_draft(visitor: CheckedSignedIn, slug: str, problem: str, blank: str, body: AnswerBody) -> None:
    """Save an answer without submitting it."""
    limit_rate(visitor, "preview")
    limits = visitor.service.settings.limits
    with _visible_problem(visitor, slug, problem):
        pass  # What is shut takes no drafts.
    with visitor.service.database.writing() as connection:
        exam = exams.find(connection, slug)
        drafts.save_draft(connection, signed_in_person(visitor), exam, problem, blank, to_written(body.answer), limits)


@router.post(
    BLANK + "/attempts",
    status_code=201,
    response_model=AttemptView,
    responses=error_responses(401, 403, 404, 409, 429),
    summary="Submit an answer",
)
def submit_answer(
    visitor: CheckedSignedIn, slug: str, problem: str, blank: str, body: AnswerBody, key: IdempotencyKey
) -> Response:
    """Submit an answer. Its verdict is in the response where it can be instant, and else in ``GET /attempts/{id}`` later."""
    limit_rate(visitor, "submit")
    service, written = visitor.service, to_written(body.answer)
    with _visible_problem(visitor, slug, problem) as (_, exam, exam_problem):
        exam_problem.blank(blank)
    attempt = service.submit(signed_in_person(visitor), exam, exam_problem, blank, written, key)
    return _json_response(
        attempt_view(service, exam, exam_problem, attempt), 201, location=f"/api/v1/attempts/{attempt.id}"
    )


@router.get(
    PROBLEM + "/attempts", responses=error_responses(401, 404, 409, 429), summary="List your attempts at a problem"
)
def list_problem_attempts(visitor: SignedIn, slug: str, problem: str) -> list[AttemptView]:
    """List your attempts at a problem, the oldest first."""
    limit_rate(visitor, "look")
    with _visible_problem(visitor, slug, problem) as (connection, exam, exam_problem):
        your_attempts = attempts.attempts_of(connection, exam, signed_in_person(visitor), problem)
    return attempt_views(visitor.service, exam, exam_problem, your_attempts)


@router.get(BLANK + "/attempts", responses=error_responses(401, 404, 409, 429), summary="List your attempts at a blank")
def list_blank_attempts(visitor: SignedIn, slug: str, problem: str, blank: str) -> list[AttemptView]:
    """List your attempts at a blank, the oldest first."""
    limit_rate(visitor, "look")
    with _visible_problem(visitor, slug, problem) as (connection, exam, exam_problem):
        exam_problem.blank(blank)
        your_attempts = attempts.attempts_of(connection, exam, signed_in_person(visitor), problem)
    return attempt_views(
        visitor.service, exam, exam_problem, [attempt for attempt in your_attempts if attempt.blank == blank]
    )


@router.get(
    "/attempts/{id}",
    response_model=AttemptView,
    responses=error_responses(401, 404, 409, 429),
    summary="Get an attempt",
)
def get_attempt(visitor: SignedIn, id: str) -> Response:
    """Return one of your attempts; somebody else's is not found, like one that does not exist."""
    limit_rate(visitor, "look")
    with visitor.service.database.reading() as connection:
        return _json_response(_view(connection, visitor, attempts.by_id(connection, id, signed_in_person(visitor))))


@router.post(
    "/attempts/{id}/misread",
    responses=error_responses(401, 403, 404, 409, 429),
    summary="Say that an answer was misread",
)
def request_review(visitor: CheckedSignedIn, id: str) -> AttemptView:
    """Ask a person to look at how your answer was read."""
    limit_rate(visitor, "submit")
    with visitor.service.database.writing() as connection:
        attempt = attempts.by_id(connection, id, signed_in_person(visitor))
        _view(
            connection, visitor, attempt
        )  # What is shut tells nothing of the attempt, not even whether it was graded.
        if not exams.by_id(connection, attempt.exam).shows_verdicts:
            raise Conflict(queue.NOT_BEFORE_RELEASE)
        return _view(connection, visitor, queue.request_review(connection, signed_in_person(visitor), id))


def _view(connection: Connection, visitor: Visitor, attempt: Attempt) -> AttemptView:
    exam = exams.by_id(connection, attempt.exam)
    exam_problem = exams.exam_problem(connection, exam, attempt.problem)
    visitor.service.check_can_practise(connection, signed_in_person(visitor), exam, exam_problem)
    return attempt_view(visitor.service, exam, exam_problem, attempt)
