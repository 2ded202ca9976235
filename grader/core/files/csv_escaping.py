"""Protection against CSV injection (formula injection): cells that a spreadsheet shows and never runs as formulas (OWASP)."""

from __future__ import annotations

import re

_FORMULA_START = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet takes for a formula, or our own apostrophes before it."""


def escape_cell(text: str) -> str:
    """Return the cell in which to write a text: with an apostrophe in front where it would be run as a formula.

    A text that begins with apostrophes before such a sign gets one more, so that ``unescape_cell`` gives the text back.
    """
    return f"'{text}" if _FORMULA_START.match(text) else text


def unescape_cell(cell: str) -> str:
    """Return the text that was written in a cell: ``unescape_cell(escape_cell(text)) == text`` for every text."""
    return cell[1:] if cell.startswith("'") and _FORMULA_START.match(cell[1:]) else cell
