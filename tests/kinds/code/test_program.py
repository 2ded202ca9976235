"""What is read as a program, and whether it is Python, before anything of it is run."""

from __future__ import annotations

import warnings

import pytest

from grader.core.errors import Unreadable
from grader.kinds.code.program import check_syntax, clean_source, is_program, parse_program


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


@pytest.mark.parametrize(("text", "program"), [
    ("W.T @ x", False), ("f(x) = 2x", False), ("def f(x):\n  return x", True), ("import numpy as np\nx", True), ("# my answer\ndef f(x): return x", True),
    ("f = lambda x: x", True), ("definitely not", False), ("from above: W x", False), ("```python\ndef f(x): pass\n```", True), ("lambda x", False),
])  # fmt: skip
def test_what_looks_like_a_program(text, program):
    assert is_program(text) == program


def test_what_stands_around_a_program_is_taken_off():
    assert clean_source("```py\nx = 1\n```\n") == "x = 1"
    assert clean_source("\ufeffa\r\nb\rc") == "a\nb\nc"
    assert clean_source("text ``` x") == "text ``` x"
