"""Sample points: exact points within the domains, derived from a seed, as floats and as balls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb

from grader.formula.equality.domains import (
    DISCRETE,
    STRUCTURED,
    interval,
    is_fractional,
    sample,
    short_name,
    to_floats,
)
from grader.formula.functions.ball_precision import precision
from grader.formula.symbols import Shape, Sizes, Symbol, in_numbers

SCALES = (1.0, 0.125, 16.0, 1.0, 2.0**-7, 256.0)
"""Powers of two, so that scaled values keep few digits."""
_balls = np.frompyfunc(arb, 1, 1)


@dataclass(frozen=True, eq=False)
class Point:
    """An exact value for each symbol: an array of the symbol's shape, of floats or of ``flint.fmpq``.

    The same value is a float for the screening and a ball without a radius for the decision. Two points are never equal,
    but for one and the same.
    """

    values: Mapping[str, Any]
    balls_by_precision: dict[int, Mapping[str, Any]] = field(default_factory=dict)

    @cached_property
    def floats(self) -> Mapping[str, Any]:
        """The nearest floats."""
        return {name: to_floats(value) for name, value in self.values.items()}

    def balls(self) -> Mapping[str, Any]:
        """Return the values as balls at the precision that is set."""
        bits = precision()
        if bits not in self.balls_by_precision:
            self.balls_by_precision[bits] = {name: _balls(value) for name, value in self.values.items()}
        return self.balls_by_precision[bits]


@dataclass(eq=False)
class SampleSpace:
    """The symbols with their shapes, domains and the stated sizes; makes points from a seed.

    >>> space = SampleSpace({"A": Symbol(shape=("n", 2), domain="pos")}, {"n": 3}, seed=1)
    >>> point = space.base_point(0)
    >>> point.floats["A"].shape, bool((point.floats["A"] > 0).all())
    ((3, 2), True)
    """

    symbols: Mapping[str, Symbol]
    sizes: Sizes
    seed: int

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of each symbol in numbers."""
        return {name: in_numbers(symbol.shape, self.sizes) for name, symbol in self.symbols.items()}

    def generator(self, purpose: int) -> np.random.Generator:
        """Return the random numbers of one purpose: always the same, and independent of those of any other purpose.

        Base points have the purposes from 0 on; all others are numbers above 10,000. Another number would mean other
        points, and so perhaps another verdict: they stay.
        """
        return np.random.Generator(np.random.PCG64([self.seed, purpose]))

    def base_point(self, number: int) -> Point:
        """Return one of the base points."""
        generator, scale = self.generator(number), SCALES[number % len(SCALES)]
        return Point(
            {name: sample(symbol.domain, self.size(name), generator, scale) for name, symbol in self.symbols.items()}
        )

    def size(self, name: str) -> tuple[int, ...]:
        """Return a symbol's shape in numbers."""
        return in_numbers(self.symbols[name].shape, self.sizes)

    def nearby(self, point: Point, generator: np.random.Generator) -> Point:
        """Return a point a little aside: what is drawn freely moves by a millionth of its size, and 0 by a millionth."""
        moved = dict(point.values)
        for name, symbol in self.symbols.items():
            # Whole numbers have nothing beside them, and a moved matrix of a structured domain would no longer be in it.
            if short_name(symbol.domain) in DISCRETE | STRUCTURED or is_fractional(moved[name]):
                continue
            value = np.asarray(moved[name], dtype=float)
            signs = generator.choice([-1.0, 1.0], size=value.shape)
            value = value + signs * generator.uniform(2.0**-22, 2.0**-20, size=value.shape) * np.where(
                value == 0, 1.0, np.abs(value)
            )
            ends = interval(symbol.domain)
            moved[name] = (np.clip(value, *ends) if ends else value)[()]
        return Point(moved)
