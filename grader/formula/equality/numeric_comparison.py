"""Comparing with the numbers of an author's program, for keys that cannot be written as a formula.

Floats within a tolerance, at a few secret points: weaker than balls, and said so in the evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from grader.formula.equality.counterexample import Example, smalls
from grader.formula.equality.decide import Decision, Evidence, Space
from grader.formula.equality.sample_points import Point
from grader.formula.evaluation.evaluate import Array, cost, evaluate
from grader.formula.evaluation.shapes import Mismatch, shapes
from grader.formula.expression import Expression
from grader.formula.symbols import Shape

POINTS = 16
TOLERANCE = 1e-6


def points(space: Space) -> list[Point]:
    """Return where the program is to be run: small numbers first, which make counterexamples, then secret ones."""
    return [*islice(smalls(space), POINTS // 2), *(space.base(number) for number in range(POINTS))]


@dataclass(eq=False)
class Numbers:
    """The values of a program at ``points``; one that is not finite is not compared with.

    Two values agree if no entry differs by more than ``tolerance`` times the largest entry.
    """

    values: Sequence[tuple[Point, Array]]
    space: Space
    tolerance: float = TOLERANCE

    @cached_property
    def shapes(self) -> list[Shape]:
        """The one shape of all values."""
        return [self.values[0][1].shape]

    @cached_property
    def finite(self) -> list[tuple[Point, Array]]:
        """The points at which the program has a value."""
        return [(point, value) for point, value in self.values if np.isfinite(value).all()]

    def decide(self, answer: Expression, budget: int) -> Decision:
        """Compare at every point."""
        try:
            known = shapes(answer, self.space.shapes, self.space.mixing)
        except Mismatch as mismatch:
            return Decision(False, mismatch.sentence)
        if known[answer] != self.shapes[0]:
            return Decision(False, "The shapes differ.")
        if cost(answer, known) * len(self.finite) > budget:
            return Decision(None, "This formula takes too long to work out.")
        if any(True for _ in self.differing(answer)):
            return Decision(False, "The values differ.")
        return Decision(True, "The values agree.", Evidence(len(self.finite), tolerance=self.tolerance))

    def differing(self, answer: Expression) -> Iterator[Example]:
        """Yield the points at which an answer is too far off, or has no value."""
        for point, expected in self.finite:
            given = evaluate(answer, point.floats)
            off = np.abs(given - expected).max(initial=0.0)
            if not off <= self.tolerance * np.abs(expected).max(initial=0.0):
                values = {name: np.asarray(each) for name, each in point.floats.items()}
                yield Example(values, given if np.isfinite(given).all() else None, expected)

    def example(self, answer: Expression, decision: Decision, budget: int) -> Example | None:
        """Return the first of them, in small numbers if any shows it."""
        return next(self.differing(answer), None)
