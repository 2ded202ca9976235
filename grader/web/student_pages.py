"""The page of a problem, whole or in pieces: what is shown after something was sent is what is shown at first."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from grader.reports.student import prose
from grader.web.door import Visitor
from grader.web.student_chances import rule
from grader.web.student_fields import Kept, token
from grader.web.student_place import Place, anchor
from grader.web.student_styles import render

NOTHING: Mapping[str, str] = {}


def problem_page(
    asking: Visitor, own: Kept, status: int = 200, refused: Mapping[str, str] = NOTHING, says: str | None = None
) -> Response:  # fmt: skip
    """Return the page of a problem; ``refused``, by blank, and ``says`` are why what was just sent was not taken."""
    place = own.place
    parts = [
        (part, [own.field(blank.address, refused.get(blank.address)) for blank in part.blanks], place.pages.solutions[part.id])
        for part in place.problem.parts
    ]  # fmt: skip
    return render(
        asking, "student_problem.html", status, place=place, here=address(place), open=place.state == "open", piece=False,
        parts=parts, total=own.total, wrong=len(refused), says=says, key=token(), rule=rule(place.exam.policy), text=lambda markdown: prose(place.problem, markdown),
    )  # fmt: skip


def result_piece(
    asking: Visitor, own: Kept, blank: str, status: int = 200, refused: str | None = None
) -> Response:
    """Return what is below one blank: its attempts, or why there is no new one."""
    return render(
        asking, "piece_result.html", status, place=own.place, here=address(own.place), open=own.place.state == "open", piece=True,
        each=own.field(blank, refused), total=own.total,
    )  # fmt: skip


def leads_to(place: Place, blank: str | None = None) -> RedirectResponse:
    """Lead back to a problem, at one of its blanks."""
    return RedirectResponse(address(place) + (f"#{anchor(blank)}" if blank else ""), 303)


def address(place: Place) -> str:
    """Return the address of a problem's page."""
    return f"/exams/{quote(place.exam.slug)}/{quote(place.sheet.problem, safe='')}"
