r"""Typeset LaTeX as MathML, and turn Markdown and raw text into HTML that is safe to put on a page.

Nothing is trusted: whatever leaves this module has been escaped or has passed one narrow list of tags.
Maths becomes MathML, drawn by the browser with the maths font that is shipped in ``fonts/``.
"""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from math_core import LatexError, LatexToMathML
from mdit_py_plugins.dollarmath import dollarmath_plugin

from grader.core.printable import printable
from grader.reports.rendering.sanitize import clean

FAMILY = "Grader Maths"
FONT = Path(__file__).parent / "fonts" / "grader-maths.woff2"
"""The maths font of the pages, a subset of STIX Two Math; ``--shared-assets`` copies it beside the pages."""
STYLE = f"""math{{font-family:"{FAMILY}",math;font-size:1.06em}}
math[display=block]{{margin:.6em 0}}
menclose[notation=box]{{border:.05em solid;padding:.2em}}
code.tex{{white-space:pre-wrap;overflow-wrap:anywhere}}"""
"""The CSS rules that maths needs on a page, beside ``font_face()``.

Never `overflow` on ``math`` itself: browsers then cut off hats and roots. Let the block around it scroll.
"""

MAX_LATEX_CHARACTERS = 4000
"""Characters of LaTeX beyond which a formula is shown as its source: the MathML is ten times as long."""
MAX_LATEX_MARKS = 1000
"""Commands and brackets allowed in one formula.

The converter recurses, and too deep a formula overflows the stack and ends the whole process: at 400 levels
in a thread with 1 MB of stack, beyond 3,000 with the usual 8 MB. A level costs at least one of these marks;
a definition could buy levels for nothing, so definitions are refused.
"""
_MARKS = re.compile(r"[\\{(\[]")
_DEFINITION = re.compile(r"\\(?:[egx]?def|(?:future)?let|(?:new|renew|provide)command)(?![A-Za-z])")
_UNSUPPORTED = re.compile(r"\\(?:[bx]?cancel|tag|label|eqref)(?![A-Za-z])")
"""Commands whose MathML browsers do not draw, or that make an ``id``, of which a page must have no two."""
_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs"}
"""Unicode categories of characters without a shape: controls, directions and joiners, lone surrogates."""

_CONVERTER = LatexToMathML(fancy_error=False)


@lru_cache(maxsize=4096)
def maths(latex: str, display: bool = False) -> Markup:
    """Return the formula as MathML, or its source in ``<code class="tex">`` where it cannot be typeset."""
    if _refusal(latex) is None:
        try:
            return Markup(_mathml(latex, display))
        except LatexError:
            pass  # the author hears of it from check_maths; a student's page shows the source
    return Markup('<code class="tex">{}</code>').format(raw(latex))


def check_maths(latex: str) -> str | None:
    """Return what is wrong with a formula, for its author; None where it will be typeset as meant."""
    if refusal := _refusal(latex):
        return refusal
    try:
        mathml = _mathml(latex, display=False)
    except LatexError as complaint:
        place, _, what = str(complaint).partition(": ")
        return f"{what.rstrip('.')}, at character {int(place) + 1}." if what else str(complaint)
    missing = sorted({sign for sign in _drawn_characters(mathml) if sign not in _font_characters()})
    named = ", ".join(f"“{sign}” (U+{ord(sign):04X})" for sign in missing)
    return f"The maths font of the pages has no {named}." if missing else None


def _refusal(latex: str) -> str | None:
    """Return why a formula is not even handed to the converter."""
    if len(latex) > MAX_LATEX_CHARACTERS:
        return f"The formula has {len(latex):,} characters; at most {MAX_LATEX_CHARACTERS:,} are typeset."
    if len(_MARKS.findall(latex)) > MAX_LATEX_MARKS:
        return f"The formula has more than {MAX_LATEX_MARKS:,} commands and brackets."
    invisible = (sign for sign in latex if unicodedata.category(sign) in _INVISIBLE_CATEGORIES and sign not in "\n\r\t")
    if sign := next(invisible, None):
        return f"The formula contains the invisible character U+{ord(sign):04X}."
    if found := _DEFINITION.search(latex):
        return f"A formula cannot define commands ({found.group()})."
    if found := _UNSUPPORTED.search(latex):
        return f"{found.group()} is not available on the pages."
    return None


