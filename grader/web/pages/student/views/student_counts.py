"""Which attempts at a blank use up one, as far as their student may know, and how many are left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.core.submission import Written
from grader.web.domain.attempts.attempts import Attempt
from grader.web.pages.student.views.problem_context import Place


@dataclass(frozen=True)
class Counts:
    """For each attempt, in their order, whether it counts, None where that is not known yet; ``most`` is the limit."""

    each: tuple[bool | None, ...]
    most: int | None

    @property
    def used(self) -> int:
        """How many attempts are used up for sure."""
        return self.each.count(True)

    @property
    def unsure(self) -> int:
        """How many may be used up besides."""
        return self.each.count(None)

    @property
    def used_up(self) -> bool:
        """Whether no attempt is left."""
        return self.most is not None and self.used >= self.most

    def place(self, index: int) -> int:
        """Return the how-manyeth attempt that counts this one is, from 1."""
        return self.each[: index + 1].count(True)


def counts(place: Place, address: str, own: Sequence[Attempt]) -> Counts:
    """Count a student's attempts at one blank: as they were judged, or while that is hidden as they are read in public."""
    if place.level is not None:
        return Counts(tuple(map(_judged, own)), place.exam.policy.attempts)
    return Counts(tuple(_public(place, address, own)), place.exam.policy.attempts)


def _judged(attempt: Attempt) -> bool | None:
    if attempt.outcome == "unreadable":
        return False  # Whatever a person decides on it.
    open_yet = attempt.state == "waiting" or (attempt.doubtful and attempt.decision is None)
    return None if open_yet else attempt.counts


def _public(place: Place, address: str, own: Sequence[Attempt]) -> Iterator[bool | None]:
    """Yield whether each text counts; nothing here depends on a verdict, nor on whether there is one."""
    seen: set[Written | None] = set()
    for each in own:
        yield False if each.written is None or each.written in seen else _read(place, address, each.written)
        seen.add(each.written)


def _read(place: Place, address: str, given: Written) -> bool | None:
    """Whether a text can be read; None where that shows only when it is judged."""
    preview = place.preview(address, given)
    if preview.read_as is None:
        return False
    # A program may not load, which shows only in the sandbox.
    return None if preview.complaint or preview.is_code else True
