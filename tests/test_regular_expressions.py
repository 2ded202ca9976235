"""Every regular expression of the project takes linear time, on texts that are grown from its own letters."""

from __future__ import annotations

import re

import pytest
from support.regular_expressions import Usage, slow_text, usages

USAGES = usages()


def test_all_are_looked_at():
    assert len(USAGES) > 140
    assert {"re"} == {type(each.pattern).__module__ for each in USAGES}


@pytest.mark.parametrize("usage", USAGES, ids=[each.place for each in USAGES])
def test_it_takes_linear_time(usage):
    assert slow_text(usage) is None, (usage.pattern.pattern, usage.method)


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"^\s*def\s", "search"),  # Each of the lines is a beginning.
        (r"(?:a|a)*b", "match"),
        (r"(\w+)\s*x\s*(\w+)", "search"),
        (r"\s*$", "search"),
        (r"(.*),(.*);", "match"),
    ],
)
def test_one_that_does_not_would_be_found(pattern, method):
    assert slow_text(Usage("here", re.compile(pattern, re.MULTILINE), method)) is not None


@pytest.mark.parametrize(
    ("pattern", "method"), [(r"[ \t]*def\s", "match"), (r"(?<!\s)\s+$", "search"), (r"[a-z]+\d*", "search")]
)
def test_one_that_does_is_let_through(pattern, method):
    assert slow_text(Usage("here", re.compile(pattern), method)) is None
