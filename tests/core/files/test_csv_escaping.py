"""A cell is never run by a spreadsheet, and reads back as the text that was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.files.csv_escaping import escape_cell, unescape_cell

CELLS = [
    ("=1+1", "'=1+1"),
    ("+49", "'+49"),
    ("-x", "'-x"),
    ("@SUM", "'@SUM"),
    ("\tx", "'\tx"),
    ("\rx", "'\rx"),
    ("'=x", "''=x"),
    ("''=x", "'''=x"),
    ("'quoted'", "'quoted'"),
    ("W_sx.T", "W_sx.T"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "cell"), CELLS)
def test_guarded(text, cell):
    assert escape_cell(text) == cell
    assert unescape_cell(cell) == text


@given(st.text(alphabet="'=+-@\t\ra", max_size=8) | st.text())
def test_every_text_reads_back_and_none_is_run(text):
    assert unescape_cell(escape_cell(text)) == text
    assert not escape_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))
