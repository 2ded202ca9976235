"""Rendering of students' pages: the words of verdicts, and the buttons beside a formula."""

from __future__ import annotations

from typing import Any

from starlette.responses import HTMLResponse

from grader.reports.pages.feedback_page import WORDS
from grader.web.db.column_types import now_or
from grader.web.http.auth import Visitor
from grader.web.http.rendering.templates import render_page

FORMULA_BUTTONS = (
    ("Xᵀ", "ᵀ", "", "transpose"), ("·", " · ", "", "product of matrices"), ("⊙", " ⊙ ", "", "product entry by entry"), ("√", "√(", ")", "root"),
    ("∂", "∂", "", "partial derivative sign"), ("π", "π", "", "pi"), ("σ", "σ(", ")", "sigma, the sigmoid"), ("( )", "(", ")", "brackets"),
)  # fmt: skip
"""The buttons beside a formula: label, what each types before and behind the cursor, and its name."""


def render(visitor: Visitor, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page or a fragment of one."""
    return render_page(
        visitor, template, status, now=now_or(None), words=WORDS, formula_buttons=FORMULA_BUTTONS, **context
    )
