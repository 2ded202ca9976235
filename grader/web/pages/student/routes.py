"""The pages of students: their exams, a problem to answer, the notation, and a receipt of what was handed in."""

from __future__ import annotations

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from grader.formula.writing.notation_sheet import sections
from grader.reports.pages.student import written
from grader.web.domain.exams import enrolments, exams
from grader.web.errors import NotOpenYet
from grader.web.http.auth import SignedIn, limit_rate, signed_in_person
from grader.web.pages.student import answer_routes, sign_out_routes
from grader.web.pages.student.flash import unsealed
from grader.web.pages.student.problem_page import address, problem_page
from grader.web.pages.student.rendering import render
from grader.web.pages.student.views import problem_context
from grader.web.pages.student.views.exam_list import all_listed, listed, unsent_in
from grader.web.pages.student.views.receipt import digest
from grader.web.pages.student.views.student_work import Kept, kept

router = APIRouter()


@router.get("/")
def start(visitor: SignedIn) -> Response:
    """List the exams of a student; staff are led to their own pages."""
    if signed_in_person(visitor).is_staff:
        return RedirectResponse("/staff", 303)
    limit_rate(visitor, "look")
    with visitor.service.database.reading() as connection:
        found = all_listed(connection, signed_in_person(visitor))
    return render(visitor, "student/start.html", exams=found)


@router.get("/exams/{slug}")
def exam(slug: str, visitor: SignedIn) -> Response:
    """List the problems of an exam."""
    limit_rate(visitor, "look")
    with visitor.service.database.reading() as connection:
        found = exams.find(connection, slug)
        each = listed(connection, signed_in_person(visitor), found)
        unsent = unsent_in(connection, signed_in_person(visitor), each)
        try:
            enrolments.check_can_view(connection, found, signed_in_person(visitor))
        except NotOpenYet:
            return render(visitor, "student/exam.html", each=each, titles=None)
    titles = {row.sheet.problem: visitor.service.problem(row.sheet).title for row in each.rows}
    return render(visitor, "student/exam.html", each=each, titles=titles, unsent=unsent)


@router.get("/exams/{slug}/{problem}")
def problem(slug: str, problem: str, visitor: SignedIn, done: str = "") -> Response:
    """Show a problem with an input for each blank, what became of the answers so far, and what was just ``done``."""
    limit_rate(visitor, "look")
    place = problem_context.find(visitor, slug, problem)
    told = unsealed(visitor.service.settings, place, done)
    if told is None:
        return problem_page(visitor, kept(place))
    return problem_page(visitor, kept(place), refused=told.refused, told=told.says)


@router.get("/exams/{slug}/{problem}/notation")
def notation(slug: str, problem: str, visitor: SignedIn) -> Response:
    """Show how formulas are written, with the names of the problem."""
    limit_rate(visitor, "look")
    place = problem_context.find(visitor, slug, problem)
    return render(
        visitor,
        "student/notation.html",
        place=place,
        here=address(place),
        names=place.names,
        sections=sections(),
    )


@router.get("/exams/{slug}/{problem}/receipt")
def receipt(slug: str, problem: str, visitor: SignedIn) -> Response:
    """Show everything that was handed in, to be printed."""
    limit_rate(visitor, "look")
    own = kept(problem_context.find(visitor, slug, problem))
    rows = [
        (own.place.public(slot.address), slot.address, own.tries(slot.address), _draft(own, slot.address))
        for slot in own.place.sheet.blanks
    ]
    signed = digest(visitor.service.settings, signed_in_person(visitor).id, own.attempts)
    return render(
        visitor,
        "student/receipt.html",
        place=own.place,
        here=address(own.place),
        rows=rows,
        total=own.total,
        digest=signed,
    )


def _draft(own: Kept, address: str) -> Markup | None:
    """Return what was typed in a blank and never handed in."""
    typed = own.draft(address)
    return None if typed is None else written(typed)


router.include_router(answer_routes.router)
router.include_router(sign_out_routes.router)
