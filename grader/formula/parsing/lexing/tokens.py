"""Tokens: what the lexer cuts a formula into, and what the parser reads."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Kind = Literal[
    "number",
    "symbol",
    "constant",
    "function",
    "defined",
    "size",
    "method",
    "word",
    "text",
    "frac",
    "identity",
    "transpose",
    "raised",
    "subscript",
    "operator",
    "end",
]


@dataclass(frozen=True, slots=True)
class Token:
    """One token; ``text`` is the symbol's name, the function's name, the operator or the digits."""

    kind: Kind
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Tokens:
    """A text cut up: its tokens, what of it was dropped as prose, and why a person should look at the reading."""

    tokens: tuple[Token, ...]
    dropped: str
    review: str | None
    doubt: str | None


def exact_number(digits: str) -> Fraction:
    """Return the number that a token's digits say: 0.1 is one tenth."""
    return Fraction(digits.removesuffix("."))
