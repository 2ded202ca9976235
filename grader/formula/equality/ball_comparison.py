"""What balls say about two formulas at one point: they agree, they provably differ, or one of them has no value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from flint import arb, ctx

from grader.formula.equality.sample_points import Point
from grader.formula.evaluation.evaluate import ball_entries, in_balls
from grader.formula.expression import Expression

PRECISIONS = (128, 640, 2560, 8192)
"""Bits; each is tried where the one before does not settle a point."""
Outcome = Literal["agree", "differ", "outside", "undefined", "open"]
"""``outside``: the reference has no value; ``undefined``: only the answer has none; ``open``: the balls stay too wide."""
Alike = Callable[[list[arb], list[arb], int], bool | None]
"""Whether two lists of balls agree: True, False where that is proved not to be so, None where they are too wide."""


def ball(expression: Expression, point: Point, precision: int) -> list[arb]:
    """Return the entries of a formula's value at a point."""
    with ctx.workprec(precision):
        return ball_entries(in_balls(expression, point.balls())[-1])


def compared(
    reference: Expression,
    answer: Expression,
    point: Point,
    alike: Alike,
    start: int = 0,
    known: Callable[[Expression, Point, int], list[arb]] = ball,
) -> Outcome:
    """Compare two formulas of one shape at a point; ``known`` gives the reference's value, perhaps from memory."""
    outcome: Outcome = "open"
    for precision in PRECISIONS[start:]:
        with ctx.workprec(precision):
            expected = known(reference, point, precision)
            if not all(map(arb.is_finite, expected)):
                outcome = "outside"
                continue
            given = ball_entries(in_balls(answer, point.balls())[-1])
            if not all(map(arb.is_finite, given)):
                outcome = "undefined"
                continue
            settled = alike(expected, given, precision)
        if settled is not None:
            return "agree" if settled else "differ"
        outcome = "open"
    return outcome


def same(expected: list[arb], given: list[arb], precision: int) -> bool | None:
    """Whether all entries overlap, and are narrow enough for that to mean something."""
    narrow = True
    for a, b in zip(expected, given, strict=True):
        if not a.overlaps(b):
            return False
        narrow = narrow and _narrow(a, b, precision)
    return True if narrow else None


def _narrow(a: arb, b: arb, precision: int) -> bool:
    if a.is_exact() and b.is_exact():
        return True
    if min(a.rel_accuracy_bits(), b.rel_accuracy_bits()) >= precision // 2:
        return True
    width = a.rad() + b.rad()
    return bool(width < arb(2) ** (-(precision // 2)) and a.contains(0) and b.contains(0))


def within(tolerance: float) -> Alike:
    """Whether every entry is within a relative tolerance of the reference."""

    def alike(expected: list[arb], given: list[arb], precision: int) -> bool | None:
        settled: bool | None = True
        for a, b in zip(expected, given, strict=True):
            off, most = abs(a - b), abs(a) * arb(tolerance) + arb(2) ** -100
            if off > most:
                return False
            if not off <= most:
                settled = None
        return settled

    return alike


def value(balls: list[arb]) -> list[float]:
    """Return the midpoints as floats."""
    return [float(each.mid()) for each in balls]
