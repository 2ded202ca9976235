"""What stands in the fields of a blank, whatever was typed."""

from __future__ import annotations

import pytest

from grader.kinds.base.public import Public
from grader.web.pages.student.views.inputs import field_values

PUBLIC = Public(kind="dimensions", instructions="")


@pytest.mark.parametrize(
    ("written", "rows", "columns"),
    [
        ("2x4", "2", "4"),
        ("  ( m + d )  ×  n ", "m + d", "n"),
        ("m\tx\nd", "m", "d"),
        ("n x x", "n", "x"),
        ("2", "2", ""),
        ("2x", "2x", ""),
        ("2 by 4", "2 by 4", ""),
        ("", "", ""),
        ("x" * 201, "x" * 201, ""),
    ],
)
def test_a_shape_in_two_boxes(written, rows, columns):
    assert field_values(PUBLIC, written, PUBLIC.preview) == {"rows": rows, "columns": columns}


@pytest.mark.parametrize(
    "written",
    [
        " " * 19_999 + "!",
        "a" + " " * 198 + "!",
        "x" * 199 + "!",
        "( " * 99 + "!",
        "a " * 99 + "!",
        "x " * 99 + "(",
    ],
)
def test_what_is_no_shape_is_seen_at_once(written):
    """Each of these would keep a page, and with it the whole server, for seconds to days if the expression went astray."""
    assert field_values(PUBLIC, written, PUBLIC.preview) == {"rows": written, "columns": ""}
