"""Texts of students on pages, terminals and in databases."""

from __future__ import annotations

import pytest

from grader.core.printable import printable, storable, terminal_safe


@pytest.mark.parametrize(
    ("text", "page", "terminal", "stored"),
    [
        ("x ∂ 𝔸", "x ∂ 𝔸", "x ∂ 𝔸", "x ∂ 𝔸"),
        ("a\r\nb\tc", "a\nb\tc", "a\\x0d\\x0ab\\x09c", "a\r\nb\tc"),
        ("\x1b[31m", "␛[31m", "\\x1b[31m", "\x1b[31m"),
        ("a\0b\x7f\x85", "a␀b␡\ufffd", "a\\x00b\\x7f\\x85", "a\ufffdb\x7f\x85"),
        ("\u202eab", "\u202eab", "\\x202eab", "\u202eab"),
        ("\ud800", "\ufffd", "\\xd800", "?"),
    ],
    ids=ascii,
)
def test_what_a_text_looks_like(text, page, terminal, stored):
    assert (printable(text), terminal_safe(text), storable(text)) == (page, terminal, stored)


def test_a_stored_text_is_cut():
    assert storable("abc", 2) == "ab"
