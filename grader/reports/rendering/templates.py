"""What every page shares: the template environment, the style sheet, and whether assets are inside or beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.core.points import format_points
from grader.reports.rendering import typeset

HERE = Path(__file__).parent
STYLES = ("page.css", "class.css")
FONT = "grader-maths.woff2"


@dataclass(frozen=True)
class Assets:
    """Where pages find style and font: inside themselves, or under the relative address ``prefix``."""

    prefix: str | None = None

    @property
    def policy(self) -> str:
        """The Content-Security-Policy of a page: nothing from the network, no script."""
        beside = " 'self'" if self.prefix is not None else ""
        return f"default-src 'none'; style-src 'unsafe-inline'{beside}; img-src data:; font-src data:{beside}"

    def head(self, style: str) -> Markup:
        """The style of a page, as a ``style`` element or as links."""
        if self.prefix is None:
            return Markup("<style>{}</style>").format(Markup(embedded(style)))
        return Markup('<link rel="stylesheet" href="{}{}">').format(self.prefix, style)


EMBEDDED = Assets()


def shared_assets(prefix: str) -> Assets:
    """Return assets that lie in one folder beside the pages; ``shared_files`` are what to put there."""
    return Assets(prefix)


def shared_files() -> Mapping[str, bytes]:
    """Return the style sheets and the font that pages with shared assets refer to, by file name."""
    styles = {name: (typeset.font_face(FONT) + css(name)).encode() for name in STYLES}
    return {**styles, FONT: typeset.FONT.read_bytes()}


@cache
def embedded(style: str) -> str:
    """Return font and style sheet as one text."""
    return typeset.font_face() + css(style)


@cache
def css(style: str) -> str:
    """Return a style sheet with what it builds on, without comments and indentation."""
    sheets = [typeset.STYLE, (HERE / "assets" / "page.css").read_text(encoding="utf-8")]
    if style != "page.css":
        sheets.append((HERE / "assets" / style).read_text(encoding="utf-8"))
    plain = re.sub(r"/\*(?:[^*/]|\*(?!/)|/(?!\*))*+\*/", "", "\n".join(sheets))
    return re.sub(r"(?<![^\S\n])[^\S\n]*+\n\s*+", "\n", plain)


@cache
def environment() -> Environment:
    """Return the template environment: everything is escaped unless it is Markup."""
    made = Environment(
        loader=FileSystemLoader(HERE.parent / "pages" / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        points=format_points, prose=typeset.prose, inline=typeset.prose_inline, maths=typeset.maths, raw=typeset.raw
    )
    return made
