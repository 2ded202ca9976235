"""What all pages of students need besides: moments in words, the words of verdicts, and the buttons beside a formula."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from markupsafe import Markup
from starlette.responses import HTMLResponse

from grader.reports.pages.student import WORDS
from grader.web.db.types import now_or
from grader.web.http.auth import Visitor
from grader.web.http.rendering import templates

SIGNS = (
    ("Xᵀ", "ᵀ", "", "transpose"), ("·", " · ", "", "product of matrices"), ("⊙", " ⊙ ", "", "product entry by entry"), ("√", "√(", ")", "root"),
    ("∂", "∂", "", "partial derivative sign"), ("π", "π", "", "pi"), ("σ", "σ(", ")", "sigma, the sigmoid"), ("( )", "(", ")", "brackets"),
)  # fmt: skip
"""The buttons beside a formula: what each shows, types before and behind the cursor, and is called."""


def render(visitor: Visitor, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page or a piece of one."""
    return templates.render_page(
        visitor, template, status, when=when, now=now_or(None), words=WORDS, signs=SIGNS, **context
    )


def when(moment: datetime) -> Markup:
    """Return a moment in the time of this machine, for people and for programs."""
    local = moment.astimezone()
    said = f"{local.day} {local:%B %Y, %H:%M %Z}"
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="seconds"), said)
