"""Protection against CSV injection (formula injection): cells that a spreadsheet shows and never runs as formulas (OWASP)."""

from __future__ import annotations

import re

_SIGNS = "=+\\-@＝＋－＠"
"""What a spreadsheet takes for the beginning of a formula, the wide forms of East Asian keyboards too."""
_CELL_START = r'(?:^|[;\t\r\n])[ "]*+'
"""Where a cell may begin: a spreadsheet of another country parts them at semicolons or tabs, whatever the quotes."""
_FORMULA = re.compile(rf"({_CELL_START}'*+)(?=[{_SIGNS}])")
_ESCAPED_FORMULA = re.compile(rf"({_CELL_START}'*)'(?=[{_SIGNS}])")
_SPACE = re.compile(r"'*[\t\r]")
"""A tab or a carriage return in front, behind which a formula is found too, or our own apostrophes before it."""


def escape_cell(text: str) -> str:
    """Return the cell in which to write a text: with an apostrophe wherever it would be run as a formula.

    A text that has apostrophes before such a sign gets one more, so that ``unescape_cell`` gives the text back.
    """
    cell = _FORMULA.sub(r"\1'", text)
    return f"'{cell}" if _SPACE.match(cell) else cell


def unescape_cell(cell: str) -> str:
    """Return the text that was written in a cell: ``unescape_cell(escape_cell(text)) == text`` for every text."""
    text = cell[1:] if cell.startswith("'") and _SPACE.match(cell[1:]) else cell
    return _ESCAPED_FORMULA.sub(r"\1", text)
