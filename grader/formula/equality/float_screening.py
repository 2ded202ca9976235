"""A wide screening in floats, which proposes points where two formulas may differ; balls decide at exactly those points.

Floats propose and never decide: a wrong proposal costs time, not a verdict. What random points do not see is visited on
purpose: small whole numbers exhaustively, corners of small discrete domains, the numbers that occur in either formula and
their neighbours, crossings of these, and every order of magnitude (docs/decisions/0006-equality.md).

All points of a screening are one array for each symbol, of shape ``points × shape``.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from grader.formula.equality.sampling.domains import short_name
from grader.formula.equality.sampling.sample_points import Point, SampleSpace
from grader.formula.equality.sampling.screening_points import (
    LANDMARKS,
    WHOLE_DOMAINS,
    ScreeningPoints,
    large_whole_numbers,
)
from grader.formula.evaluation.evaluate import cost, in_floats
from grader.formula.evaluation.shapes import shapes
from grader.formula.expression import Expression, postorder

SCALAR_POINTS, SCALAR_WHOLE_POINTS = 1_200, 2_000
"""Points for formulas of single numbers, which are worked out all at once; of whole numbers more."""
ARRAY_POINTS, ARRAY_WHOLE_POINTS, MIN_ARRAY_POINTS, ARRAY_OPERATIONS = 72, 600, 8, 400_000
"""Points for formulas with arrays, and the operations that they may take in all."""
PROPOSED_POINTS = 8
MAX_CROSSINGS = 600
"""Points whose every coordinate is a number that occurs, or made of two of them."""


def propose_points(reference: Expression, answer: Expression, sample_space: SampleSpace) -> Iterator[Point]:
    """Yield the points at which the floats of two formulas differ most, and some that floats cannot judge.

    Formulas of single numbers are worked out at all points at once; with arrays in them one point at a time, and at the
    fewer points the more they cost.

    >>> from grader.formula.expression import call, symbol
    >>> from grader.formula.symbols import Symbol
    >>> x, space = symbol("x"), SampleSpace({"x": Symbol()}, {}, seed=1)
    >>> float(next(propose_points(call("abs", x), x, space)).floats["x"]) < 0
    True
    """
    if not sample_space.symbols:
        return
    is_scalar = is_scalar_only((reference, answer), sample_space)
    has_whole_numbers = any(short_name(symbol.domain) in WHOLE_DOMAINS for symbol in sample_space.symbols.values())
    many, few = (SCALAR_WHOLE_POINTS, ARRAY_WHOLE_POINTS) if has_whole_numbers else (SCALAR_POINTS, ARRAY_POINTS)
    count = many if is_scalar else affordable_points((reference, answer), sample_space, few, MIN_ARRAY_POINTS)
    crossings = MAX_CROSSINGS if is_scalar else affordable_points((reference, answer), sample_space, MAX_CROSSINGS, 0)
    points = ScreeningPoints(sample_space, count, landmarks(reference, answer), crossings)
    if is_scalar:
        values = points.floats()
        differences = _relative_difference(
            in_floats(reference, values)[-1], in_floats(answer, values)[-1], points.count
        )
    else:
        differences = np.array([_largest_difference(reference, answer, points[place]) for place in range(points.count)])
    for place in np.argsort(-differences, kind="stable")[:PROPOSED_POINTS]:
        if differences[place] > 0:
            yield points[place]
    # Where both overflow or lose all digits floats see no difference anywhere, so some points are proposed without one.
    yield from (points[place] for place in range(points.count - PROPOSED_POINTS // 2, points.count))
    if has_whole_numbers:
        yield from large_whole_numbers(sample_space)


def points_with_a_value(reference: Expression, sample_space: SampleSpace) -> Iterator[Point]:
    """Yield points far and near at which the floats of a reference have a value, for one that has few."""
    points = ScreeningPoints(sample_space, SCALAR_POINTS, landmarks(reference))
    for place in range(points.count):
        if np.isfinite(in_floats(reference, points[place].floats)[-1]).all():
            yield points[place]


def is_scalar_only(expressions: tuple[Expression, ...], sample_space: SampleSpace) -> bool:
    """True if no array occurs in formulas, not even in between: then they can be worked out at many points at once."""
    return not any(
        shape for formula in expressions for shape in shapes(formula, sample_space.shapes, mixing=True).values()
    )


def affordable_points(expressions: tuple[Expression, ...], sample_space: SampleSpace, most: int, least: int) -> int:
    """Return how often formulas with arrays are worked out: less often the more they cost."""
    total = sum(cost(formula, shapes(formula, sample_space.shapes, mixing=True)) for formula in expressions)
    return max(least, min(most, ARRAY_OPERATIONS // max(total, 1)))


def landmarks(*expressions: Expression) -> list[float]:
    """Return the numbers that occur, and small multiples of π: functions change around them."""
    values = [node.value for formula in expressions for node in postorder(formula)]
    numbers = {float(value) for value in values if isinstance(value, Fraction) and abs(value) < 10**30}
    return [*sorted(numbers), *LANDMARKS]


def _largest_difference(reference: Expression, answer: Expression, point: Point) -> float:
    expected, actual = (in_floats(formula, point.floats)[-1] for formula in (reference, answer))
    return float(_relative_difference(expected, actual, 1).max(initial=0.0))


def _relative_difference(expected: Any, actual: Any, count: int) -> Any:
    """Return how much two values differ, entry by entry, relative to their size; infinite where only the answer has none.

    Of formulas of single numbers the values are one array of ``count`` points, or one number if no symbol is in it.
    """
    with np.errstate(all="ignore"):
        expected, actual = (np.broadcast_to(value, np.shape(value) or (count,)) for value in (expected, actual))
        difference = np.abs(actual - expected) / (np.abs(expected) + np.abs(actual) + 1e-300)
        difference = np.where(np.isfinite(expected) & ~np.isfinite(actual), np.inf, difference)
        return np.where(np.isfinite(expected), np.where(np.isnan(difference), 0.0, difference), 0.0)
