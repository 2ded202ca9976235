"""What a student's page sends: answers to be read back, kept as drafts, handed in, or looked at by a person.

Each works as a plain form, which is led back to the page, and as a piece of it for htmx.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from grader.core.submission import is_blank
from grader.web.domain.attempts import attempts
from grader.web.domain.review import queue
from grader.web.errors import Conflict, NotFound, ServiceError
from grader.web.http.auth import Fields, SignedIn, limit_rate, signed_in_person
from grader.web.pages.student.form_data import again, answer_in, blanks, keep, key, waiting
from grader.web.pages.student.problem_page import leads_to, problem_page, result_piece
from grader.web.pages.student.rendering import render
from grader.web.pages.student.views import problem_context
from grader.web.pages.student.views.blank_view import reading
from grader.web.pages.student.views.student_work import kept

router = APIRouter(prefix="/exams/{slug}/{problem}")


@router.post("/preview")
def preview(slug: str, problem: str, asking: SignedIn, fields: Fields) -> Response:
    """Read an answer back as it is being typed, from the public part alone; nothing is kept of it."""
    limit_rate(asking, "preview")
    place, blank = problem_context.find(asking, slug, problem), str(fields.get("blank", ""))
    given = attempts.check_size(answer_in(place, fields, blank), asking.service.settings.limits)
    known = None if is_blank(given) else reading(place.public(blank), given)
    return render(asking, "student/_reading.html", reading=known)


@router.post("/draft")
def draft(request: Request, slug: str, problem: str, asking: SignedIn, fields: Fields) -> Response:
    """Keep what was typed: in one blank, or as a plain form in all that were changed."""
    limit_rate(asking, "submit")
    place, one = problem_context.find(asking, slug, problem), fields.get("blank")
    refused: dict[str, ServiceError] = {}
    before = kept(place) if one is None else None
    for blank in blanks(place) if one is None else [str(one)]:
        try:
            given = answer_in(place, fields, blank)
            if before is None or (given != (before.stands(blank) or "") and not before.counts(blank).used_up):
                keep(asking, place, blank, given)
        except NotFound:
            raise
        except ServiceError as error:
            refused[blank] = error
    if _by_htmx(request):
        says = next((error.message for error in refused.values()), None)
        return render(asking, "student/_saved.html", says=says, draft=kept(place).draft(str(one)) is not None)
    return again(asking, place, fields, refused) if refused else leads_to(place)


@router.post("/submit")
def submit(request: Request, slug: str, problem: str, asking: SignedIn, fields: Fields) -> Response:
    """Hand in one blank."""
    place, blank = problem_context.find(asking, slug, problem), str(fields.get("blank", ""))
    place.blank(blank)
    try:
        limit_rate(asking, "submit")
        given = answer_in(place, fields, blank)
        asking.service.submit(
            signed_in_person(asking), place.exam, place.sheet, blank, given, key(fields, blank, given)
        )
    except ServiceError as refused:
        if _by_htmx(request):
            return waiting(result_piece(asking, kept(place), blank, refused.status, refused.message), refused)
        return again(asking, place, fields, {blank: refused})
    return result_piece(asking, kept(place), blank) if _by_htmx(request) else leads_to(place, blank)


@router.post("/ask")
def ask(request: Request, slug: str, problem: str, asking: SignedIn, fields: Fields) -> Response:
    """Send one of the student's own answers to a person: "you misread me"."""
    place = problem_context.find(asking, slug, problem)
    refused: ServiceError | None = None
    with asking.service.database.reading() as connection:
        attempt = attempts.by_id(connection, str(fields.get("attempt", "")), signed_in_person(asking))
    if (attempt.exam, attempt.problem) != (place.exam.id, place.sheet.problem):
        raise NotFound
    try:
        limit_rate(asking, "submit")
        if place.level is None:
            raise Conflict(queue.NOT_BEFORE_RELEASE)
        with asking.service.database.writing() as connection:
            queue.request_review(connection, signed_in_person(asking), attempt.id)
    except ServiceError as error:
        refused = error
    if _by_htmx(request):
        status, says = (refused.status, refused.message) if refused else (200, None)
        return result_piece(asking, kept(place), attempt.blank, status, says)
    if refused:
        return problem_page(asking, kept(place), refused.status, {attempt.blank: refused.message})
    return leads_to(place, attempt.blank)


@router.get("/blanks/{blank}")
def result(slug: str, problem: str, blank: str, asking: SignedIn) -> Response:
    """Return what became of one blank; nothing, and no change to the page, while it is still being graded."""
    limit_rate(asking, "look")
    place = problem_context.find(asking, slug, problem)
    place.blank(blank)
    own = kept(place)
    return Response(status_code=204) if own.waits(blank) else result_piece(asking, own, blank)


def _by_htmx(request: Request) -> bool:
    return "hx-request" in request.headers
