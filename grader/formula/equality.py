"""Whether two formulas are equal: decided by sampling in NumPy, honestly and plainly.

A formula is equal to the reference when it has its shape and agrees with it, entry by entry, at every sample point at
which the reference is finite: a value that is not finite never agrees. That is evidence, not a proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from grader.formula.domains import sample
from grader.formula.expression import Expression, names
from grader.formula.shape import Mismatch, shapes
from grader.formula.symbols import Shape, Sizes, Symbol, in_numbers
from grader.formula.value import Array, Point, cost, evaluate

SCALES = (1.0, 1.0, 0.1, 10.0, 3.0, 30.0, 0.01, 100.0, 1.0, 1.0, 50.0, 0.5)
WHOLE_NUMBERS = 24
TINY = 1e-12


@dataclass(frozen=True)
class Example:
    """A point at which answer and reference differ; arrays of each symbol's own shape."""

    point: Mapping[str, Array]
    answer: Array
    reference: Array


@dataclass(frozen=True)
class Decision:
    """Whether two formulas are equal: True, False, or None when that could not be decided; ``why`` says how,
    ``points`` at how many sample points."""

    equal: bool | None
    why: str
    points: int = 0


@dataclass(eq=False)
class Space:
    """Where formulas are compared: symbols, the stated sizes and a seed; remembers the values of references."""

    symbols: Mapping[str, Symbol]
    sizes: Sizes
    seed: int
    tolerance: float = 1e-9
    mixing: bool = False
    values: dict[tuple[Expression, int], Array] = field(default_factory=dict)

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of each symbol in numbers."""
        return {name: in_numbers(symbol.shape, self.sizes) for name, symbol in self.symbols.items()}

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """The sample points: both signs, several scales, each symbol in its domain."""
        draw = np.random.Generator(np.random.PCG64(self.seed))
        points: list[Point] = []
        for index, scale in enumerate(SCALES):
            point = self.drawn(draw, scale)
            if (
                index % 2
            ):  # Each second point has the other sign, entry by entry: by chance alone one might be missing.
                free = (name for name, symbol in self.symbols.items() if symbol.domain == "real")
                point.update({name: np.copysign(point[name], -points[-1][name]) for name in free})
            points.append(point)
        return tuple(points)

    @cached_property
    def small(self) -> tuple[Point, ...]:
        """Points of small whole numbers, for examples that can be checked by hand."""
        draw = np.random.Generator(np.random.PCG64(0))
        real = {name for name, symbol in self.symbols.items() if symbol.domain == "real"}
        points = []
        for _ in range(WHOLE_NUMBERS):
            point = dict(self.drawn(draw, 1.0))
            point.update(
                {name: draw.integers(-2, 4, size=self.size(name)).astype(float) for name in sorted(real)}
            )
            points.append(point)
        return tuple(points)

    def drawn(self, draw: np.random.Generator, scale: float) -> dict[str, Array]:
        """Return one random point."""
        return {
            name: sample(symbol.domain, self.size(name), draw, scale) for name, symbol in self.symbols.items()
        }

    def size(self, name: str) -> tuple[int, ...]:
        """Return a symbol's shape in numbers."""
        return in_numbers(self.symbols[name].shape, self.sizes)

    def reference(self, expression: Expression, index: int) -> Array:
        """Return the value of a reference at a sample point, worked out once."""
        key = (expression, index)
        if key not in self.values:
            self.values[key] = evaluate(expression, self.points[index])
        return self.values[key]


def equal(reference: Expression, answer: Expression, space: Space, budget: int) -> Decision:
    """Decide whether ``answer`` equals ``reference`` at the stated sizes, in at most ``budget`` operations."""
    if reference is answer:
        return Decision(True, "The same formula.")
    wanted = shapes(reference, space.shapes, space.mixing)
    try:
        known = shapes(answer, space.shapes, space.mixing)
    except Mismatch as mismatch:
        return Decision(False, mismatch.sentence)
    if known[answer] != wanted[reference]:
        return Decision(False, "The shapes differ.")
    if (cost(answer, known) + cost(reference, wanted)) * len(SCALES) > budget:
        return Decision(None, "This formula takes too long to work out.")
    return _sampled(reference, answer, space)


def _sampled(reference: Expression, answer: Expression, space: Space) -> Decision:
    tested = 0
    for index, point in enumerate(space.points):
        expected = space.reference(reference, index)
        if not np.isfinite(expected).all():
            continue
        tested += 1
        if not agree(evaluate(answer, point), expected, space.tolerance):
            return Decision(False, "The values differ.", tested)
    if not tested:
        return Decision(None, "The reference has no finite value at any sample point.")
    return Decision(True, "The values agree at every sample point.", tested)


def agree(answer: Array, expected: Array, tolerance: float) -> bool:
    """Whether every entry is finite and within tolerance: ``|a − e| ≤ 1e-12 + tolerance·|e|``; a NaN never is."""
    with np.errstate(all="ignore"):
        return bool(
            (np.isfinite(answer) & (np.abs(answer - expected) <= TINY + tolerance * np.abs(expected))).all()
        )


def counterexample(reference: Expression, answer: Expression, space: Space) -> Example | None:
    """Search small whole numbers for a point at which two formulas of one shape differ and both are finite."""
    used = names((reference, answer))
    for point in space.small:
        expected, value = evaluate(reference, point), evaluate(answer, point)
        finite = np.isfinite(expected).all() and np.isfinite(value).all()
        if finite and not agree(value, expected, space.tolerance):
            return Example({name: point[name] for name in used if name in point}, value, expected)
    return None
