"""Pagination of long lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; ``first`` and ``last`` are the 1-based positions of its items among all ``total``."""

    items: Sequence[T]
    number: int
    pages: int
    first: int
    last: int
    total: int


def page_number(text: str) -> int:
    """Return the page number in an address, at least 1; whatever is no number is the first page."""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def paginate(items: Sequence[T], requested: str, per_page: int) -> Page[T]:
    """Return the requested page, or the last one where there are fewer."""
    pages = max(1, -(-len(items) // per_page))
    number = min(page_number(requested), pages)
    start = (number - 1) * per_page
    page_items = items[start : start + per_page]
    return Page(page_items, number, pages, start + bool(page_items), start + len(page_items), len(items))
