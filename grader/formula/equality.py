"""Whether two formulas are equal: decided in ball arithmetic at secret exact points.

Disjoint balls at one point prove that formulas differ. Agreement at random points to hundreds of bits is overwhelming
evidence where the formulas are analytic; where they are not, a wide screen and the kinks of both propose points for the
balls to decide. A ball that cannot be resolved never counts as equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from flint import arb

from grader.formula.analytic import determined, false_accept
from grader.formula.deciding import PRECISIONS, Alike, Outcome, ball, compared, same, value, within
from grader.formula.expression import Expression, names
from grader.formula.kinks import cells
from grader.formula.points import Place, Point
from grader.formula.screen import defined, proposals
from grader.formula.shape import Mismatch, shapes
from grader.formula.symbols import Shape, Sizes, Symbol, in_numbers
from grader.formula.value import Array, cost

REJECTING = 4
CONFIRMING = (1, 2)
"""Which of the precisions are used again, at one point each: the higher ones see what is nearly saturated."""
MOST_TRIED = 40
WHOLE_NUMBERS = 24


@dataclass(frozen=True)
class Evidence:
    """What a decision rests on: points of agreement, bits, whether more than random points was needed, and the bound.

    ``bound`` is the base-2 logarithm of the chance that formulas which are polynomials and differ agree at all points
    (Schwartz and Zippel); None where that does not apply.
    """

    points: int = 0
    bits: int = 0
    screened: int = 0
    cells: int = 0
    bound: float | None = None


@dataclass(frozen=True)
class Decision:
    """Whether two formulas are equal: True, False, or None when that could not be decided; ``why`` says how."""

    equal: bool | None
    why: str
    evidence: Evidence = Evidence()
    point: Point | None = None


@dataclass(frozen=True)
class Example:
    """A point at which answer and reference differ; arrays of each symbol's own shape."""

    point: Mapping[str, Array]
    answer: Array
    reference: Array


