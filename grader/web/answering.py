"""What a student's page sends: answers to be read back, kept as drafts, handed in, or looked at by a person.

Each works as a plain form, which is led back to the page, and as a piece of it for htmx.
"""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from grader.submission import Written, is_blank
from grader.web import attempts, drafts, reviews, student_place
from grader.web.columns import digest
from grader.web.door import Fields, Known, Visitor, allow, person
from grader.web.refusals import Conflict, Invalid, NotFound, Refused, TooMany
from grader.web.student_fields import kept, reading
from grader.web.student_inputs import input_of
from grader.web.student_pages import leads_to, problem_page, result_piece
from grader.web.student_place import Place
from grader.web.student_styles import render

router = APIRouter(prefix="/exams/{slug}/{problem}")
UNDECIDED = "This can be asked once the results are released."
NOTHING_NEW = "There is nothing here that was not handed in already."
OLD = "This page has grown old. Please load it anew, and hand in again."


@router.post("/preview")
def preview(slug: str, problem: str, asking: Known, fields: Fields) -> Response:
    """Read an answer back as it is being typed, from the public part alone; nothing is kept of it."""
    allow(asking, "preview")
    place, blank = student_place.find(asking, slug, problem), str(fields.get("blank", ""))
    given = attempts.checked(_given(place, fields, blank), asking.service.settings.limits)
    known = None if is_blank(given) else reading(place.public(blank), given)
    return render(asking, "piece_reading.html", reading=known)


@router.post("/draft")
def draft(request: Request, slug: str, problem: str, asking: Known, fields: Fields) -> Response:
    """Keep what was typed: in one blank, or as a plain form in all that were changed."""
    allow(asking, "submit")
    place, one = student_place.find(asking, slug, problem), fields.get("blank")
    refused: dict[str, Refused] = {}
    before = kept(place) if one is None else None
    for blank in _blanks(place) if one is None else [str(one)]:
        try:
            given = _given(place, fields, blank)
            if before is None or given != (before.stands(blank) or ""):
                _keep(asking, place, blank, given)
        except NotFound:
            raise
        except Refused as error:
            refused[blank] = error
    if _by_htmx(request):
        says = next((error.message for error in refused.values()), None)
        return render(asking, "piece_saved.html", says=says)
    return _again(asking, place, fields, refused) if refused else leads_to(place)


@router.post("/submit")
def submit(request: Request, slug: str, problem: str, asking: Known, fields: Fields) -> Response:
    """Hand in one blank."""
    place, blank = student_place.find(asking, slug, problem), str(fields.get("blank", ""))
    place.blank(blank)
    try:
        allow(asking, "submit")
        given = _given(place, fields, blank)
        asking.service.hand_in(
            person(asking), place.exam, place.sheet, blank, given, _key(fields, blank, given)
        )
    except Refused as refused:
        if _by_htmx(request):
            return _told(result_piece(asking, kept(place), blank, refused.status, refused.message), refused)
        return _again(asking, place, fields, {blank: refused})
    return result_piece(asking, kept(place), blank) if _by_htmx(request) else leads_to(place, blank)


@router.post("/submit-all")
def submit_all(slug: str, problem: str, asking: Known, fields: Fields) -> Response:
    """Hand in all blanks that hold something new; one that is refused stops no other."""
    place = student_place.find(asking, slug, problem)
    answers: dict[str, Written] = {}
    refused: dict[str, Refused] = {}
    for blank in _blanks(place):
        try:
            answers[blank] = _given(place, fields, blank)
        except Invalid as error:
            refused[blank] = error
    known = len(kept(place).attempts)
    try:
        allow(asking, "submit")
        key = _key(fields, "all", tuple(str(each) for each in answers.items()))
    except Refused as error:
        return _again(asking, place, fields, {}, error)
    done = asking.service.hand_in_all(person(asking), place.exam, place.sheet, answers, key)
    refused |= {blank: each for blank, each in done.items() if isinstance(each, Refused)}
    if refused:
        return _again(asking, place, fields, refused)
    own = kept(place)
    if not done or (len(own.attempts) == known and all(not own.waits(blank) for blank in done)):
        return problem_page(asking, own, says=NOTHING_NEW)
    return leads_to(place)


@router.post("/ask")
def ask(request: Request, slug: str, problem: str, asking: Known, fields: Fields) -> Response:
    """Send one of the student's own answers to a person: "you misread me"."""
    place = student_place.find(asking, slug, problem)
    refused: Refused | None = None
    with asking.service.database.reading() as connection:
        attempt = attempts.by_id(connection, str(fields.get("attempt", "")), person(asking))
    if (attempt.exam, attempt.problem) != (place.exam.id, place.sheet.problem):
        raise NotFound
    try:
        allow(asking, "submit")
        if place.level is None:
            raise Conflict(UNDECIDED)
        with asking.service.database.writing() as connection:
            reviews.ask(connection, person(asking), attempt.id)
    except Refused as error:
        refused = error
    if _by_htmx(request):
        status, says = (refused.status, refused.message) if refused else (200, None)
        return result_piece(asking, kept(place), attempt.blank, status, says)
    if refused:
        return problem_page(asking, kept(place), refused.status, {attempt.blank: refused.message})
    return leads_to(place, attempt.blank)


@router.get("/blanks/{blank}")
def result(slug: str, problem: str, blank: str, asking: Known) -> Response:
    """Return what became of one blank; nothing, and no change to the page, while it is still being graded."""
    allow(asking, "look")
    place = student_place.find(asking, slug, problem)
    place.blank(blank)
    own = kept(place)
    return Response(status_code=204) if own.waits(blank) else result_piece(asking, own, blank)


def _given(place: Place, fields: FormData, blank: str) -> Written:
    """Return the answer in the fields of one blank; raises NotFound and Invalid."""
    public = place.public(blank)
    return input_of(public).read(fields, blank, public)


def _key(fields: FormData, blank: str, given: Written) -> str:
    """Return what names a request: the page that it was sent from, and what it says. Sent twice, it is one."""
    page = fields.get(f"key:{blank}", "")
    if not isinstance(page, str) or not 8 <= len(page) <= 80:
        raise Invalid(OLD)
    return f"{page}-{digest(attempts.listed(given))}"


def _keep(asking: Visitor, place: Place, blank: str, given: Written) -> None:
    with asking.service.database.writing() as connection:
        drafts.save_draft(
            connection, person(asking), place.exam, place.sheet.problem, blank, given, asking.service.settings.limits
        )  # fmt: skip


def _again(
    asking: Visitor, place: Place, fields: FormData, refused: dict[str, Refused], whole: Refused | None = None
) -> Response:
    """Show the page with what was typed in it, and why it was not taken beside each blank."""
    typed: dict[str, Written] = {}
    for blank in _blanks(place):
        try:
            typed[blank] = _given(place, fields, blank)
        except Invalid:
            continue
    own = kept(place)
    first = whole or next(iter(refused.values()))
    says = {blank: error.message for blank, error in refused.items()}
    changed = {blank: given for blank, given in typed.items() if given != (own.stands(blank) or "")}
    own = replace(own, drafts={**own.drafts, **changed})
    page = problem_page(asking, own, first.status, says, whole.message if whole else None)
    return _told(page, first)


def _told(response: Response, refused: Refused) -> Response:
    if isinstance(refused, TooMany) and refused.retry_after is not None:
        response.headers["retry-after"] = str(refused.retry_after)
    return response


def _blanks(place: Place) -> list[str]:
    return [slot.address for slot in place.sheet.blanks]


def _by_htmx(request: Request) -> bool:
    return "hx-request" in request.headers
