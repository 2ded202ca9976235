"""The page of a problem, whole or in fragments: after an answer was sent, it shows the same as when it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from grader.reports.pages.feedback_page import prose
from grader.web.domain.exams.exams import ExamProblem, Phase
from grader.web.http.auth import Visitor
from grader.web.pages.student.flash import SubmitSummary, sign
from grader.web.pages.student.rendering import render
from grader.web.pages.student.views.attempts_left import attempt_rule
from grader.web.pages.student.views.blank_view import new_request_key
from grader.web.pages.student.views.problem_context import ProblemContext, anchor, neighbours
from grader.web.pages.student.views.student_work import StudentWork

NO_ERRORS: Mapping[str, str] = {}


def problem_page(
    visitor: Visitor,
    work: StudentWork,
    status: int = 200,
    errors: Mapping[str, str] = NO_ERRORS,
    page_error: str | None = None,
    notice: str | None = None,
) -> Response:
    """Return the page of a problem.

    ``errors``, by blank, and ``page_error`` say why what was just sent was refused, ``notice`` what was submitted.
    """
    context = work.context
    parts = [
        (
            part,
            [work.blank_view(blank.address, errors.get(blank.address)) for blank in part.blanks],
            context.answer_pages.solutions[part.id],
        )
        for part in context.problem.parts
    ]
    refused_blanks = [view.spoken_name for _, views, _ in parts for view in views if view.error]
    previous, following = (_link(visitor, context, problem) for problem in neighbours(context))
    return render(
        visitor,
        "student/problem.html",
        status,
        context=context,
        problem_url=problem_url(context),
        is_open=context.phase is Phase.OPEN,
        is_fragment=False,
        parts=parts,
        total_points=work.total_points,
        refused_blanks=refused_blanks,
        error=page_error,
        notice=notice,
        request_key=new_request_key(),
        attempt_rule=attempt_rule(context.exam.policy),
        previous=previous,
        next=following,
        prose=lambda markdown: prose(context.problem, markdown),
    )


def result_fragment(
    visitor: Visitor, work: StudentWork, blank: str, status: int = 200, error: str | None = None
) -> Response:
    """Return what is below one blank: its attempts, or why there is no new one."""
    return render(
        visitor,
        "student/_result.html",
        status,
        context=work.context,
        problem_url=problem_url(work.context),
        is_open=work.context.phase is Phase.OPEN,
        is_fragment=True,
        blank=work.blank_view(blank, error),
        total_points=work.total_points,
    )


def redirect_to_problem(
    context: ProblemContext, blank: str | None = None, summary: SubmitSummary | None = None
) -> RedirectResponse:
    """Redirect to a problem's page, at one of its blanks; it shows the summary."""
    query = f"?done={sign(context.service.settings, context, summary)}" if summary else ""
    return RedirectResponse(problem_url(context) + query + (f"#{anchor(blank)}" if blank else ""), 303)


def problem_url(context: ProblemContext, problem: str | None = None) -> str:
    """Return the address of a problem's page, by default this one's."""
    return f"/exams/{quote(context.exam.slug)}/{quote(problem or context.exam_problem.problem, safe='')}"


def _link(visitor: Visitor, context: ProblemContext, problem: ExamProblem | None) -> tuple[str, str] | None:
    """Return the address and the title of another problem."""
    return None if problem is None else (problem_url(context, problem.problem), visitor.service.problem(problem).title)
