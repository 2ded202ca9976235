"""What the pages of staff share: who asks about which exam, times in words, and the batch's own pages inside ours."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from sqlalchemy import Connection
from starlette.responses import HTMLResponse

from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Exam, Phase
from grader.web.domain.exams.progress import Progress, progress
from grader.web.errors import ValidationFailed
from grader.web.http.auth import Visitor
from grader.web.http.rendering.templates import render_page

STYLED = re.compile(r'(<[a-z][^<>]*?) style="')
STACKED = re.compile(r'<div class="stacked".*?</div>', re.DOTALL)
GROWS = re.compile(r'style="flex-grow:(\d+)"')
FORM = "%Y-%m-%dT%H:%M"
NO_TIME = "This is no time such as 2027-01-15 12:00."


def show(visitor: Visitor, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page of staff, with what all their templates use."""
    given = {"exam": None, "figures": Progress(), "here": "", "wrong": None, **context}
    return render_page(visitor, template, status, when=when, phase_in_words=phase_in_words, address=address, **given)


def about(connection: Connection, slug: str) -> dict[str, Any]:
    """Return what every page on an exam shows of it: the exam and its figures; raises NotFound."""
    exam = exams.find(connection, slug)
    return {"exam": exam, "figures": progress(connection, exam)}


def phase_in_words(exam: Exam) -> str:
    """Say in which phase an exam is for students without an extension."""
    phase = exam.phase(exam.policy.closes_at)
    return "not open yet" if phase is Phase.UPCOMING else phase.value


def address(exam: Exam | str, *steps: str) -> str:
    """Return the address of a page on an exam; ids and logins may hold any character."""
    slug = exam if isinstance(exam, str) else exam.slug
    return "/".join(("/staff/exams", slug, *(quote(step, safe="") for step in steps)))


def when(moment: datetime | None, otherwise: str = "–") -> Markup:
    """Return a moment in the time of this machine, with its zone."""
    if moment is None:
        return Markup("{}").format(otherwise)
    local = moment.astimezone()
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(), local.strftime("%Y-%m-%d %H:%M %Z"))


def in_form(moment: datetime | None) -> str:
    """Return a moment as a form's field of date and time holds it."""
    return "" if moment is None else moment.astimezone().strftime(FORM)


def from_form(text: str) -> datetime | None:
    """Return the moment in a form's field, in the time of this machine; None of an empty one, raises Invalid."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError, OSError):
        raise ValidationFailed(NO_TIME) from None


def inside(page: str) -> Markup:
    """Return what stands in ``main`` of a page that a report wrote, without styles in attributes."""
    start, end = page.index("<main"), page.rindex("</main>")
    body = page[page.index(">", start) + 1 : end]
    return Markup(unstyled(STACKED.sub(_shared_out, body)))


def _shared_out(bar: re.Match[str]) -> str:
    """Say how wide the pieces of a bar are in the two digits of a percentage, which ``staff.css`` adds up."""
    whole = sum(map(int, GROWS.findall(bar[0])))

    def digits(piece: re.Match[str]) -> str:
        tens, ones = divmod(min(99, max(1, round(100 * int(piece[1]) / whole))), 10)
        return f'data-tens="{tens}" data-ones="{ones}"'

    return GROWS.sub(digits, bar[0])


def unstyled(html: str) -> str:
    """Return HTML whose styles are kept as data, which ``staff.css`` knows: our policy allows no style in a page."""
    while True:
        html, found = STYLED.subn(r'\1 data-style="', html)
        if not found:
            return html
