"""Rendering the service's pages: one template environment on top of the reports', moments for people, and styles as classes (CSP)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader
from markupsafe import Markup
from starlette.responses import HTMLResponse

from grader.reports.rendering import templates as report_templates
from grader.web.http.auth import Visitor, set_session_cookie

STYLED_TAG = re.compile(r'(<m[a-z]+\b[^<>]*?) style="([^"<>]*)"')
"""A MathML tag with a style; sanitised text holds nothing that merely looks like one."""
SIDES = {"left": "l", "right": "r", "top": "t", "bottom": "b"}
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,20}")
WIDTH = re.compile(r"-?[0-9.]+em")
STATIC_FOLDER = Path(__file__).parent / "static"
PAGES_FOLDER = Path(__file__).parents[2] / "pages"
AUDIENCES = ("student", "staff")
"""Folders of pages whose templates are named ``folder/template.html``."""


@cache
def environment() -> Environment:
    """Return the template environment: that of the reports, with the service's templates in front."""
    overlay = report_templates.environment().overlay()
    shared_loader = FileSystemLoader(PAGES_FOLDER / "templates")
    audience_loader = PrefixLoader(
        {audience: FileSystemLoader(PAGES_FOLDER / audience / "templates") for audience in AUDIENCES}
    )
    report_loader = report_templates.environment().loader
    assert report_loader is not None
    overlay.loader = ChoiceLoader([shared_loader, audience_loader, report_loader])
    overlay.cache = {}  # An overlay shares the cache of its origin, where other templates have the same names.
    overlay.globals = {**overlay.globals, "static": static_url, "moment": moment_html}
    return overlay


@cache
def static_files() -> dict[str, bytes]:
    """Return the files under ``/static/`` by name: the service's own, the reports' style sheets and the maths font."""
    own_files = {path.name: path.read_bytes() for path in sorted(STATIC_FOLDER.iterdir()) if path.is_file()}
    shared_files = dict(report_templates.shared_files())
    font_url = _url(report_templates.FONT, shared_files[report_templates.FONT])
    # The style sheets name the font beside themselves, and here every file has a path of its own.
    for name in report_templates.STYLES:
        shared_files[name] = shared_files[name].replace(report_templates.FONT.encode(), font_url.encode())
    return {**shared_files, **own_files}


def _url(name: str, data: bytes) -> str:
    return f"/static/{hashlib.sha256(data).hexdigest()[:12]}/{name}"


@cache
def static_url(name: str) -> str:
    """Return the address of a static file; it changes with its content, so that browsers may cache it for ever."""
    return _url(name, static_files()[name])


def render_page(visitor: Visitor, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page for a visitor; a visitor without a cookie gets one, on which the CSRF token of forms depends."""
    html = (
        environment()
        .get_template(template)
        .render(visitor=visitor, csrf=visitor.csrf, person=visitor.person, **context)
    )
    response = HTMLResponse(styles_to_classes(html), status)
    if visitor.fresh:
        set_session_cookie(response, visitor.service, visitor.token)
    return response


def moment_html(moment: datetime | None, otherwise: str = "–") -> Markup:
    """Return a moment such as “30 Nov 2026, 18:00 UTC” as HTML, for programs too; ``otherwise`` where there is none."""
    if moment is None:
        return Markup("{}").format(otherwise)
    local = moment.astimezone()
    text = f"{local.day} {local:%b %Y, %H:%M %Z}"
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="seconds"), text)


def styles_to_classes(html: str) -> str:
    """Return HTML whose maths has classes of ``web.css`` instead of styles; a style that has no class there is dropped."""
    return STYLED_TAG.sub(lambda match: match[1] + "".join(_attributes(match[2])), html)


def _attributes(style: str) -> Iterator[str]:
    classes = []
    for declaration in style.split(";"):
        name, _, value = (text.strip() for text in declaration.partition(":"))
        prefix, _, side = name.partition("-")
        if name == "text-align":
            classes.append(f"tex-{value}")
        elif prefix == "border" and side in SIDES:
            classes.append(f"tex-border-{SIDES[side]}")
        elif prefix == "padding" and side in SIDES:
            classes.append(f"tex-pad-{SIDES[side]}{value.removesuffix('em')}")
        elif name == "color" and COLOUR.fullmatch(value):
            yield f' mathcolor="{value}"'
        elif name == "width" and WIDTH.fullmatch(value):
            yield f' width="{value}"'
    if classes:
        yield f' class="{" ".join(classes)}"'
