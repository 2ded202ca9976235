"""Where formulas are compared: the symbols, the stated sizes, the tolerance and the seed, with what is worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from flint import arb

from grader.formula.equality.ball_comparison import Agreement, agreement_within, ball_entries, balls_agree
from grader.formula.equality.sample_points import Point, SampleSpace
from grader.formula.evaluation.shapes import shapes
from grader.formula.evaluation.value import cost
from grader.formula.expression import Expression
from grader.formula.symbols import Shape, Sizes, Symbol, in_numbers

MAX_REFERENCE_VALUES = 5_000
"""Values of references that are remembered; then all are forgotten and worked out again."""


@dataclass(eq=False)
class ComparisonSpace:
    """Symbols, stated sizes and a seed, with the base points and the values of references at them.

    ``tolerance`` is relative, for each entry; None means exactly equal. ``mixing`` allows arrays of different ranks to go
    together as NumPy broadcasts them. The last three fields are caches: with ``replace`` they have to be emptied.
    """

    symbols: Mapping[str, Symbol]
    sizes: Sizes
    seed: int
    tolerance: float | None = None
    mixing: bool = False
    reference_values: dict[tuple[Expression, Point, int], list[arb]] = field(default_factory=dict)
    base_points: list[Point] = field(default_factory=list)
    shapes_and_costs: dict[Expression, tuple[Shape, int]] = field(default_factory=dict)

    @cached_property
    def sample_space(self) -> SampleSpace:
        """Where points are drawn."""
        return SampleSpace(self.symbols, self.sizes, self.seed)

    def base_point(self, number: int) -> Point:
        """Return one of the random points, drawn once."""
        while len(self.base_points) <= number:
            self.base_points.append(self.sample_space.base_point(len(self.base_points)))
        return self.base_points[number]

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of each symbol in numbers."""
        return {name: in_numbers(symbol.shape, self.sizes) for name, symbol in self.symbols.items()}

    @cached_property
    def agreement(self) -> Agreement:
        """When values agree."""
        return balls_agree if self.tolerance is None else agreement_within(self.tolerance)

    def shape_and_cost(self, reference: Expression) -> tuple[Shape, int]:
        """Return a reference's shape and the operations that its value takes, worked out once."""
        if reference not in self.shapes_and_costs:
            shapes_of_parts = shapes(reference, self.shapes, self.mixing)
            self.shapes_and_costs[reference] = shapes_of_parts[reference], cost(reference, shapes_of_parts)
        return self.shapes_and_costs[reference]

    def reference_value(self, expression: Expression, point: Point, precision: int) -> list[arb]:
        """Return the entries of a reference's value at a base point, worked out once.

        Only for base points: points are compared by identity, so any other would fill the memory and never be found.
        """
        key = (expression, point, precision)
        if key not in self.reference_values:
            if len(self.reference_values) >= MAX_REFERENCE_VALUES:
                self.reference_values.clear()
                self.shapes_and_costs.clear()
            self.reference_values[key] = ball_entries(expression, point, precision)
        return self.reference_values[key]