@dataclass(eq=False)
class Space:
    """Where formulas are compared: symbols, the stated sizes and a seed; remembers the values of references.

    ``tolerance`` is relative, for each entry; None means exactly equal.
    """

    symbols: Mapping[str, Symbol]
    sizes: Sizes
    seed: int
    tolerance: float | None = None
    mixing: bool = False
    values: dict[tuple[Expression, Point, int], list[arb]] = field(default_factory=dict)
    drawn: list[Point] = field(default_factory=list)

    @cached_property
    def place(self) -> Place:
        """Where points are drawn."""
        return Place(self.symbols, self.sizes, self.seed)

    def base(self, number: int) -> Point:
        """Return one of the random points, drawn once."""
        while len(self.drawn) <= number:
            self.drawn.append(self.place.point(len(self.drawn)))
        return self.drawn[number]

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of each symbol in numbers."""
        return {name: in_numbers(symbol.shape, self.sizes) for name, symbol in self.symbols.items()}

    @cached_property
    def alike(self) -> Alike:
        """When values agree."""
        return same if self.tolerance is None else within(self.tolerance)

    def reference(self, expression: Expression, point: Point, precision: int) -> list[arb]:
        """Return the value of a reference at a base point, worked out once."""
        key = (expression, point, precision)
        if key not in self.values:
            self.values[key] = ball(expression, point, precision)
        return self.values[key]


def equal(reference: Expression, answer: Expression, space: Space, budget: int) -> Decision:
    """Decide whether ``answer`` equals ``reference`` at the stated sizes; undecided beyond ``budget`` operations."""
    if reference is answer:
        return Decision(True, "The same formula.")
    wanted = shapes(reference, space.shapes, space.mixing)
    try:
        known = shapes(answer, space.shapes, space.mixing)
    except Mismatch as mismatch:
        return Decision(False, mismatch.sentence)
    if known[answer] != wanted[reference]:
        return Decision(False, "The shapes differ.")
    if (cost(answer, known) + cost(reference, wanted)) * (REJECTING + len(CONFIRMING)) > budget:
        return Decision(None, "This formula takes too long to work out.")
    return _Decider(reference, answer, space).decide()


class _Decider:
    def __init__(self, reference: Expression, answer: Expression, space: Space) -> None:
        self.reference = reference
        self.answer = answer
        self.space = space

    def decide(self) -> Decision:
        agreed: list[Point] = []
        for point, remembered in self.points():
            outcome = self.at(point, remembered=remembered)
            if refused := self.refused(point, outcome):
                return refused
            if outcome == "agree":
                agreed.append(point)
            if len(agreed) == REJECTING:
                break
        if not agreed:
            return Decision(None, "The reference has no value that could be worked out at any sample point.")
        for start, point in zip(CONFIRMING, agreed, strict=False):
            outcome = self.at(point, start=start, remembered=True)
            if refused := self.refused(point, outcome):
                return refused
        bits = PRECISIONS[-1]
        if determined((self.reference, self.answer), self.space.symbols):
            both = (self.reference, self.answer)
            bound = (
                false_accept(both, self.space.symbols, len(agreed)) if self.space.tolerance is None else None
            )
            return Decision(True, "The values agree.", Evidence(len(agreed), bits, bound=bound))
        return self.everywhere(Evidence(len(agreed), bits))

    def points(self) -> Iterator[tuple[Point, bool]]:
        """The base points, whose reference values are kept; then, for a reference that has values in few places, others."""
        for number in range(MOST_TRIED):
            yield self.space.base(number), True
        for point in defined(self.reference, self.space.place):
            yield point, False

    def everywhere(self, evidence: Evidence) -> Decision:
        screened = parted = 0
        for point in proposals(self.reference, self.answer, self.space.place):
            screened += 1
            if refused := self.refused(point, self.at(point)):
                return refused
        for points in cells(self.reference, self.answer, self.space.place):
            parted += 1
            outcome = self.at(points[0])
            if outcome == "undefined" and all(self.at(each) == "undefined" for each in points[1:]):
                return Decision(
                    False, "The answer has no value in a region where the reference has one.", point=points[0]
                )
            if outcome == "differ":
                return Decision(False, "The values differ.", point=points[0])
        return Decision(True, "The values agree.", Evidence(evidence.points, evidence.bits, screened, parted))

    def at(self, point: Point, start: int = 0, remembered: bool = False) -> Outcome:
        known = self.space.reference if remembered else ball
        return compared(self.reference, self.answer, point, self.space.alike, start, known)

    def refused(self, point: Point, outcome: Outcome) -> Decision | None:
        if outcome == "differ":
            return Decision(False, "The values differ.", point=point)
        if outcome == "undefined" and self.region(point):
            return Decision(
                False, "The answer has no value in a region where the reference has one.", point=point
            )
        return None

    def region(self, point: Point) -> bool:
        """Whether the answer is undefined all around a point."""
        draw = self.space.place.draw(30_001)
        around = [self.at(self.space.place.near(point, draw)) for _ in range(3)]
        return all(each in ("undefined", "outside") for each in around) and "undefined" in around


def counterexample(reference: Expression, answer: Expression, space: Space) -> Example | None:
    """Search small whole numbers for a point at which two formulas of one shape provably differ and both have values."""
    used = [name for name in names((reference, answer)) if name in space.symbols]
    for point in _small(space):
        if compared(reference, answer, point, space.alike) == "differ":
            shape = tuple(int(dim) for dim in shapes(reference, space.shapes, space.mixing)[reference])
            expected, given = (
                np.reshape(value(ball(each, point, 128)), shape) for each in (reference, answer)
            )
            return Example({name: point.floats[name] for name in used}, given, expected)
    return None


def _small(space: Space) -> Iterator[Point]:
    draw = np.random.Generator(np.random.PCG64(0))
    for number in range(WHOLE_NUMBERS):
        values = dict(space.place.point(number).values)
        for name, symbol in sorted(space.symbols.items()):
            if symbol.domain == "real":
                values[name] = draw.integers(-2, 4, size=space.place.size(name)).astype(float)
        yield Point(values)
