"""What a student's page sends: answers to be read back, kept as drafts, handed in, or looked at by a person.

Each works as a plain form, which is led back to the page, and as a piece of it for htmx.
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
from grader.web.pages.student.flash import Done
from grader.web.pages.student.form_data import again, answer_in, blanks, keep, key, waiting
from grader.web.pages.student.problem_page import leads_to, problem_page, result_piece
from grader.web.pages.student.rendering import render
from grader.web.pages.student.views import problem_context
from grader.web.pages.student.views.blank_view import reading
from grader.web.pages.student.views.problem_context import Place
from grader.web.pages.student.views.student_work import Kept, kept

router = APIRouter(prefix="/exams/{slug}/{problem}")


@router.post("/preview")
def preview(slug: str, problem: str, visitor: SignedIn, fields: Fields) -> Response:
    """Read an answer back as it is being typed, from the public part alone; nothing is kept of it."""
    limit_rate(visitor, "preview")
    place, blank = problem_context.find(visitor, slug, problem), str(fields.get("blank", ""))
    given = attempts.check_size(answer_in(place, fields, blank), visitor.service.settings.limits)
    known = None if is_blank(given) else reading(place.public(blank), given)
    return render(visitor, "student/_reading.html", reading=known)


@router.post("/draft")
def draft(request: Request, slug: str, problem: str, visitor: SignedIn, fields: Fields) -> Response:
    """Keep what was typed: in one blank, or as a plain form in all that were changed."""
    limit_rate(visitor, "submit")
    place, one = problem_context.find(visitor, slug, problem), fields.get("blank")
    refused: dict[str, ServiceError] = {}
    before = kept(place) if one is None else None
    for blank in blanks(place) if one is None else [str(one)]:
        try:
            given = answer_in(place, fields, blank)
            if before is None or (given != (before.stands(blank) or "") and not before.counts(blank).used_up):
                keep(visitor, place, blank, given)
        except NotFound:
            raise
        except ServiceError as error:
            refused[blank] = error
    if _by_htmx(request):
        says = next((error.message for error in refused.values()), None)
        return render(visitor, "student/_saved.html", says=says, draft=kept(place).draft(str(one)) is not None)
    return again(visitor, place, fields, refused) if refused else leads_to(place)


@router.post("/submit")
def submit(request: Request, slug: str, problem: str, visitor: SignedIn, fields: Fields) -> Response:
    """Hand in one blank."""
    place, blank = problem_context.find(visitor, slug, problem), str(fields.get("blank", ""))
    place.blank(blank)
    try:
        limit_rate(visitor, "submit")
        given = answer_in(place, fields, blank)
        visitor.service.submit(
            signed_in_person(visitor), place.exam, place.sheet, blank, given, key(fields, blank, given)
        )
    except ServiceError as refused:
        if _by_htmx(request):
            return waiting(result_piece(visitor, kept(place), blank, refused.status, refused.message), refused)
        return again(visitor, place, fields, {blank: refused})
    return result_piece(visitor, kept(place), blank) if _by_htmx(request) else leads_to(place, blank)


@router.post("/ask")
def ask(request: Request, slug: str, problem: str, visitor: SignedIn, fields: Fields) -> Response:
    """Send one of the student's own answers to a person: "you misread me"."""
    place = problem_context.find(visitor, slug, problem)
    refused: ServiceError | None = None
    with visitor.service.database.reading() as connection:
        attempt = attempts.by_id(connection, str(fields.get("attempt", "")), signed_in_person(visitor))
    if (attempt.exam, attempt.problem) != (place.exam.id, place.sheet.problem):
        raise NotFound
    try:
        limit_rate(visitor, "submit")
        if place.level is None:
            raise Conflict(queue.NOT_BEFORE_RELEASE)
        with visitor.service.database.writing() as connection:
            queue.request_review(connection, signed_in_person(visitor), attempt.id)
    except ServiceError as error:
        refused = error
    if _by_htmx(request):
        status, says = (refused.status, refused.message) if refused else (200, None)
        return result_piece(visitor, kept(place), attempt.blank, status, says)
    if refused:
        return problem_page(visitor, kept(place), refused.status, {attempt.blank: refused.message})
    return leads_to(place, attempt.blank)


@router.get("/blanks/{blank}")
def result(slug: str, problem: str, blank: str, visitor: SignedIn) -> Response:
    """Return what became of one blank; nothing, and no change to the page, while it is still being graded."""
    limit_rate(visitor, "look")
    place = problem_context.find(visitor, slug, problem)
    place.blank(blank)
    own = kept(place)
    return Response(status_code=204) if own.waits(blank) else result_piece(visitor, own, blank)


def _by_htmx(request: Request) -> bool:
    return "hx-request" in request.headers


@router.post("/submit-all")
def submit_all(slug: str, problem: str, visitor: SignedIn, fields: Fields) -> Response:
    """Hand in all blanks that hold something new and have an attempt left; one that is refused stops no other."""
    place = problem_context.find(visitor, slug, problem)
    own = kept(place)
    answers: dict[str, Written] = {}
    refused: dict[str, ServiceError] = {}
    for blank in blanks(place):
        try:
            answers[blank] = answer_in(place, fields, blank)
        except ValidationFailed as error:
            refused[blank] = error
    try:
        limit_rate(visitor, "submit")
        page = key(fields, "all", tuple(str(each) for each in answers.items()))
    except ServiceError as error:
        return again(visitor, place, fields, {}, error)
    refused |= _used_up(own, answers)
    wanted = {blank: written for blank, written in answers.items() if blank not in refused}
    done = visitor.service.submit_all(signed_in_person(visitor), place.exam, place.sheet, wanted, page)
    refused |= {blank: each for blank, each in done.items() if isinstance(each, ServiceError)}
    before = {each.id for each in own.attempts}
    taken = sum(isinstance(each, Attempt) and each.id not in before for each in done.values())
    told = Done(taken, {blank: each.message for blank, each in refused.items()})
    if refused and not _kept_as_drafts(visitor, place, {blank: answers.get(blank) for blank in refused}):
        return again(visitor, place, fields, refused, told=told.says)
    if not (taken or refused) and any(map(kept(place).waits, done)):  # A double click: what it did is seen below.
        return leads_to(place)
    return leads_to(place, done=told)


def _used_up(own: Kept, answers: dict[str, Written]) -> dict[str, ServiceError]:
    """Return the blanks that hold something new and have no attempt left."""
    most = own.place.exam.policy.attempts
    return {
        blank: NoAttemptsLeft(most)
        for blank, written in answers.items()
        if most is not None and not is_blank(written) and written != own.last(blank) and own.counts(blank).used_up
    }


def _kept_as_drafts(visitor: Visitor, place: Place, left: dict[str, Written | None]) -> bool:
    """Keep what was not taken as drafts; False if some of it can only be kept on the page."""
    for blank, written in left.items():
        if written is None:
            return False
        try:
            keep(visitor, place, blank, written)
        except ServiceError:
            return False
    return True
