"""What a student's function is given, and what is expected: public values in small numbers, and hidden ones from the secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import numpy as np

from grader.core.arrays import Array, Value
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.counterexample import small_points
from grader.formula.equality.domains import short_name
from grader.formula.equality.sample_points import SCALES, Point
from grader.formula.symbols import Sizes, Symbol

WHOLE = frozenset(("int", "posint"))
"""Domains whose values arrive as integers: a function may count with them."""


@dataclass(frozen=True)
class TestCase:
    """One call: the inputs in the order of the parameters, and the values of which one is expected."""

    inputs: tuple[Array, ...]
    expected: tuple[Value, ...]


def others(sizes: Sizes, least: int = 2) -> dict[str, int]:
    """Return other sizes than these, all different and in the same order: a matrix stays as tall or wide as it was."""
    made: dict[str, int] = {}
    for letter, size in sorted(sizes.items(), key=lambda each: each[1]):
        made[letter] = next(each for each in count(least) if each != size)
        least = made[letter] + 1
    return {letter: made[letter] for letter in sizes}


def typed(value: Any, symbol: Symbol) -> Array:
    """Return a value with the dtype in which a function is to get it."""
    array = np.asarray(value, dtype=float)
    return array.astype(np.int64) if short_name(symbol.domain) in WHOLE else array


def points(space: ComparisonSpace, most: int) -> Iterator[Point]:
    """Yield random points of ordinary size: formulas are told apart at 10^18 too, but a program may count to it."""
    ordinary = (number for number in count() if SCALES[number % len(SCALES)] <= 1)
    return (space.base_point(number) for number in islice(ordinary, most))


def drawn(
    space: ComparisonSpace, parameters: Sequence[str], given: Mapping[str, Array], most: int
) -> Iterator[dict[str, Array]]:
    """Yield hidden values of the parameters, those that are ``given`` as they are."""
    for point in points(space, most):
        yield _values(point, space, parameters, given)


def small(space: ComparisonSpace, parameters: Sequence[str], given: Mapping[str, Array]) -> dict[str, Array]:
    """Return values in small whole numbers, which may be shown."""
    [point] = islice(small_points(space), 1)
    return _values(point, space, parameters, given)


def _values(
    point: Point, space: ComparisonSpace, parameters: Sequence[str], given: Mapping[str, Array]
) -> dict[str, Array]:
    return {
        name: given[name] if name in given else typed(point.floats[name], space.symbols[name]) for name in parameters
    }
