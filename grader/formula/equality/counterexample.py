"""Values at which an answer and its reference differ, as simple as can be found: a person is to work them out by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from grader.formula.equality.ball_comparison import ball_entries, compare_at, midpoints
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.decision import Decision
from grader.formula.equality.domains import interval, is_fractional, point_of_interval, sample, short_name, to_floats
from grader.formula.equality.sample_points import Point
from grader.formula.evaluation.shapes import shapes
from grader.formula.evaluation.value import Array
from grader.formula.expression import Expression, names
from grader.formula.symbols import Domain

MAX_SMALL_POINTS = 24
DIGITS = (1, 2, 3, 4, 6, 9)
NOT_ROUNDED = frozenset(("orth", "spd", "simplex", "rowstoch"))
"""Domains that rounding leaves."""


@dataclass(frozen=True)
class CounterexampleValues:
    """Values of the symbols, with what the two formulas come to there; ``answer`` is None where it has no value."""

    point: Mapping[str, Array]
    answer: Array | None
    reference: Array


def find_counterexample(
    references: Sequence[Expression], answer: Expression, space: ComparisonSpace, decisions: Sequence[Decision]
) -> CounterexampleValues | None:
    """Search small whole numbers, then shorter forms of the points that told the answer from each of the references.

    All formulas are of one shape. None where no point tells the answer from all of them: what the balls have not proved
    to differ is never shown.
    """
    used = [name for name in names((*references, answer)) if name in space.symbols]
    shape = tuple(int(dim) for dim in shapes(answer, space.shapes, space.mixing)[answer])
    missing = any(each.is_undefined for each in decisions)
    points = chain(
        small_points(space), *(_with_fewer_digits(each.point, space) for each in decisions if each.point is not None)
    )
    for point in points:
        outcomes = {compare_at(each, answer, point, space.agreement) for each in references}
        if outcomes == {"differ"} or (missing and outcomes == {"undefined"}):
            expected = np.reshape(midpoints(ball_entries(references[0], point, 128)), shape)
            given = np.reshape(midpoints(ball_entries(answer, point, 128)), shape) if "differ" in outcomes else None
            return CounterexampleValues({name: np.asarray(point.floats[name]) for name in used}, given, expected)
    return None


def small_points(space: ComparisonSpace) -> Iterator[Point]:
    """Yield points of small whole numbers, or of halves and quarters where a domain has no others."""
    draw = np.random.Generator(np.random.PCG64(0))
    for _ in range(MAX_SMALL_POINTS):
        yield Point(
            {
                name: _small_value(symbol.domain, space.sample_space.size(name), draw)
                for name, symbol in sorted(space.symbols.items())
            }
        )


def _small_value(domain: Domain, shape: tuple[int, ...], draw: np.random.Generator) -> Any:
    if ends := interval(domain):
        low, high = np.ceil(ends[0]), np.floor(ends[1])
        if high - low < 3:
            return point_of_interval(ends, draw.integers(1, 4, size=shape) / 4)
        nearest = np.clip(0.0, low, high - 3)
        return draw.integers(int(nearest), int(nearest) + 4, size=shape).astype(float)
    name = short_name(domain)
    if name == "orth":
        return np.eye(shape[0])[draw.permutation(shape[0])] * draw.choice([-1.0, 1.0], size=shape[0])
    if name in WHOLE_NUMBER_RANGES:
        low, high = WHOLE_NUMBER_RANGES[name]
        return draw.integers(low, high + 1, size=shape).astype(float)
    if name not in FROM_ANY_MATRIX:
        return sample(domain, shape, draw)
    any_matrix = draw.integers(-2, 3, size=shape).astype(float)
    return FROM_ANY_MATRIX[name](any_matrix)


WHOLE_NUMBER_RANGES = {
    "real": (-2, 3),
    "pos": (1, 4),
    "nonneg": (0, 3),
    "neg": (-4, -1),
    "int": (-3, 4),
    "posint": (1, 6),
}
FROM_ANY_MATRIX: Mapping[str, Callable[[Any], Any]] = {
    "sym": lambda matrix: matrix + matrix.T, "skew": lambda matrix: matrix - matrix.T, "diagm": lambda matrix: np.diag(np.diag(matrix)),
    "spd": lambda matrix: matrix @ matrix.T + np.eye(len(matrix)),
}  # fmt: skip


def _with_fewer_digits(point: Point, space: ComparisonSpace) -> Iterator[Point]:
    for digits in DIGITS:
        yield Point({name: _rounded(space, name, each, digits) for name, each in point.values.items()})
    yield point


def _rounded(space: ComparisonSpace, name: str, given: Any, digits: int) -> Any:
    domain = space.symbols[name].domain
    if short_name(domain) in NOT_ROUNDED or is_fractional(given):
        return given
    made = np.vectorize(lambda each: float(f"{each:.{digits}g}"), otypes=[float])(to_floats(given))
    ends = interval(domain)
    return (np.clip(made, *ends) if ends else made)[()]
