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
from grader.web.domain.exams import enrolments, exams
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
def _seen(asking: Visitor, slug: str, problem: str) -> Iterator[tuple[Connection, Exam, ExamProblem]]:
    """Open what whoever asks may see; raises NotFound and NotOpenYet."""
    with asking.service.database.reading() as connection:
        exam = exams.find(connection, slug)
        enrolments.check_can_view(connection, exam, signed_in_person(asking))
        yield connection, exam, exams.exam_problem(connection, exam, problem)


@router.get("/exams", responses=answers(401, 429), summary="List exams")
def list_exams(asking: SignedIn) -> list[ExamRow]:
    """List the exams that whoever asks may know of."""
    limit_rate(asking, "look")
    with asking.service.database.reading() as connection:
        found = exams.exams_of(connection, signed_in_person(asking))
        return [exam_row(connection, each, signed_in_person(asking)) for each in found]


@router.get("/exams/{slug}", responses=answers(401, 404, 409, 429), summary="One exam")
def one_exam(asking: SignedIn, slug: str) -> ExamView:
    """Return an exam with its problems."""
    limit_rate(asking, "look")
    with asking.service.database.reading() as connection:
        exam = exams.find(connection, slug)
        enrolments.check_can_view(connection, exam, signed_in_person(asking))
        return exam_view(connection, asking.service, exam, signed_in_person(asking))


@router.get(PROBLEM, responses=answers(401, 404, 409, 429), summary="One problem")
def one_problem(asking: SignedIn, slug: str, problem: str) -> ProblemView:
    """Return a problem, with drafts and the attempts that are left."""
    limit_rate(asking, "look")
    with _seen(asking, slug, problem) as (connection, exam, sheet):
        return problem_view(connection, asking.service, exam, sheet, signed_in_person(asking))


@router.post(
    BLANK + "/preview",
    response_model=PreviewView,
    responses=answers(401, 403, 404, 409, 429),
    summary="Read an answer back",
)
def preview(asking: Sent, slug: str, problem: str, blank: str, answer: Answer) -> Response:
    """Say how an answer is read; nothing is kept, and no key is asked."""
    limit_rate(asking, "preview")
    with _seen(asking, slug, problem) as (_, _, sheet):
        known = asking.service.public(sheet, blank)
    text = attempts.check_size(written(answer.written), asking.service.settings.limits)
    return _told(PreviewView(**known.preview(text).model_dump(mode="json")))


@router.put(BLANK + "/draft", status_code=204, responses=answers(401, 403, 404, 409, 429), summary="Keep a draft")
def draft(asking: Sent, slug: str, problem: str, blank: str, answer: Answer) -> None:
    """Keep what stands in a blank now."""
    limit_rate(asking, "preview")
    limits = asking.service.settings.limits
    with asking.service.database.writing() as connection:
        exam = exams.find(connection, slug)
        drafts.save_draft(connection, signed_in_person(asking), exam, problem, blank, written(answer.written), limits)


@router.post(
    BLANK + "/attempts",
    status_code=201,
    response_model=AttemptView,
    responses=answers(401, 403, 404, 409, 429),
    summary="Hand in",
)
def hand_in(asking: Sent, slug: str, problem: str, blank: str, answer: Answer, once: Once) -> Response:
    """Take an answer, and have it graded: at once where that can be, and else as ``GET /attempts/{id}`` will tell."""
    limit_rate(asking, "submit")
    service, given = asking.service, written(answer.written)
    with _seen(asking, slug, problem) as (_, exam, sheet):
        sheet.blank(blank)
    made = service.submit(signed_in_person(asking), exam, sheet, blank, given, once)
    return _told(attempt_view(service, exam, sheet, made), 201, location=f"/api/v1/attempts/{made.id}")


@router.get(PROBLEM + "/attempts", responses=answers(401, 404, 409, 429), summary="Own attempts at a problem")
def own_attempts(asking: SignedIn, slug: str, problem: str) -> list[AttemptView]:
    """List the attempts of whoever asks at one problem."""
    limit_rate(asking, "look")
    with _seen(asking, slug, problem) as (connection, exam, sheet):
        tried = attempts.attempts_of(connection, exam, signed_in_person(asking), problem)
    return attempt_views(asking.service, exam, sheet, tried)


@router.get(BLANK + "/attempts", responses=answers(401, 404, 409, 429), summary="Own attempts at a blank")
def own_attempts_at(asking: SignedIn, slug: str, problem: str, blank: str) -> list[AttemptView]:
    """List the attempts of whoever asks at one blank."""
    limit_rate(asking, "look")
    with _seen(asking, slug, problem) as (connection, exam, sheet):
        sheet.blank(blank)
        tried = attempts.attempts_of(connection, exam, signed_in_person(asking), problem)
    return attempt_views(asking.service, exam, sheet, [each for each in tried if each.blank == blank])


@router.get("/attempts/{id}", response_model=AttemptView, responses=answers(401, 404, 429), summary="One attempt")
def one_attempt(asking: SignedIn, id: str) -> Response:
    """Return one's own attempt; somebody else's is not found, like none."""
    limit_rate(asking, "look")
    with asking.service.database.reading() as connection:
        return _told(_view(connection, asking, attempts.by_id(connection, id, signed_in_person(asking))))


@router.post("/attempts/{id}/misread", responses=answers(401, 403, 404, 409, 429), summary="You misread me")
def misread(asking: Sent, id: str) -> AttemptView:
    """Ask a person to look at how one's answer was read."""
    limit_rate(asking, "submit")
    with asking.service.database.writing() as connection:
        found = attempts.by_id(connection, id, signed_in_person(asking))
        if not exams.by_id(connection, found.exam).shows_verdicts:
            raise Conflict(queue.NOT_BEFORE_RELEASE)
        return _view(connection, asking, queue.request_review(connection, signed_in_person(asking), id))


def _view(connection: Connection, asking: Visitor, attempt: Attempt) -> AttemptView:
    exam = exams.by_id(connection, attempt.exam)
    sheet = exams.exam_problem(connection, exam, attempt.problem)
    return attempt_view(asking.service, exam, sheet, attempt)
