"""Comparing with the numbers of an author's program, for keys that cannot be written as a formula.

Floats within a tolerance, at a few secret points: weaker than balls, which the evidence says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.counterexample import CounterexampleValues, small_points
from grader.formula.equality.decision import Decision, DecisionEvidence, Reason
from grader.formula.equality.sampling.sample_points import Point
from grader.formula.evaluation.evaluate import Array, cost, evaluate
from grader.formula.evaluation.shapes import ShapeMismatch, shapes
from grader.formula.expression import Expression
from grader.formula.symbols import Shape

SECRET_POINTS = 16
TOLERANCE = 1e-6
"""Relative; wide enough for a program that adds up in another order than the answer."""


def program_points(space: ComparisonSpace) -> list[Point]:
    """Return where the program is to be run: small numbers first, which make counterexamples, then secret ones."""
    return [
        *islice(small_points(space), SECRET_POINTS // 2),
        *(space.base_point(number) for number in range(SECRET_POINTS)),
    ]


@dataclass(eq=False)
class AcceptedNumbers:
    """The values of a program at ``points``; one that is not finite is not compared with.

    Two values agree if no entry differs by more than ``tolerance`` times the largest entry.
    """

    values: Sequence[tuple[Point, Array]]
    space: ComparisonSpace
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
            answer_shapes = shapes(answer, self.space.shapes, self.space.mixing)
        except ShapeMismatch as mismatch:
            return Decision(False, Reason.SHAPES_DO_NOT_FIT, misfit=mismatch.sentence)
        if answer_shapes[answer] != self.shapes[0]:
            return Decision(False, Reason.SHAPES_DIFFER)
        if cost(answer, answer_shapes) * len(self.finite) > budget:
            return Decision(None, Reason.TOO_EXPENSIVE)
        if any(True for _ in self.differences(answer)):
            return Decision(False, Reason.VALUES_DIFFER)
        return Decision(True, Reason.VALUES_AGREE, DecisionEvidence(len(self.finite), tolerance=self.tolerance))

    def differences(self, answer: Expression) -> Iterator[CounterexampleValues]:
        """Yield the points at which an answer is too far off, or has no value."""
        for point, expected in self.finite:
            actual = evaluate(answer, point.floats)
            # Not “> bound”: NaN, where only the answer has no value, is a difference too.
            difference = np.abs(actual - expected).max(initial=0.0)
            if not difference <= self.tolerance * np.abs(expected).max(initial=0.0):
                values = {name: np.asarray(value) for name, value in point.floats.items()}
                yield CounterexampleValues(values, actual if np.isfinite(actual).all() else None, expected)

    def counterexample(self, answer: Expression, decision: Decision, budget: int) -> CounterexampleValues | None:
        """Return the first of them, in small numbers if any shows it."""
        return next(self.differences(answer), None)
