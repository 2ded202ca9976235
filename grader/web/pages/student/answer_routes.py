"""Routes that take answers: read them back, save them as drafts, submit one or all, and ask for a review.

Each works as a plain form, which redirects to the page, and as a request of htmx, which gets a fragment of it.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from grader.core.submission import Written, is_blank
from grader.web.domain.attempts import attempts
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.review import queue
from grader.web.errors import Conflict, NoAttemptsLeft, NotFound, ServiceError, ValidationFailed
from grader.web.http.auth import Fields, SignedIn, Visitor, limit_rate, signed_in_person
from grader.web.pages.form_fields import text_field
from grader.web.pages.student.flash import SubmitSummary
from grader.web.pages.student.form_data import (
    blank_addresses,
    idempotency_key,
    read_answer,
    redisplay_form,
    save_draft,
    with_retry_after,
)
from grader.web.pages.student.problem_page import problem_page, redirect_to_problem, result_fragment
from grader.web.pages.student.rendering import render
from grader.web.pages.student.views import problem_context
from grader.web.pages.student.views.blank_view import answer_reading
from grader.web.pages.student.views.problem_context import ProblemContext
from grader.web.pages.student.views.student_work import StudentWork, load_work

router = APIRouter(prefix="/exams/{slug}/{problem}")


@router.post("/preview")
def preview(slug: str, problem: str, visitor: SignedIn, fields: Fields) -> Response:
    """Read an answer back while it is being typed, from the public part alone; nothing is saved."""
    limit_rate(visitor, "preview")
    context, blank = problem_context.find(visitor, slug, problem), text_field(fields, "blank")
    written = attempts.check_size(read_answer(context, fields, blank), visitor.service.settings.limits)
    reading = None if is_blank(written) else answer_reading(context.preview(blank, written), written)
    return render(visitor, "student/_reading.html", reading=reading)


@router.post("/draft")
def draft(request: Request, slug: str, problem: str, visitor: SignedIn, fields: Fields) -> Response:
    """Save a draft of one blank or, as a plain form, of all blanks that were changed."""
    limit_rate(visitor, "submit")
    context = problem_context.find(visitor, slug, problem)
    one_blank = text_field(fields, "blank") if "blank" in fields else None
    refused: dict[str, ServiceError] = {}
    before = load_work(context) if one_blank is None else None
    for blank in blank_addresses(context) if one_blank is None else [one_blank]:
        try:
            written = read_answer(context, fields, blank)
            if before is None or _is_changed_and_open(before, blank, written):
                save_draft(visitor, context, blank, written)
        except NotFound:
            raise
        except ServiceError as error:
            refused[blank] = error
    if _is_htmx(request):
        error_message = next((error.message for error in refused.values()), None)
        is_draft = load_work(context).unsent_draft(one_blank or "") is not None
        return render(visitor, "student/_draft_status.html", error=error_message, is_draft=is_draft)
    return redisplay_form(visitor, context, fields, refused) if refused else redirect_to_problem(context)


@router.post("/submit")
def submit(request: Request, slug: str, problem: str, visitor: SignedIn, fields: Fields) -> Response:
    """Submit one blank."""
    context, blank = problem_context.find(visitor, slug, problem), text_field(fields, "blank")
    context.blank(blank)
    try:
        limit_rate(visitor, "submit")
        written = read_answer(context, fields, blank)
        key = idempotency_key(fields, blank, written)
        visitor.service.submit(signed_in_person(visitor), context.exam, context.exam_problem, blank, written, key)
    except ServiceError as error:
        if _is_htmx(request):
            fragment = result_fragment(visitor, load_work(context), blank, error.status, error.message)
            return with_retry_after(fragment, error)
        return redisplay_form(visitor, context, fields, {blank: error})
    if _is_htmx(request):
        return result_fragment(visitor, load_work(context), blank)
    return redirect_to_problem(context, blank)


@router.post("/submit-all")
def submit_all(slug: str, problem: str, visitor: SignedIn, fields: Fields) -> Response:
    """Submit all blanks that hold something new and have an attempt left; one that is refused stops no other.

    The page that this redirects to says what was submitted, and what was refused and why.
    """
    context = problem_context.find(visitor, slug, problem)
    work = load_work(context)
    answers: dict[str, Written] = {}
    refused: dict[str, ServiceError] = {}
    for blank in blank_addresses(context):
        try:
            answers[blank] = read_answer(context, fields, blank)
        except ValidationFailed as error:
            refused[blank] = error
    try:
        limit_rate(visitor, "submit")
        key = idempotency_key(fields, "all", tuple(str(item) for item in answers.items()))
    except ServiceError as error:
        return redisplay_form(visitor, context, fields, {}, error)
    refused |= _without_attempts_left(work, answers)
    wanted = {blank: written for blank, written in answers.items() if blank not in refused}
    outcomes = visitor.service.submit_all(signed_in_person(visitor), context.exam, context.exam_problem, wanted, key)
    refused |= {blank: outcome for blank, outcome in outcomes.items() if isinstance(outcome, ServiceError)}
    ids_before = {attempt.id for attempt in work.attempts}
    submitted = sum(isinstance(outcome, Attempt) and outcome.id not in ids_before for outcome in outcomes.values())
    summary = SubmitSummary(submitted, {blank: error.message for blank, error in refused.items()})
    if refused and not _save_drafts(visitor, context, {blank: answers.get(blank) for blank in refused}):
        return redisplay_form(visitor, context, fields, refused, notice=summary.message)
    if not (submitted or refused) and any(map(load_work(context).is_pending, outcomes)):
        return redirect_to_problem(context)  # A double click: its results are below, and need no message.
    return redirect_to_problem(context, summary=summary)


@router.post("/ask")
def ask_for_review(request: Request, slug: str, problem: str, visitor: SignedIn, fields: Fields) -> Response:
    """Send one of the student's own answers to a person: "you misread me"."""
    context = problem_context.find(visitor, slug, problem)
    person = signed_in_person(visitor)
    with visitor.service.database.reading() as connection:
        attempt = attempts.by_id(connection, text_field(fields, "attempt"), person)
    if (attempt.exam, attempt.problem) != (context.exam.id, context.exam_problem.problem):
        raise NotFound
    refused: ServiceError | None = None
    try:
        limit_rate(visitor, "submit")
        if context.reveal_level is None:
            raise Conflict(queue.NOT_BEFORE_RELEASE)
        with visitor.service.database.writing() as connection:
            queue.request_review(connection, person, attempt.id)
    except ServiceError as error:
        refused = error
    if _is_htmx(request):
        status, message = (refused.status, refused.message) if refused else (200, None)
        return result_fragment(visitor, load_work(context), attempt.blank, status, message)
    if refused:
        return problem_page(visitor, load_work(context), refused.status, {attempt.blank: refused.message})
    return redirect_to_problem(context, attempt.blank)


