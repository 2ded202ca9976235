"""Results: verdicts with their points, added up by blank, part and problem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Literal

from grader.core.submission import NOTHING, Student, Submission, Written
from grader.core.verdict import Outcome, Reveal, Verdict
from grader.grading.problem import Blank, Part, Problem

Status = Literal["final", "provisional", "ungraded"]


STRAYS = 5


@dataclass(frozen=True)
class BlankResult:
    """One blank, what was written in it and its verdict; ``points`` is exact, None when ungraded."""

    blank: Blank
    written: Written | None
    verdict: Verdict

    @property
    def out_of(self) -> Fraction:
        """The points of the blank."""
        return self.blank.spec.points

    @property
    def points(self) -> Fraction | None:
        """Credit times points."""
        return None if self.verdict.credit is None else self.verdict.credit * self.out_of


@dataclass(frozen=True)
class PartResult:
    """One part: its blanks' results added up."""

    part: Part
    blanks: tuple[BlankResult, ...]

    @cached_property
    def out_of(self) -> Fraction:
        """The points of the part."""
        return self.part.out_of

    @cached_property
    def points(self) -> Fraction | None:
        """The exact sum over its blanks, None if any is ungraded."""
        return total(each.points for each in self.blanks)

    @cached_property
    def credit(self) -> Fraction | None:
        """The share of its points that was earned; of a part without points, the mean credit of its blanks."""
        if self.points is None:
            return None
        if self.out_of:
            return self.points / self.out_of
        return sum((each.verdict.credit or Fraction(0) for each in self.blanks), Fraction(0)) / len(self.blanks)

    @cached_property
    def outcome(self) -> Outcome:
        """The outcome of the part, from those of its blanks."""
        return combined({each.verdict.outcome for each in self.blanks}, self.credit)

    @cached_property
    def review(self) -> str | None:
        """Why a person should look at this part, if at all."""
        return joined(each.verdict.staff_review for each in self.blanks)


@dataclass(frozen=True)
class Result:
    """What one submission earned. ``unmatched`` are answers whose address does not exist.

    ``unsafe`` says that programs were run without a sandbox.
    """

    submission: Submission
    problem: Problem
    parts: tuple[PartResult, ...]
    unmatched: Mapping[str, Written] = field(default_factory=lambda: NOTHING)
    secret_id: str = "public"
    unsafe: bool = False

    @cached_property
    def student(self) -> Student:
        """Who handed in."""
        return self.submission.student

    @cached_property
    def points(self) -> Fraction | None:
        """The exact total, None if anything is ungraded."""
        return total(part.points for part in self.parts)

    @cached_property
    def out_of(self) -> Fraction:
        """The points of the problem."""
        return self.problem.out_of

    @cached_property
    def review(self) -> str | None:
        """Why a person should look at this submission, if at all."""
        return joined([*(part.review for part in self.parts), self.strays])

    @cached_property
    def strays(self) -> str | None:
        """What is to be said of answers whose address does not exist."""
        if not self.unmatched:
            return None
        some = ", ".join(address[:40] for address in list(self.unmatched)[:STRAYS])
        more = f" and {len(self.unmatched) - STRAYS} more" if len(self.unmatched) > STRAYS else ""
        exist = "does" if len(self.unmatched) == 1 else "do"
        return f"An answer was given to {some}{more}, which {exist} not exist."

    @cached_property
    def reasons(self) -> str | None:
        """Why a person should look at this submission, part by part; once if it is held back whole."""
        if self.submission.held_reason:
            return self.submission.held_reason
        return joined([*(f"({part.part.id}) {part.review}" for part in self.parts if part.review), self.strays])

    def at(self, reveal: Reveal) -> Result:
        """Return the result with every verdict as it may be shown at ``reveal``."""
        parts = tuple(
            replace(part, blanks=tuple(replace(each, verdict=each.verdict.at(reveal)) for each in part.blanks))
            for part in self.parts
        )
        return replace(self, parts=parts)

    @cached_property
    def status(self) -> Status:
        """Whether the marks stand: ``final``, ``provisional`` (a person should look) or ``ungraded``."""
        if self.points is None:
            return "ungraded"
        return "provisional" if self.review else "final"


def total(points: Iterable[Fraction | None]) -> Fraction | None:
    """Add exact points; None when any of them is."""
    known: list[Fraction] = []
    for each in points:
        if each is None:
            return None
        known.append(each)
    return sum(known, Fraction(0))


def joined(reviews: Iterable[str | None]) -> str | None:
    """Join the different reasons for review, in order."""
    return " ".join(dict.fromkeys(review for review in reviews if review)) or None


def combined(outcomes: set[Outcome], credit: Fraction | None) -> Outcome:
    """Return the outcome of a part from the outcomes of its blanks and its credit."""
    if "ungraded" in outcomes or credit is None:
        return "ungraded"
    for whole in ("correct", "blank"):
        if outcomes == {whole}:
            return whole
    if "unreadable" in outcomes and credit == 0:
        return "unreadable"
    return "partial" if credit > 0 else "incorrect"


def exit_code(results: Iterable[Result]) -> Literal[0, 1]:
    """Return 0 when every mark stands and 1 when a person should look at any."""
    return 1 if any(result.status != "final" for result in results) else 0
