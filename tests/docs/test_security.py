"""SECURITY.md: every row of its threats names a test that exists."""

from __future__ import annotations

import re

from support.paths import ROOT

ROW = re.compile(r"^\| (\w+) \| (.+) \| `(tests/[\w/]+\.py)(?:::(\w+))?` \|$")
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.partition("## Threats")[2].splitlines() if line.startswith("| ")][1:]


def missing(rows):
    """Return the rows without a test."""
    lacking = []
    for row in rows:
        match = ROW.match(row)
        path = ROOT / match[3] if match else None
        if (
            path is None
            or not path.is_file()
            or (match[4] and f"def {match[4]}(" not in path.read_text(encoding="utf-8"))
        ):
            lacking.append(row)
    return lacking


def test_every_threat_has_its_test():
    assert missing(ROWS) == []
    assert len(ROWS) >= 19


def test_a_row_without_one_would_be_found():
    rows = [
        "| guest | something | `tests/none.py` |",
        "| guest | something | `tests/docs/test_security.py::test_none` |",
        "| guest | some |",
    ]
    assert missing(rows) == rows
