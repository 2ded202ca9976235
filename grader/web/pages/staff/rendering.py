"""What the pages of staff share: the exam in their heading, addresses, and times in form fields."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection
from starlette.responses import HTMLResponse

from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Exam, Phase
from grader.web.domain.exams.progress import Progress, progress
from grader.web.errors import ValidationFailed
from grader.web.http.auth import Visitor
from grader.web.http.rendering.templates import render_page

FORM_TIME_FORMAT = "%Y-%m-%dT%H:%M"
NOT_A_TIME = "Enter a date and time such as 2027-01-15 12:00."


def render(visitor: Visitor, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page of staff, with what all their templates use."""
    defaults = {"exam": None, "figures": Progress(), "active_tab": "", "error": None}
    return render_page(
        visitor, template, status, phase_in_words=phase_in_words, exam_url=exam_url, **(defaults | context)
    )


def exam_context(connection: Connection, slug: str) -> dict[str, Any]:
    """Return what every page about an exam shows of it: the exam and its figures; raises NotFound."""
    exam = exams.find(connection, slug)
    return {"exam": exam, "figures": progress(connection, exam)}


def phase_in_words(exam: Exam) -> str:
    """Say in which phase an exam is for students without an extension."""
    phase = exam.phase(exam.policy.closes_at)
    return "not open yet" if phase is Phase.UPCOMING else phase.value


def exam_url(exam: Exam | str, *steps: str) -> str:
    """Return the address of a page about an exam; the steps are quoted, since ids and logins may hold any character."""
    slug = exam if isinstance(exam, str) else exam.slug
    return "/".join(("/staff/exams", slug, *(quote(step, safe="") for step in steps)))


def to_form_time(moment: datetime | None) -> str:
    """Return a moment as a form field holds it, in the time zone of the server."""
    return "" if moment is None else moment.astimezone().strftime(FORM_TIME_FORMAT)


def parse_form_time(text: str) -> datetime | None:
    """Return the moment in a form field, in the time zone of the server; None for an empty one, raises ValidationFailed."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError, OSError):
        raise ValidationFailed(NOT_A_TIME) from None
