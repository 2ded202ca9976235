"""Whether two formulas are equal: decided in ball arithmetic at secret exact points.

Disjoint balls at one point prove that formulas differ. Agreement at random points to hundreds of bits is overwhelming
evidence where the formulas are analytic; where they are not, a wide screen and the kinks of both propose points for the
balls to decide. A ball that cannot be resolved never counts as equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from flint import arb

from grader.formula.equality.analyticity import determined, false_accept, saturating
from grader.formula.equality.ball_comparison import PRECISIONS, Alike, Outcome, ball, compared, same, within
from grader.formula.equality.breakpoints.domain_cells import cells
from grader.formula.equality.float_screening import defined, proposals
from grader.formula.equality.sample_points import Place, Point
from grader.formula.evaluation.evaluate import cost
from grader.formula.evaluation.shapes import Mismatch, shapes
from grader.formula.expression import Expression
from grader.formula.symbols import Shape, Sizes, Symbol, in_numbers

REJECTING, WITHIN_TOLERANCE = 4, 12
"""At how many points formulas have to agree: more where agreement in some region says nothing about another."""
MIDDLE, HIGH, TOP = 1, 2, 3
"""Higher ones of the precisions, used at one point each to confirm: they see what is nearly saturated."""
MOST_TRIED = 40
MOST_KEPT = 5_000
"""Values of references that are remembered; then they are forgotten and worked out anew."""
NO_VALUE = "The answer has no value in a region where the reference has one."


@dataclass(frozen=True)
class Evidence:
    """What a decision rests on: points of agreement, bits, whether more than random points was needed, and the bound.

    ``bound`` is the base-2 logarithm of the chance that formulas which are polynomials and differ agree at all points
    (Schwartz and Zippel); None where that does not apply. ``bits`` is the highest precision, 0 where the same formula was
    compared, or floats.
    """

    points: int = 0
    bits: int = 0
    screened: int = 0
    cells: int = 0
    bound: float | None = None
    tolerance: float | None = None


@dataclass(frozen=True)
class Decision:
    """Whether two formulas are equal: True, False, or None when that could not be decided; ``why`` says how."""

    equal: bool | None
    why: str
    evidence: Evidence = Evidence()
    point: Point | None = None

    @property
    def undefined(self) -> bool:
        """Whether the answer is wrong because it has no value where the reference has one."""
        return self.equal is False and self.why == NO_VALUE


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
    asked: dict[Expression, tuple[Shape, int]] = field(default_factory=dict)

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

    def shape_and_cost(self, reference: Expression) -> tuple[Shape, int]:
        """Return a reference's shape and the operations that its value takes, worked out once."""
        if reference not in self.asked:
            known = shapes(reference, self.shapes, self.mixing)
            self.asked[reference] = known[reference], cost(reference, known)
        return self.asked[reference]

    def reference(self, expression: Expression, point: Point, precision: int) -> list[arb]:
        """Return the value of a reference at a base point, worked out once."""
        key = (expression, point, precision)
        if key not in self.values:
            if len(self.values) >= MOST_KEPT:
                self.values.clear()
                self.asked.clear()
            self.values[key] = ball(expression, point, precision)
        return self.values[key]


def equal(reference: Expression, answer: Expression, space: Space, budget: int) -> Decision:
    """Decide whether ``answer`` equals ``reference`` at the stated sizes; undecided beyond ``budget`` operations."""
    if reference is answer:
        return Decision(True, "The same formula.")
    wanted, least = space.shape_and_cost(reference)
    try:
        known = shapes(answer, space.shapes, space.mixing)
    except Mismatch as mismatch:
        return Decision(False, mismatch.sentence)
    if known[answer] != wanted:
        return Decision(False, "The shapes differ.")
    if (cost(answer, known) + least) * (REJECTING + 2) > budget:
        return Decision(None, "This formula takes too long to work out.")
    return _Decider(reference, answer, space).decide()


class _Decider:
    def __init__(self, reference: Expression, answer: Expression, space: Space) -> None:
        self.reference = reference
        self.answer = answer
        self.space = space

    def decide(self) -> Decision:
        both, symbols, tolerance = (self.reference, self.answer), self.space.symbols, self.space.tolerance
        agreed: list[Point] = []
        wanted = REJECTING if tolerance is None else WITHIN_TOLERANCE
        for point, remembered in self.points():
            outcome = self.at(point, remembered=remembered)
            if refused := self.refused(point, outcome):
                return refused
            if outcome == "agree":
                agreed.append(point)
            if len(agreed) == wanted:
                break
        if not agreed:
            return Decision(None, "The reference has no value that could be worked out at any sample point.")
        steep = saturating(both)
        confirming = (MIDDLE, TOP if steep else HIGH)
        for start, point in zip(confirming, agreed, strict=False):
            outcome = self.at(point, start=start, remembered=True)
            if refused := self.refused(point, outcome):
                return refused
        evidence = Evidence(len(agreed), PRECISIONS[confirming[-1]], tolerance=tolerance)
        if not determined(both, symbols):
            return self.everywhere(evidence)
        if steep:
            return self.screened(evidence)
        bound = None if tolerance else false_accept(both, symbols, len(agreed))
        return Decision(True, "The values agree.", replace(evidence, bound=bound))

    def points(self) -> Iterator[tuple[Point, bool]]:
        """The base points, whose reference values are kept; then, for a reference with values in few places, others."""
        for number in range(MOST_TRIED):
            yield self.space.base(number), True
        for point in defined(self.reference, self.space.place):
            yield point, False
        for cell in cells(self.reference, self.reference, self.space.place):
            yield from ((point, False) for point in cell.points)

    def screened(self, evidence: Evidence) -> Decision:
        tried = 0
        for point in proposals(self.reference, self.answer, self.space.place):
            tried += 1
            if refused := self.refused(point, self.at(point, start=HIGH)):
                return refused
        return Decision(True, "The values agree.", replace(evidence, screened=tried))

    def everywhere(self, evidence: Evidence) -> Decision:
        decision = self.screened(evidence)
        if not decision.equal:
            return decision
        parted = 0
        for cell in cells(self.reference, self.answer, self.space.place):
            parted += 1
            outcomes = [self.at(each, start=HIGH) for each in cell.points]
            if "differ" in outcomes:
                return Decision(False, "The values differ.", point=cell.points[outcomes.index("differ")])
            if cell.region and all(each == "undefined" for each in outcomes):
                return Decision(False, NO_VALUE, point=cell.points[0])
        return replace(decision, evidence=replace(decision.evidence, cells=parted))

    def at(self, point: Point, start: int = 0, remembered: bool = False) -> Outcome:
        known = self.space.reference if remembered else ball
        return compared(self.reference, self.answer, point, self.space.alike, start, known)

    def refused(self, point: Point, outcome: Outcome) -> Decision | None:
        if outcome == "differ":
            return Decision(False, "The values differ.", point=point)
        if outcome == "undefined" and self.region(point):
            return Decision(False, NO_VALUE, point=point)
        return None

    def region(self, point: Point) -> bool:
        """Whether the answer is undefined all around a point."""
        draw = self.space.place.draw(30_001)
        around = [self.at(self.space.place.near(point, draw)) for _ in range(3)]
        return all(each in ("undefined", "outside") for each in around) and "undefined" in around
