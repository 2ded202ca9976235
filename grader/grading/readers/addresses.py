"""Finding the blank that somebody meant: ``b``, ``B``, ``(b)``, ``b)``, ``part b``, ``(a).W_ss``."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from grader.core.errors import nearest

if TYPE_CHECKING:
    from grader.grading.problem import Problem

ADDRESS = re.compile(r"(?:part(?:\s++|(?=\()))?\(?\s*+([^().\s]++)\s*+\)?+\s*+\.?+\s*+(.*)", re.DOTALL)


class Addresses:
    """The blank addresses of one problem, and the other ways in which they are written."""

    def __init__(self, problem: Problem) -> None:
        self.known = tuple(blank.address for blank in problem.blanks)
        times = Counter(normalize(address) for address in self.known)
        self._loose = {normalize(address): address for address in self.known if times[normalize(address)] == 1}
        self._exact = frozenset(self.known)
        self._nearest: dict[str, str | None] = {}

    def find(self, written: str) -> str | None:
        """Return the address that was meant, if there is exactly one."""
        return written if written in self._exact else self._loose.get(normalize(written))

    def inside(self, part: str) -> tuple[str, ...]:
        """Return the addresses of the named blanks of a part."""
        return tuple(address for address in self.known if address.startswith(f"{part}."))

    def nearest(self, written: str) -> str | None:
        """Return the address that is spelt most like what was written, if any is near."""
        if written not in self._nearest:
            self._nearest[written] = nearest(written[:100], self.known)
        return self._nearest[written]


def normalize(address: str) -> str:
    """Return an address without regard to case, brackets, spaces and the word "part"."""
    plain = address.strip().casefold()
    match = ADDRESS.fullmatch(plain)
    if match is None:
        return plain
    part, name = match.groups()
    return f"{part}.{name}" if name else str(part)
