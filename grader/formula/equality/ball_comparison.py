"""What balls say about two formulas at one point: they agree, they provably differ, or one of them has no value.

A ball is a midpoint with an error bound that is proved to hold the true value (``functions/ball_values.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from flint import arb

from grader.formula.equality.sampling.sample_points import Point
from grader.formula.evaluation.evaluate import ball_entries, in_balls
from grader.formula.expression import Expression
from grader.formula.functions.ball_precision import working_precision

PRECISIONS = (128, 640, 2560, 8192)
"""Bits; each is tried where the one before does not settle a point."""
EXTREME_EXPONENT = 2**20
"""Binary exponents beyond ±this are extreme: between them lie all numbers that a float can hold, to the thousandth power."""
ROUNDING_ALLOWANCE = arb(2) ** -100
"""Added to a tolerance, so that it can be met where the reference is 0."""
PointOutcome = Literal["agree", "differ", "outside", "undefined", "open"]
"""``outside``: the reference has no value; ``undefined``: only the answer has none; ``open``: the balls stay too wide."""
Agreement = Callable[[list[arb], list[arb], int], bool | None]
"""Whether two lists of balls agree: True, False where that is proved not to be so, None where they are too wide."""


def entries_at(expression: Expression, point: Point, precision: int) -> list[arb]:
    """Return the entries of a formula's value at a point, row by row."""
    with working_precision(precision):
        return ball_entries(in_balls(expression, point.balls())[-1])


def compare_at(
    reference: Expression,
    answer: Expression,
    point: Point,
    agreement: Agreement,
    start: int = 0,
    reference_value: Callable[[Expression, Point, int], list[arb]] = entries_at,
) -> PointOutcome:
    """Compare two formulas of one shape at a point, at rising precision until the balls settle it.

    ``start`` is the place of the first precision; ``reference_value`` gives the reference's value, perhaps from memory.

    >>> from grader.formula.expression import call, symbol
    >>> point = Point({"x": 2.0})
    >>> compare_at(symbol("x"), call("exp", call("log", symbol("x"))), point, balls_agree)
    'agree'
    >>> compare_at(symbol("x"), call("log", call("negative", symbol("x"))), point, balls_agree)
    'undefined'
    """
    outcome: PointOutcome = "open"
    for precision in PRECISIONS[start:]:
        with working_precision(precision):
            expected = reference_value(reference, point, precision)
            # A ball that is not finite means “no value” or only “too wide to tell”, such as 1/x with 0 in the ball of x:
            # so a higher precision may still find one, and the last word is that of the highest.
            if not all(map(arb.is_finite, expected)):
                outcome = "outside"
                continue
            steps = in_balls(answer, point.balls())
            actual = ball_entries(steps[-1])
            if not all(map(arb.is_finite, actual)):
                # exp(-exp(8190)) is a ball around 0 at any precision, and 1 over it is no ball: that says nothing of the answer.
                outcome = (
                    "open" if any(_is_extreme(each) for step in steps for each in ball_entries(step)) else "undefined"
                )
                continue
            settled = agreement(expected, actual, precision)
        if settled is not None:
            return "agree" if settled else "differ"
        outcome = "open"
    return outcome


def _is_extreme(ball: arb) -> bool:
    """True if a number is so large or so near to 0 that what is made of it next may have no ball.

    >>> _is_extreme(arb(10) ** 300), _is_extreme(arb(0)), _is_extreme(arb(2) ** 2**21), _is_extreme((-arb(2) ** 2**21).exp())
    (False, False, True, True)
    """
    largest = ball.abs_upper()
    if not largest.is_finite() or largest.is_zero():
        return False
    mantissa, exponent = largest.man_exp()
    return abs(int(exponent) + int(mantissa).bit_length()) > EXTREME_EXPONENT


def balls_agree(expected: list[arb], actual: list[arb], precision: int) -> bool | None:
    """Return True if all entries overlap and are narrow enough for that to mean something, False if two are disjoint.

    Disjoint balls prove a difference. Overlapping ones prove nothing: wide balls overlap with anything.

    >>> balls_agree([arb(1)], [arb(1)], 128), balls_agree([arb(1)], [arb(2)], 128), balls_agree([arb(1)], [arb(1, 0.5)], 128)
    (True, False, None)
    """
    all_narrow = True
    for a, b in zip(expected, actual, strict=True):
        if not a.overlaps(b):
            return False
        all_narrow = all_narrow and _is_narrow(a, b, precision)
    return True if all_narrow else None


def _is_narrow(a: arb, b: arb, precision: int) -> bool:
    """True if at least half the bits that were worked with are right; around 0, where no bit counts, absolutely so."""
    if a.is_exact() and b.is_exact():
        return True
    if min(a.rel_accuracy_bits(), b.rel_accuracy_bits()) >= precision // 2:
        return True
    width = a.rad() + b.rad()
    return bool(width < arb(2) ** (-(precision // 2)) and a.contains(0) and b.contains(0))


def agreement_within(tolerance: float) -> Agreement:
    """Return an agreement for which every entry is within a relative tolerance of the reference.

    >>> agreement_within(0.01)([arb(100)], [arb(100.5)], 128)
    True
    """

    def agreement(expected: list[arb], actual: list[arb], precision: int) -> bool | None:
        settled: bool | None = True
        for a, b in zip(expected, actual, strict=True):
            difference, bound = abs(a - b), abs(a) * arb(tolerance) + ROUNDING_ALLOWANCE
            if difference > bound:
                return False
            # Of balls, “not larger” is not “smaller or equal”: where they overlap neither holds.
            if not difference <= bound:
                settled = None
        return settled

    return agreement


def midpoints(balls: list[arb]) -> list[float]:
    """Return the midpoints as floats."""
    return [float(ball.mid()) for ball in balls]
