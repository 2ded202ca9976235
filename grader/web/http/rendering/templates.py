"""Rendering of the service's pages (Jinja): one template environment, on top of the reports'."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader
from starlette.responses import HTMLResponse

from grader.reports.rendering import templates
from grader.web.http.auth import Visitor, set_session_cookie
from grader.web.http.rendering.csp_styles import styles_to_classes

STATIC = Path(__file__).parent / "static"
PAGES = Path(__file__).parents[2] / "pages"
FOLDERS = ("student", "staff")
"""Those whose templates are named ``folder/template.html``."""


@cache
def environment() -> Environment:
    """Return the template environment: that of the reports, with the service's templates in front."""
    overlay = templates.environment().overlay()
    shared = FileSystemLoader(PAGES / "templates")
    by_folder = PrefixLoader({folder: FileSystemLoader(PAGES / folder / "templates") for folder in FOLDERS})
    reports = templates.environment().loader
    assert reports is not None
    overlay.loader = ChoiceLoader([shared, by_folder, reports])
    overlay.cache = {}  # The reports' own would answer for our templates of the same name.
    overlay.globals = {**overlay.globals, "static": static}
    return overlay


@cache
def files() -> dict[str, bytes]:
    """Return the static files by name: the service's own, the reports' style sheets and the maths font."""
    service_files = {file.name: file.read_bytes() for file in sorted(STATIC.iterdir()) if file.is_file()}
    shared = dict(templates.shared_files())
    font = _address(templates.FONT, shared[templates.FONT])
    # The style sheets name the font beside themselves, and here every file has a path of its own.
    for name in templates.STYLES:
        shared[name] = shared[name].replace(templates.FONT.encode(), font.encode())
    return {**shared, **service_files}


def _address(name: str, data: bytes) -> str:
    return f"/static/{hashlib.sha256(data).hexdigest()[:12]}/{name}"


@cache
def static(name: str) -> str:
    """Return the path of a static file; it changes with the content, so that browsers may cache it for ever."""
    return _address(name, files()[name])


def render_page(visitor: Visitor, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page for a visitor; one without a session cookie gets one, from which the CSRF token of the forms derives."""
    html = (
        environment()
        .get_template(template)
        .render(visitor=visitor, csrf=visitor.csrf, person=visitor.person, **context)
    )
    response = HTMLResponse(styles_to_classes(html), status)
    if visitor.fresh:
        set_session_cookie(response, visitor.service, visitor.token)
    return response
