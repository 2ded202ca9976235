"""Where formulas are compared: exact points within the domains, derived from a seed, as floats and as balls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb, ctx

from grader.formula.equality.domains import DISCRETE, STRUCTURED, floats, fractional, interval, sample, short
from grader.formula.symbols import Shape, Sizes, Symbol, in_numbers

SCALES = (1.0, 0.125, 16.0, 1.0, 2.0**-7, 256.0)
"""Powers of two, so that scaled values keep few digits."""
_balls = np.frompyfunc(arb, 1, 1)


@dataclass(frozen=True, eq=False)
class Point:
    """An exact value for each symbol."""

    values: Mapping[str, Any]
    known: dict[int, Mapping[str, Any]] = field(default_factory=dict)

    @cached_property
    def floats(self) -> Mapping[str, Any]:
        """The nearest floats."""
        return {name: floats(value) for name, value in self.values.items()}

    def balls(self) -> Mapping[str, Any]:
        """The values as balls at the precision that is set."""
        if ctx.prec not in self.known:
            self.known[ctx.prec] = {name: _balls(value) for name, value in self.values.items()}
        return self.known[ctx.prec]


@dataclass(eq=False)
class Place:
    """The symbols with their shapes, domains and the stated sizes; makes points from a seed."""

    symbols: Mapping[str, Symbol]
    sizes: Sizes
    seed: int

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of each symbol in numbers."""
        return {name: in_numbers(symbol.shape, self.sizes) for name, symbol in self.symbols.items()}

    def draw(self, purpose: int) -> np.random.Generator:
        """Return the random numbers of one purpose."""
        return np.random.Generator(np.random.PCG64([self.seed, purpose]))

    def point(self, number: int) -> Point:
        """Return one of the base points."""
        draw, scale = self.draw(number), SCALES[number % len(SCALES)]
        return Point({name: sample(each.domain, self.size(name), draw, scale) for name, each in self.symbols.items()})

    def size(self, name: str) -> tuple[int, ...]:
        """Return a symbol's shape in numbers."""
        return in_numbers(self.symbols[name].shape, self.sizes)

    def near(self, point: Point, draw: np.random.Generator) -> Point:
        """Return a point a little aside: what is drawn freely moves by a millionth of its size, and 0 by a millionth."""
        moved = dict(point.values)
        for name, symbol in self.symbols.items():
            if short(symbol.domain) in DISCRETE | STRUCTURED or fractional(moved[name]):
                continue
            value = np.asarray(moved[name], dtype=float)
            step = draw.choice([-1.0, 1.0], size=value.shape) * draw.uniform(2.0**-22, 2.0**-20, size=value.shape)
            value = value + step * np.where(value == 0, 1.0, np.abs(value))
            ends = interval(symbol.domain)
            moved[name] = (np.clip(value, *ends) if ends else value)[()]
        return Point(moved)
