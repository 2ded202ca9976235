"""Routes of students' pages: exams, a problem to answer, the notation, and a receipt of the submitted answers."""

from __future__ import annotations

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from grader.formula.writing.notation_sheet import sheet_sections
from grader.reports.pages.feedback_page import written
from grader.web.domain.exams import enrolments, exams
from grader.web.errors import NotOpenYet
from grader.web.http.auth import SignedIn, limit_rate, signed_in_person
from grader.web.pages.student import answer_routes, flash, sign_out_routes
from grader.web.pages.student.problem_page import problem_page, problem_url
from grader.web.pages.student.rendering import render
from grader.web.pages.student.views import problem_context
from grader.web.pages.student.views.exam_list import student_exam, student_exams, unsent_draft_counts
from grader.web.pages.student.views.receipt import digest
from grader.web.pages.student.views.student_work import StudentWork, load_work

router = APIRouter()


@router.get("/")
def list_exams(visitor: SignedIn) -> Response:
    """List the exams of a student; redirect staff to their own pages."""
    person = signed_in_person(visitor)
    if person.is_staff:
        return RedirectResponse("/staff", 303)
    limit_rate(visitor, "look")
    with visitor.service.database.reading() as connection:
        entries = student_exams(connection, person)
    return render(visitor, "student/exam_list.html", exams=entries)


@router.get("/exams/{slug}")
def show_exam(slug: str, visitor: SignedIn) -> Response:
    """List the problems of an exam."""
    limit_rate(visitor, "look")
    person = signed_in_person(visitor)
    with visitor.service.database.reading() as connection:
        exam = exams.find(connection, slug)
        entry = student_exam(connection, person, exam)
        draft_counts = unsent_draft_counts(connection, person, entry)
        try:
            enrolments.check_can_view(connection, exam, person)
        except NotOpenYet:
            return render(visitor, "student/exam.html", entry=entry, titles=None)
    titles = {row.exam_problem.problem: visitor.service.problem(row.exam_problem).title for row in entry.rows}
    return render(visitor, "student/exam.html", entry=entry, titles=titles, draft_counts=draft_counts)


@router.get("/exams/{slug}/{problem}")
def show_problem(slug: str, problem: str, visitor: SignedIn, done: str = "") -> Response:
    """Show a problem with an input for each blank and the results so far; ``done`` is a signed flash message."""
    limit_rate(visitor, "look")
    context = problem_context.find(visitor, slug, problem)
    summary = flash.verify(visitor.service.settings, context, done)
    if summary is None:
        return problem_page(visitor, load_work(context))
    return problem_page(visitor, load_work(context), errors=summary.refused, notice=summary.message)


@router.get("/exams/{slug}/{problem}/notation")
def show_notation(slug: str, problem: str, visitor: SignedIn) -> Response:
    """Show how to write formulas, with the names of the problem."""
    limit_rate(visitor, "look")
    context = problem_context.find(visitor, slug, problem)
    return render(
        visitor,
        "student/notation.html",
        context=context,
        problem_url=problem_url(context),
        names=context.names,
        sections=sheet_sections(),
    )


@router.get("/exams/{slug}/{problem}/receipt")
def show_receipt(slug: str, problem: str, visitor: SignedIn) -> Response:
    """Show every answer that was submitted to a problem, for printing."""
    limit_rate(visitor, "look")
    work = load_work(problem_context.find(visitor, slug, problem))
    context = work.context
    rows = [
        (
            context.public(blank.address),
            blank.address,
            work.attempt_views(blank.address),
            _unsent_draft(work, blank.address),
        )
        for blank in context.exam_problem.blanks
    ]
    return render(
        visitor,
        "student/receipt.html",
        context=context,
        problem_url=problem_url(context),
        rows=rows,
        total_points=work.total_points,
        digest=digest(visitor.service.settings, signed_in_person(visitor).id, work.attempts),
    )


def _unsent_draft(work: StudentWork, address: str) -> Markup | None:
    """Return the draft of a blank that was never submitted, as HTML."""
    draft = work.unsent_draft(address)
    return None if draft is None else written(draft)


router.include_router(answer_routes.router)
router.include_router(sign_out_routes.router)
