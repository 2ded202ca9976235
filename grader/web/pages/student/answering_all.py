"""Handing in all blanks of a page at once: what was taken, and what was not and why, is told on the page this leads to."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from grader.core.submission import Written, is_blank
from grader.web.domain.attempts.attempts import Attempt
from grader.web.errors import NoAttemptsLeft, ServiceError, ValidationFailed
from grader.web.http.auth import Fields, SignedIn, Visitor, limit_rate, signed_in_person
from grader.web.pages.student.flash import Done
from grader.web.pages.student.form_data import again, answer_in, blanks, keep, key
from grader.web.pages.student.problem_page import leads_to
from grader.web.pages.student.views import problem_context
from grader.web.pages.student.views.problem_context import Place
from grader.web.pages.student.views.student_work import Kept, kept

router = APIRouter(prefix="/exams/{slug}/{problem}")


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
