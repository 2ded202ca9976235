"""The page of a problem, whole or in pieces: what is shown after something was sent is what is shown at first."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from grader.reports.pages.student import prose
from grader.web.domain.exams.exams import ExamProblem
from grader.web.http.auth import Visitor
from grader.web.pages.student.flash import Done, sealed
from grader.web.pages.student.rendering import render
from grader.web.pages.student.views.attempts_left import rule
from grader.web.pages.student.views.blank_view import token
from grader.web.pages.student.views.problem_context import Place, anchor, beside
from grader.web.pages.student.views.student_work import Kept

NOTHING: Mapping[str, str] = {}


def problem_page(
    visitor: Visitor,
    own: Kept,
    status: int = 200,
    refused: Mapping[str, str] = NOTHING,
    says: str | None = None,
    told: str | None = None,
) -> Response:
    """Return the page of a problem; ``refused``, by blank, and ``says`` are why what was just sent was not taken, ``told`` what was."""
    place = own.place
    parts = [
        (
            part,
            [own.field(blank.address, refused.get(blank.address)) for blank in part.blanks],
            place.pages.solutions[part.id],
        )
        for part in place.problem.parts
    ]
    wrong = [each.plain for _, fields, _ in parts for each in fields if each.refused]
    before, after = (_link(visitor, place, sheet) for sheet in beside(place))
    return render(
        visitor,
        "student/problem.html",
        status,
        place=place,
        here=address(place),
        open=place.state == "open",
        piece=False,
        parts=parts,
        total=own.total,
        wrong=wrong,
        says=says,
        told=told,
        key=token(),
        rule=rule(place.exam.policy),
        before=before,
        after=after,
        text=lambda markdown: prose(place.problem, markdown),
    )


def result_piece(visitor: Visitor, own: Kept, blank: str, status: int = 200, refused: str | None = None) -> Response:
    """Return what is below one blank: its attempts, or why there is no new one."""
    return render(
        visitor,
        "student/_result.html",
        status,
        place=own.place,
        here=address(own.place),
        open=own.place.state == "open",
        piece=True,
        each=own.field(blank, refused),
        total=own.total,
    )


def leads_to(place: Place, blank: str | None = None, done: Done | None = None) -> RedirectResponse:
    """Lead back to a problem, at one of its blanks; ``done`` is told there."""
    told = f"?done={sealed(place.service.settings, place, done)}" if done else ""
    return RedirectResponse(address(place) + told + (f"#{anchor(blank)}" if blank else ""), 303)


def address(place: Place, problem: str | None = None) -> str:
    """Return the address of a problem's page, by default this one's."""
    return f"/exams/{quote(place.exam.slug)}/{quote(problem or place.sheet.problem, safe='')}"


def _link(visitor: Visitor, place: Place, sheet: ExamProblem | None) -> tuple[str, str] | None:
    """Return the address and the title of another problem."""
    return None if sheet is None else (address(place, sheet.problem), visitor.service.problem(sheet).title)
