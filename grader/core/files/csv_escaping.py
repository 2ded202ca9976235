"""Cells of a CSV file that a spreadsheet shows and never runs."""

from __future__ import annotations

import re

_RUNS = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet takes for a formula, or our own guard before it."""


def escape_cell(text: str) -> str:
    """Return the cell in which to write a text: with an apostrophe in front where it would be run as a formula.

    A text that begins with apostrophes before such a sign gets one more, so that ``unguard`` gives the text back.
    """
    return f"'{text}" if _RUNS.match(text) else text


def unescape_cell(cell: str) -> str:
    """Return the text that was written in a cell: ``unguard(guard(text)) == text`` for every text."""
    return cell[1:] if cell.startswith("'") and _RUNS.match(cell[1:]) else cell
