"""Values at which an answer and its reference differ, as simple as can be found: a person is to check them by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from grader.formula.equality.ball_comparison import compare_at, entries_at, midpoints
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.decision import Decision
from grader.formula.equality.sampling.domains import (
    interval,
    is_fractional,
    point_of_interval,
    sample,
    short_name,
    to_floats,
)
from grader.formula.equality.sampling.sample_points import Point
from grader.formula.evaluation.evaluate import Array
from grader.formula.evaluation.shapes import shapes
from grader.formula.expression import Expression, symbol_names
from grader.formula.symbols import Domain

MAX_SMALL_POINTS = 24
DIGITS = (1, 2, 3, 4, 6, 9)
NOT_ROUNDED = frozenset(("orth", "spd", "simplex", "rowstoch"))
"""Domains that rounding leaves."""


@dataclass(frozen=True)
class CounterexampleValues:
    """Values of the symbols, with what the two formulas come to there; ``answer`` is None where it has no value.

    Each is an array of floats in the shape of the symbol, or of the formulas.
    """

    point: Mapping[str, Array]
    answer: Array | None
    reference: Array


def find_counterexample(
    references: Sequence[Expression], answer: Expression, space: ComparisonSpace, decisions: Sequence[Decision]
) -> CounterexampleValues | None:
    """Search small whole numbers, then shorter forms of the points at which the answer differs from each of the references.

    All formulas are of one shape. None where it differs from all of them at no point: what the balls have not proved
    to differ is never shown.

    >>> from grader.formula.expression import call, symbol
    >>> from grader.formula.symbols import Symbol
    >>> x, space = symbol("x"), ComparisonSpace({"x": Symbol()}, {}, seed=1)
    >>> found = find_counterexample([call("abs", x)], x, space, [])
    >>> float(found.point["x"]), float(found.reference), float(found.answer)
    (-1.0, 1.0, -1.0)
    """
    used = [name for name in symbol_names((*references, answer)) if name in space.symbols]
    shape = tuple(int(dim) for dim in shapes(answer, space.shapes, space.mixing)[answer])
    lacks_values = any(decision.is_undefined for decision in decisions)
    points = chain(
        small_points(space),
        *(_with_fewer_digits(decision.point, space) for decision in decisions if decision.point is not None),
    )
    for point in points:
        outcomes = {compare_at(reference, answer, point, space.agreement) for reference in references}
        if outcomes == {"differ"} or (lacks_values and outcomes == {"undefined"}):
            expected = np.reshape(midpoints(entries_at(references[0], point, 128)), shape)
            actual = np.reshape(midpoints(entries_at(answer, point, 128)), shape) if "differ" in outcomes else None
            return CounterexampleValues({name: np.asarray(point.floats[name]) for name in used}, actual, expected)
    return None


def small_points(space: ComparisonSpace) -> Iterator[Point]:
    """Yield points of small whole numbers, or of halves and quarters where a domain has no others."""
    # Not from the secret seed: a student is shown these points.
    generator = np.random.Generator(np.random.PCG64(0))
    for _ in range(MAX_SMALL_POINTS):
        yield Point(
            {
                name: _small_value(symbol.domain, space.sample_space.size(name), generator)
                for name, symbol in sorted(space.symbols.items())
            }
        )


def _small_value(domain: Domain, shape: tuple[int, ...], generator: np.random.Generator) -> Any:
    if ends := interval(domain):
        low, high = np.ceil(ends[0]), np.floor(ends[1])
        if high - low < 3:
            return point_of_interval(ends, generator.integers(1, 4, size=shape) / 4)
        nearest = np.clip(0.0, low, high - 3)
        return generator.integers(int(nearest), int(nearest) + 4, size=shape).astype(float)
    name = short_name(domain)
    if name == "orth":
        return np.eye(shape[0])[generator.permutation(shape[0])] * generator.choice([-1.0, 1.0], size=shape[0])
    if name in WHOLE_NUMBER_RANGES:
        low, high = WHOLE_NUMBER_RANGES[name]
        return generator.integers(low, high + 1, size=shape).astype(float)
    if name not in FROM_ANY_MATRIX:
        return sample(domain, shape, generator)
    any_matrix = generator.integers(-2, 3, size=shape).astype(float)
    return FROM_ANY_MATRIX[name](any_matrix)


WHOLE_NUMBER_RANGES: Mapping[str, tuple[int, int]] = {
    "real": (-2, 3), "pos": (1, 4), "nonneg": (0, 3), "neg": (-4, -1), "int": (-3, 4), "posint": (1, 6),
}  # fmt: skip
"""The least and the largest small number of a domain."""
FROM_ANY_MATRIX: Mapping[str, Callable[[Any], Any]] = {
    "sym": lambda matrix: matrix + matrix.T, "skew": lambda matrix: matrix - matrix.T, "diagm": lambda matrix: np.diag(np.diag(matrix)),
    "spd": lambda matrix: matrix @ matrix.T + np.eye(len(matrix)),
}  # fmt: skip


def _with_fewer_digits(point: Point, space: ComparisonSpace) -> Iterator[Point]:
    """Yield a point rounded to ever more digits, at last itself."""
    for digits in DIGITS:
        yield Point({name: _rounded(space, name, value, digits) for name, value in point.values.items()})
    yield point


def _rounded(space: ComparisonSpace, name: str, value: Any, digits: int) -> Any:
    domain = space.symbols[name].domain
    if short_name(domain) in NOT_ROUNDED or is_fractional(value):
        return value
    rounded = np.vectorize(lambda number: float(f"{number:.{digits}g}"), otypes=[float])(to_floats(value))
    ends = interval(domain)
    return (np.clip(rounded, *ends) if ends else rounded)[()]
