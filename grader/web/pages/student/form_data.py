"""Form parsing: the answers in a problem's form, the idempotency key of a request, and the form again where answers are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from starlette.datastructures import FormData
from starlette.responses import Response

from grader.core.submission import Written
from grader.web.db.column_types import digest
from grader.web.domain.attempts import attempts, drafts
from grader.web.errors import RateLimited, ServiceError, ValidationFailed
from grader.web.http.auth import Visitor, signed_in_person
from grader.web.pages.form_fields import text_field
from grader.web.pages.student.problem_page import problem_page
from grader.web.pages.student.views.inputs import widget_of
from grader.web.pages.student.views.problem_context import ProblemContext
from grader.web.pages.student.views.student_work import load_work

PAGE_EXPIRED = "This page has expired. Reload it and submit again."


def read_answer(context: ProblemContext, fields: FormData, blank: str) -> Written:
    """Return the answer in the fields of one blank.

    Raises: NotFound, ValidationFailed.
    """
    public = context.public(blank)
    return widget_of(public).read(fields, blank, public)


def blank_addresses(context: ProblemContext) -> list[str]:
    """Return the addresses of all blanks of a problem."""
    return [blank.address for blank in context.exam_problem.blanks]


def idempotency_key(fields: FormData, blank: str, written: Written) -> str:
    """Return the key of a request, from the page that it was sent from and what it says: sent twice, it counts once."""
    page_key = text_field(fields, f"key:{blank}")
    if not 8 <= len(page_key) <= 80:
        raise ValidationFailed(PAGE_EXPIRED)
    return f"{page_key}-{digest(attempts.written_to_json(written))}"


def save_draft(visitor: Visitor, context: ProblemContext, blank: str, written: Written) -> None:
    """Save an answer as a draft.

    Raises: TooLarge, Closed.
    """
    person, problem, limits = signed_in_person(visitor), context.exam_problem.problem, visitor.service.settings.limits
    with visitor.service.database.writing() as connection:
        drafts.save_draft(connection, person, context.exam, problem, blank, written, limits)


def redisplay_form(
    visitor: Visitor,
    context: ProblemContext,
    fields: FormData,
    refused: Mapping[str, ServiceError],
    page_error: ServiceError | None = None,
    notice: str | None = None,
) -> Response:
    """Show the problem with what was typed in it, and beside each blank why its answer was refused."""
    typed: dict[str, Written] = {}
    for blank in blank_addresses(context):
        try:
            typed[blank] = read_answer(context, fields, blank)
        except ValidationFailed:
            continue
    work = load_work(context)
    first = page_error or next(iter(refused.values()))
    errors = {blank: error.message for blank, error in refused.items()}
    changed = {blank: written for blank, written in typed.items() if written != (work.current_answer(blank) or "")}
    work = replace(work, drafts={**work.drafts, **changed})
    page = problem_page(visitor, work, first.status, errors, page_error.message if page_error else None, notice)
    return with_retry_after(page, first)


def with_retry_after(response: Response, refused: ServiceError) -> Response:
    """Say in the response's headers when to try again, if the rate limit refused it."""
    if isinstance(refused, RateLimited) and refused.retry_after is not None:
        response.headers["retry-after"] = str(refused.retry_after)
    return response