def _mathml(latex: str, display: bool) -> str:
    """Return MathML that is HTML and well-formed XML at once."""
    mathml = _CONVERTER.convert_with_local_state(latex, displaystyle=display)
    # A combining low line is drawn left of its place in Chromium; the spacing signs stretch as well.
    mathml = mathml.replace("\u0332</mo></munder>", "_</mo></munder>").replace(">\u0332</mo>", ">‾</mo>")
    # Browsers space these signs so by themselves (MathML Core, operator dictionary).
    mathml = re.sub(r' lspace="0.2222em" rspace="0.2222em">(?=[×·⋅±∘⊙]<)', ">", mathml)
    return clean(mathml)


def _drawn_characters(mathml: str) -> str:
    """Return the characters that the maths font must draw: all but words, which the page's own font can draw."""
    without_words = re.sub(r"<mtext>[^<]*+(?:<(?!/?mtext>)[^<]*+)*+</mtext>", "", mathml)
    return re.sub("[\ufe00\ufe01\n\r\t]", "", html.unescape(re.sub(r"<[^<>]*+>", "", without_words)))


@cache
def _font_characters() -> frozenset[str]:
    """Return the characters of the maths font, and those that browsers replace by an italic one of it."""
    characters = FONT.with_suffix(".txt").read_text(encoding="utf-8").rstrip("\n")
    styled = (unicodedata.decomposition(sign).split() for sign in characters)
    return frozenset(characters) | {chr(int(plain[1], 16)) for plain in styled if plain[:1] == ["<font>"]}


@lru_cache(maxsize=1024)
def prose(markdown: str) -> Markup:
    """Return Markdown with ``$…$`` and ``$$…$$`` as HTML paragraphs."""
    return Markup(clean(_MARKDOWN.render(printable(markdown))).strip())


@lru_cache(maxsize=1024)
def prose_inline(markdown: str) -> Markup:
    """Return one line of Markdown with maths, without a paragraph around it."""
    return Markup(clean(_MARKDOWN.renderInline(printable(markdown))).strip())


def formulas(markdown: str) -> Iterator[str]:
    """Yield the LaTeX of every formula in a Markdown text, in order."""
    kinds = ("math_inline", "math_inline_double", "math_block")
    return (token.content.strip() for token in _tokens(markdown) if token.type in kinds)


def dollars(markdown: str) -> int:
    r"""Count the dollar signs of a Markdown text that belong to no formula, and are not written ``\$``."""
    plain = sum(token.content.count("$") for token in _tokens(markdown) if token.type == "text")
    return max(0, plain - markdown.count(r"\$"))


def _tokens(markdown: str) -> Iterator[Token]:
    stack = list(reversed(_MARKDOWN.parse(printable(markdown))))
    while stack:
        token = stack.pop()
        yield token
        stack += reversed(token.children or [])


def _render_inline(_: Any, tokens: Sequence[Token], place: int, options: Any, env: Mapping[str, Any]) -> str:
    return str(maths(tokens[place].content.strip()))


def _render_block(_: Any, tokens: Sequence[Token], place: int, options: Any, env: Mapping[str, Any]) -> str:
    return str(maths(tokens[place].content.strip(), display=True))


def _render_heading(_: Any, tokens: Sequence[Token], place: int, options: Any, env: Mapping[str, Any]) -> str:
    """Return a heading two levels down, below the page's own headings."""
    token = tokens[place]
    return f"<{'/' if token.nesting < 0 else ''}h{min(int(token.tag[1]) + 2, 6)}>"


def _markdown() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.use(dollarmath_plugin, allow_labels=False, allow_digits=False, double_inline=True)
    reader.validateLink = lambda url: True  # type: ignore[method-assign]  # the sanitiser alone decides
    reader.add_render_rule("math_inline", _render_inline)
    reader.add_render_rule("math_inline_double", _render_block)
    reader.add_render_rule("math_block", _render_block)
    reader.add_render_rule("heading_open", _render_heading)
    reader.add_render_rule("heading_close", _render_heading)
    return reader


_MARKDOWN = _markdown()


def raw(text: str, limit: int = 2000) -> Markup:
    """Return what a student wrote, letter by letter: escaped, control characters visible, cut at ``limit``.

    The text is isolated, so that marks of direction in it turn nothing outside it around.
    """
    html = Markup("<bdi>{}</bdi>").format(printable(text[:limit]))
    return html if len(text) <= limit else html + f"… ({len(text):,} characters in all)"


def font_face(shared: str | None = None) -> str:
    """Return the ``@font-face`` rule of the maths font: inside the page, or at the address ``shared``."""
    address = shared or "data:font/woff2;base64," + _font_base64()
    return f'@font-face{{font-family:"{FAMILY}";src:url("{address}") format("woff2")}}'


@cache
def _font_base64() -> str:
    return base64.b64encode(FONT.read_bytes()).decode("ascii")
