"""A cell is never run by a spreadsheet, and reads back as the text that was written."""

from __future__ import annotations

import re

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
    ("A;=1+1", "A;'=1+1"),
    ("A; =1+1", "A; '=1+1"),
    ('A;"=1+1', "A;\"'=1+1"),
    ("A\t=1", "A\t'=1"),
    ("A\n=1", "A\n'=1"),
    ("\t=1", "'\t'=1"),
    ("A;'=1", "A;''=1"),
    ("＝1+1", "'＝1+1"),
    ("A;＠SUM(1)", "A;'＠SUM(1)"),
    (" =1", " '=1"),
    ("(2, -1)", "(2, -1)"),  # A comma parts no cells where a cell with one is quoted.
    ("a - b; c", "a - b; c"),
    ("x = 1", "x = 1"),
]


@pytest.mark.parametrize(("text", "cell"), CELLS)
def test_guarded(text, cell):
    assert escape_cell(text) == cell
    assert unescape_cell(cell) == text


@given(st.text(alphabet="'=+-@＝\t\r\n;\" a", max_size=10) | st.text())
def test_every_text_reads_back_and_none_is_run(text):
    cell = escape_cell(text)
    assert unescape_cell(cell) == text
    assert not cell.startswith(("\t", "\r"))
    for part in re.split(r"[;\t\r\n]", cell):  # As a spreadsheet does that takes another sign for the separator.
        assert not part.lstrip(' "').startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
