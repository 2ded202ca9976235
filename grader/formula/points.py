"""Where formulas are compared: exact points within the domains, derived from a seed, as floats and as balls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb, ctx

from grader.formula.domains import floats, fractional, sample
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

    def near(self, draw: np.random.Generator) -> Point:
        """Return a point a little aside: symbols that are plain floats move by a millionth of their size."""
        moved = {
            name: value if fractional(value) or _whole(value)
            else value * (1 + draw.choice([-1, 1], size=np.shape(value)) * draw.uniform(2.0**-22, 2.0**-20, size=np.shape(value)))
            for name, value in self.values.items()
        }  # fmt: skip
        return Point(moved)


def _whole(value: Any) -> bool:
    return bool(np.all(value == np.round(value))) and bool(np.any(value))


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
        return Point(
            {name: sample(each.domain, self.size(name), draw, scale) for name, each in self.symbols.items()}
        )

    def size(self, name: str) -> tuple[int, ...]:
        """Return a symbol's shape in numbers."""
        return in_numbers(self.symbols[name].shape, self.sizes)