@router.get("/blanks/{blank}")
def result(slug: str, problem: str, blank: str, visitor: SignedIn) -> Response:
    """Return the result of one blank; no content, so that the page stays as it is, while it is being graded."""
    limit_rate(visitor, "look")
    context = problem_context.find(visitor, slug, problem)
    context.blank(blank)
    work = load_work(context)
    return Response(status_code=204) if work.is_pending(blank) else result_fragment(visitor, work, blank)


def _is_changed_and_open(work: StudentWork, blank: str, written: Written) -> bool:
    return written != (work.current_answer(blank) or "") and not work.attempt_use(blank).is_used_up


def _without_attempts_left(work: StudentWork, answers: dict[str, Written]) -> dict[str, ServiceError]:
    """Return errors for the blanks that hold something new and have no attempt left."""
    limit = work.context.exam.policy.attempts
    return {
        blank: NoAttemptsLeft(limit)
        for blank, written in answers.items()
        if limit is not None
        and not is_blank(written)
        and written != work.last_submitted(blank)
        and work.attempt_use(blank).is_used_up
    }


def _save_drafts(visitor: Visitor, context: ProblemContext, answers: dict[str, Written | None]) -> bool:
    """Save refused answers as drafts; False if some of it can only be kept on the page."""
    for blank, written in answers.items():
        if written is None:
            return False
        try:
            save_draft(visitor, context, blank, written)
        except ServiceError:
            return False
    return True


def _is_htmx(request: Request) -> bool:
    return "hx-request" in request.headers
