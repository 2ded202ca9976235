"""What a student's function is called with: public values in small whole numbers, and hidden ones that follow from the secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import numpy as np

from grader.core.arrays import Array, Value
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.counterexample import small_points
from grader.formula.equality.sampling.domains import short_name
from grader.formula.equality.sampling.sample_points import SCALES, Point
from grader.formula.symbols import Sizes, Symbol

INTEGER_DOMAINS = frozenset(("int", "posint"))
"""Domains whose values arrive as integers: a function may count with them."""


@dataclass(frozen=True)
class TestCase:
    """One call: the inputs in the order of the parameters, and the values of which one is expected."""

    inputs: tuple[Array, ...]
    expected: tuple[Value, ...]


def other_sizes(sizes: Sizes, smallest: int = 2) -> dict[str, int]:
    """Return other sizes than these, all different and in the same order: a matrix stays as tall or wide as it was.

    >>> other_sizes({"m": 2, "n": 3})
    {'m': 3, 'n': 4}
    """
    changed: dict[str, int] = {}
    for letter, size in sorted(sizes.items(), key=lambda item: item[1]):
        changed[letter] = next(number for number in count(smallest) if number != size)
        smallest = changed[letter] + 1
    return {letter: changed[letter] for letter in sizes}


def as_input(value: Any, symbol: Symbol) -> Array:
    """Return a value with the dtype in which a function is to get it; raises TypeError and ValueError."""
    array = np.asarray(value, dtype=float)
    return array.astype(np.int64) if short_name(symbol.domain) in INTEGER_DOMAINS else array


def ordinary_points(space: ComparisonSpace, limit: int) -> Iterator[Point]:
    """Yield random points of ordinary size: formulas are told apart at 10^18 too, but a program may count to it."""
    numbers = (number for number in count() if SCALES[number % len(SCALES)] <= 1)
    return (space.base_point(number) for number in islice(numbers, limit))


def hidden_inputs(
    space: ComparisonSpace, parameters: Sequence[str], fixed: Mapping[str, Array], limit: int
) -> Iterator[dict[str, Array]]:
    """Yield hidden values of the parameters, those that are ``fixed`` as they are."""
    for point in ordinary_points(space, limit):
        yield _inputs_at(point, space, parameters, fixed)


def public_inputs(space: ComparisonSpace, parameters: Sequence[str], fixed: Mapping[str, Array]) -> dict[str, Array]:
    """Return values in small whole numbers, which may be shown."""
    [point] = islice(small_points(space), 1)
    return _inputs_at(point, space, parameters, fixed)


def _inputs_at(
    point: Point, space: ComparisonSpace, parameters: Sequence[str], fixed: Mapping[str, Array]
) -> dict[str, Array]:
    return {
        name: fixed[name] if name in fixed else as_input(point.floats[name], space.symbols[name]) for name in parameters
    }
