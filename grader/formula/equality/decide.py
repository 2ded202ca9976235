"""Whether two formulas are equal: decided in ball arithmetic at secret exact points.

Disjoint balls at one point prove that formulas differ. Agreement at random points to hundreds of bits is overwhelming
evidence where the formulas are analytic; where they are not, a wide screening in floats and the breakpoints of both
propose points for the balls to decide. A ball that cannot be resolved never counts as equal. The reasons for the numbers
of points, bits and cells are in docs/decisions/0006-equality.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from grader.formula.equality.analyticity import false_accept_log2, is_determined_locally, may_saturate
from grader.formula.equality.ball_comparison import PRECISIONS, PointOutcome, compare_at, entries_at
from grader.formula.equality.breakpoints.domain_cells import cells
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.decision import Decision, DecisionEvidence, Reason
from grader.formula.equality.float_screening import points_with_a_value, propose_points
from grader.formula.equality.sampling.sample_points import Point
from grader.formula.evaluation.evaluate import cost
from grader.formula.evaluation.shapes import ShapeMismatch, shapes
from grader.formula.expression import Expression

EXACT_POINTS, TOLERANCE_POINTS = 4, 12
"""At how many points formulas have to agree: more where agreement in some region says nothing about another."""
MIDDLE, HIGH, TOP = 1, 2, 3
"""Places in PRECISIONS: 640, 2,560 and 8,192 bits, used at one point each to confirm: they see what is nearly saturated."""
MAX_BASE_POINTS = 40
"""How many random points are drawn in the search for some at which the reference has a value."""
NEIGHBOURS = 3
"""Points around one without a value that tell a region without values from an isolated point."""
NEIGHBOUR_PURPOSE = 30_001
"""What the random numbers for these are derived with; part of the seed, so never to be changed."""


def decide(reference: Expression, answer: Expression, space: ComparisonSpace, budget: int) -> Decision:
    """Decide whether ``answer`` equals ``reference`` at the stated sizes; undecided beyond ``budget`` operations.

    The cheap ends come first: one node for both, shapes that differ, a cost beyond the budget. Then ``_Decider`` compares
    values.

    >>> from grader.formula.expression import call, literal, symbol
    >>> from grader.formula.symbols import Symbol
    >>> space, x = ComparisonSpace({"x": Symbol()}, {}, seed=1), symbol("x")
    >>> root_of_square = call("sqrt", call("power", x, literal(2)))
    >>> decide(call("abs", x), root_of_square, space, 10**6).equal
    True
    >>> decide(x, root_of_square, space, 10**6).reason
    <Reason.VALUES_DIFFER: 3>
    """
    if reference is answer:
        return Decision(True, Reason.SAME_FORMULA)
    reference_shape, reference_cost = space.shape_and_cost(reference)
    try:
        answer_shapes = shapes(answer, space.shapes, space.mixing)
    except ShapeMismatch as mismatch:
        return Decision(False, Reason.SHAPES_DO_NOT_FIT, misfit=mismatch.sentence)
    if answer_shapes[answer] != reference_shape:
        return Decision(False, Reason.SHAPES_DIFFER)
    # Both are worked out at the exact points and at two that confirm.
    if (cost(answer, answer_shapes) + reference_cost) * (EXACT_POINTS + 2) > budget:
        return Decision(None, Reason.TOO_EXPENSIVE)
    return _Decider(reference, answer, space).decide()


class _Decider:
    """The comparison of two formulas of one shape, in the order of what it costs.

    Random base points reject nearly all that is wrong. Two of them at higher precision see differences that vanish at 128
    bits. That is enough where ``is_determined_locally``: two quotients of real-analytic functions on a connected domain
    that agree on an open set agree everywhere. Otherwise floats propose points far and wide, and if a formula has
    breakpoints, every cell between these is visited, as far as the budget of evaluations goes.
    """

    def __init__(self, reference: Expression, answer: Expression, space: ComparisonSpace) -> None:
        self.reference = reference
        self.answer = answer
        self.space = space

    def decide(self) -> Decision:
        """Compare at base points, at higher precisions, and then wherever more is needed.

        One proven difference at a point where both have values is enough for “not equal”, be it an isolated one: the
        comparison is strict (``sign(x)**2`` is not 1). Agreement needs all stages.
        """
        both, symbols, tolerance = (self.reference, self.answer), self.space.symbols, self.space.tolerance
        agreed: list[Point] = []
        enough = EXACT_POINTS if tolerance is None else TOLERANCE_POINTS
        for point, is_base in self.points():
            outcome = self.outcome_at(point, remembered=is_base)
            if rejection := self.rejection(point, outcome):
                return rejection
            if outcome == "agree":
                agreed.append(point)
            if len(agreed) == enough:
                break
        if not agreed:
            return Decision(None, Reason.REFERENCE_WITHOUT_VALUE)
        # At 640 bits alone x + exp(-1000) passed for x: what can saturate is confirmed with 8,192 bits.
        saturates = may_saturate(both)
        confirming = (MIDDLE, TOP if saturates else HIGH)
        for start, point in zip(confirming, agreed, strict=False):
            outcome = self.outcome_at(point, start=start, remembered=True)
            if rejection := self.rejection(point, outcome):
                return rejection
        evidence = DecisionEvidence(len(agreed), PRECISIONS[confirming[-1]], tolerance=tolerance)
        if not is_determined_locally(both, symbols):
            return self.compare_everywhere(evidence)
        if saturates:
            return self.screen(evidence)
        bound = None if tolerance else false_accept_log2(both, symbols, len(agreed))
        return Decision(True, Reason.VALUES_AGREE, replace(evidence, false_accept_log2=bound))

    def points(self) -> Iterator[tuple[Point, bool]]:
        """Yield points, each with whether it is a base point, whose reference values are remembered.

        A reference with values in few places, such as ``sqrt(x - 1e6)``, has none at any base point: then points follow
        at which its floats have one, and last the cells between its own breakpoints.
        """
        for number in range(MAX_BASE_POINTS):
            yield self.space.base_point(number), True
        for point in points_with_a_value(self.reference, self.space.sample_space):
            yield point, False
        for cell in cells(self.reference, self.reference, self.space.sample_space):
            yield from ((point, False) for point in cell.points)

    def screen(self, evidence: DecisionEvidence) -> Decision:
        """Compare at the points that floats propose; the balls alone decide there."""
        screened = 0
        for point in propose_points(self.reference, self.answer, self.space.sample_space):
            screened += 1
            if rejection := self.rejection(point, self.outcome_at(point, start=HIGH)):
                return rejection
        return Decision(True, Reason.VALUES_AGREE, replace(evidence, screened_points=screened))

    def compare_everywhere(self, evidence: DecisionEvidence) -> Decision:
        """Screen, then compare at points in every cell that the breakpoints of both formulas cut out of the domain.

        In one cell both are analytic, so agreement at a few points of it is agreement in it. A cell is found however
        narrow it is (10⁻⁴⁰ as surely as 1); a grid with bisection, the form before, missed 113 of 559 hostile pairs.
        """
        decision = self.screen(evidence)
        if not decision.equal:
            return decision
        visited = 0
        for cell in cells(self.reference, self.answer, self.space.sample_space):
            visited += 1
            outcomes = [self.outcome_at(point, start=HIGH) for point in cell.points]
            if "differ" in outcomes:
                return Decision(False, Reason.VALUES_DIFFER, point=cell.points[outcomes.index("differ")])
            # An isolated place without a value is no difference (x**2/x is x); a whole region of them is.
            if cell.is_region and all(outcome == "undefined" for outcome in outcomes):
                return Decision(False, Reason.NO_VALUE, point=cell.points[0])
        return replace(decision, evidence=replace(decision.evidence, cells=visited))

    def outcome_at(self, point: Point, start: int = 0, remembered: bool = False) -> PointOutcome:
        """Compare at a point, from the precision at place ``start`` on."""
        reference_value = self.space.reference_value if remembered else entries_at
        return compare_at(self.reference, self.answer, point, self.space.agreement, start, reference_value)

    def rejection(self, point: Point, outcome: PointOutcome) -> Decision | None:
        """Return the decision “not equal” if a point proves it."""
        if outcome == "differ":
            return Decision(False, Reason.VALUES_DIFFER, point=point)
        if outcome == "undefined" and self.is_undefined_around(point):
            return Decision(False, Reason.NO_VALUE, point=point)
        return None

    def is_undefined_around(self, point: Point) -> bool:
        """True if the answer is undefined all around a point, where the reference is not."""
        generator = self.space.sample_space.generator(NEIGHBOUR_PURPOSE)
        outcomes = [self.outcome_at(self.space.sample_space.nearby(point, generator)) for _ in range(NEIGHBOURS)]
        return all(outcome in ("undefined", "outside") for outcome in outcomes) and "undefined" in outcomes
