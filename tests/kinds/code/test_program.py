"""Whether a text is Python is said before anything of it is run."""

from __future__ import annotations

import warnings

import pytest

from grader.core.errors import Unreadable
from grader.kinds.code.program import check_syntax, parse_program


@pytest.mark.parametrize(
    ("text", "said", "marked"),
    [
        ("def f(a)\n    return a\n", "This is not Python, at line 1: expected ':'.", "def f(a)"),
        ("def f(a):\nreturn a", "This is not Python, at line 2: expected an indented block after function definition on line 1.", "return a"),
        ("return 1", "This is not Python, at line 1: 'return' outside function.", "return 1"),
    ],
)  # fmt: skip
def test_what_is_no_python(text: str, said: str, marked: str) -> None:
    with pytest.raises(Unreadable) as error:
        check_syntax(parse_program(text))
    assert error.value.message == said
    start, end = error.value.span or (0, 0)
    assert text[start:end] == marked


@pytest.mark.parametrize(
    "text",
    [
        "def f(a):\n    return a\n",
        "raise SystemExit",
        "'\\d'",
        "1 is 1",
        "x = " + "-" * 3_900 + "1",
        "(" * 4_001,
        "lambda:" * 2_800 + "1",
    ],
)
def test_what_is_left_to_the_sandbox(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check_syntax(parse_program(text)) is None  # It raises what it finds.


def test_what_is_nested_too_deep_is_said() -> None:
    with pytest.raises(Unreadable, match="too many nested parentheses"):
        check_syntax(parse_program("(" * 4_000))
