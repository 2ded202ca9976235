"""Rendering the service's pages: one template environment, on top of the reports'."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader
from starlette.responses import HTMLResponse

from grader.reports.rendering import templates
from grader.web.http.auth import Visitor, set_session_cookie
from grader.web.http.rendering.csp_styles import classed

STATIC = Path(__file__).parent / "static"
PAGES = Path(__file__).parents[2] / "pages"
FOLDERS = ("student", "staff")
"""Those whose templates are named ``folder/template.html``."""


@cache
def environment() -> Environment:
    """Return the template environment: that of the reports, with the service's templates in front."""
    made = templates.environment().overlay()
    own = FileSystemLoader(PAGES / "templates")
    inner = PrefixLoader({each: FileSystemLoader(PAGES / each / "templates") for each in FOLDERS})
    theirs = templates.environment().loader
    assert theirs is not None
    made.loader = ChoiceLoader([own, inner, theirs])
    made.cache = {}
    made.globals = {**made.globals, "static": static}
    return made


@cache
def files() -> dict[str, bytes]:
    """Return what lies under ``/static/`` by its name: the service's own files, the reports' style sheets and the maths font."""
    own = {each.name: each.read_bytes() for each in sorted(STATIC.iterdir()) if each.is_file()}
    shared = dict(templates.shared_files())
    font = _address(templates.FONT, shared[templates.FONT])
    for (
        name
    ) in templates.STYLES:  # They look for the font beside themselves, and every file has an address of its own here.
        shared[name] = shared[name].replace(templates.FONT.encode(), font.encode())
    return {**shared, **own}


def _address(name: str, data: bytes) -> str:
    return f"/static/{hashlib.sha256(data).hexdigest()[:12]}/{name}"


@cache
def static(name: str) -> str:
    """Return the address of a static file; it changes with its content, so that browsers may keep it."""
    return _address(name, files()[name])


def render_page(visitor: Visitor, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page for a visitor; whoever has no cookie yet gets one, so that forms can be told from forged ones."""
    html = (
        environment()
        .get_template(template)
        .render(visitor=visitor, csrf=visitor.csrf, person=visitor.person, **context)
    )
    response = HTMLResponse(classed(html), status)
    if visitor.fresh:
        set_session_cookie(response, visitor.service, visitor.token)
    return response
