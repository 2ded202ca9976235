"""A cell is never run by a spreadsheet, and reads back as the text that was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.files.csv_escaping import guard, unguard

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
    assert guard(text) == cell
    assert unguard(cell) == text


@given(st.text(alphabet="'=+-@\t\ra", max_size=8) | st.text())
def test_every_text_reads_back_and_none_is_run(text):
    assert unguard(guard(text)) == text
    assert not guard(text).startswith(("=", "+", "-", "@", "\t", "\r"))
