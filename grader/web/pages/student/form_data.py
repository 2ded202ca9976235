"""What a student's page sends: the answers in its fields, the key of the request, and the page again where some are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from starlette.datastructures import FormData
from starlette.responses import Response

from grader.core.submission import Written
from grader.web.db.types import digest
from grader.web.domain.attempts import attempts, drafts
from grader.web.errors import RateLimited, ServiceError, ValidationFailed
from grader.web.http.auth import Visitor, signed_in_person
from grader.web.pages.student.problem_page import problem_page
from grader.web.pages.student.views.inputs import input_of
from grader.web.pages.student.views.problem_context import Place
from grader.web.pages.student.views.student_work import kept

OLD = "This page has grown old. Please load it anew, and hand in again."


def answer_in(place: Place, fields: FormData, blank: str) -> Written:
    """Return the answer in the fields of one blank; raises NotFound and Invalid."""
    public = place.public(blank)
    return input_of(public).read(fields, blank, public)


def blanks(place: Place) -> list[str]:
    """Return the addresses of all blanks of a problem."""
    return [slot.address for slot in place.sheet.blanks]


def key(fields: FormData, blank: str, given: Written) -> str:
    """Return what names a request: the page that it was sent from, and what it says. Sent twice, it is one."""
    page = fields.get(f"key:{blank}", "")
    if not isinstance(page, str) or not 8 <= len(page) <= 80:
        raise ValidationFailed(OLD)
    return f"{page}-{digest(attempts.written_to_json(given))}"


def keep(visitor: Visitor, place: Place, blank: str, given: Written) -> None:
    """Keep an answer as a draft; raises TooLarge and Closed."""
    with visitor.service.database.writing() as connection:
        drafts.save_draft(
            connection,
            signed_in_person(visitor),
            place.exam,
            place.sheet.problem,
            blank,
            given,
            visitor.service.settings.limits,
        )


def again(
    visitor: Visitor,
    place: Place,
    fields: FormData,
    refused: Mapping[str, ServiceError],
    whole: ServiceError | None = None,
    told: str | None = None,
) -> Response:
    """Show the page with what was typed in it, and why it was not taken beside each blank."""
    typed: dict[str, Written] = {}
    for blank in blanks(place):
        try:
            typed[blank] = answer_in(place, fields, blank)
        except ValidationFailed:
            continue
    own = kept(place)
    first = whole or next(iter(refused.values()))
    says = {blank: error.message for blank, error in refused.items()}
    changed = {blank: written for blank, written in typed.items() if written != (own.stands(blank) or "")}
    own = replace(own, drafts={**own.drafts, **changed})
    page = problem_page(visitor, own, first.status, says, whole.message if whole else None, told)
    return waiting(page, first)


def waiting(response: Response, refused: ServiceError) -> Response:
    """Say in the response when it may be tried again."""
    if isinstance(refused, RateLimited) and refused.retry_after is not None:
        response.headers["retry-after"] = str(refused.retry_after)
    return response
