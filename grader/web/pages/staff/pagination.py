"""Long lists, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; ``first`` and ``last`` are the places of what it holds, counted from one."""

    items: Sequence[T]
    number: int
    pages: int
    first: int
    last: int
    many: int


def number_of(text: str) -> int:
    """Return the number in an address, at least 1; whatever is no number is the first page."""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def paged(items: Sequence[T], asked: str, most: int) -> Page[T]:
    """Return the page that was asked for, or the last one where there are fewer."""
    pages = max(1, -(-len(items) // most))
    number = min(number_of(asked), pages)
    start = (number - 1) * most
    shown = items[start : start + most]
    return Page(shown, number, pages, start + bool(shown), start + len(shown), len(items))
