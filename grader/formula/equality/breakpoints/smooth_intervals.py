"""The intervals of a line on each of which formulas are analytic, proved in ball arithmetic and however narrow.

An interval is split until on each part every switch keeps its side, as the balls show, or the part is negligible. This is
interval bisection, and it finds a cell of width 10⁻⁴⁰ as surely as one of width 1, where a grid would step over it
(docs/decisions/0006-equality.md).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

from flint import arb, fmpq

from grader.formula.equality.breakpoints.branch_switches import Side, side_of
from grader.formula.functions.ball_precision import working_precision

Values = Sequence[tuple[arb, bool]]
"""What is watched, entry by entry, each with whether its whole part counts and not its sign."""
Watched = Callable[[arb], Values]
"""What is watched where the parameter of the line is anywhere in a ball."""
SPLITTING_PRECISION = 320
"""Bits: many more than NEGLIGIBLE_ORDER, so that the ends of the narrowest interval are told apart with bits to spare."""
FARTHEST_ORDER, NEGLIGIBLE_ORDER = 200, 140
"""Binary orders of magnitude: of the farthest point that is visited, and of a gap beside the place where it lies."""
ASIDE = fmpq(1, 2**20)
"""How far from a presumed breakpoint the two cuts are that enclose it, as a share of the interval."""
UNEVEN_HALF = fmpq(65_993, 2**17)
"""About a half, but no round share of an interval: breakpoints lie at round places, and on a cut a ball settles nothing."""
FIRST_RATIO = fmpq(2**40)


@dataclass(frozen=True)
class SmoothInterval:
    """An open interval of the parameter on which all formulas are analytic, as far as the budget could show."""

    low: fmpq
    high: fmpq

    def inside(self, share: fmpq) -> fmpq:
        """Return a point of the interval, near its smaller end if that is much smaller; at a small share close to it.

        On an interval from 1 to 2^200 a plain share of its length would give huge numbers only.

        >>> SmoothInterval(fmpq(1), fmpq(2)**200).inside(fmpq(1, 2))
        5/2
        """
        low, high = self.low, self.high
        if low < 0 < high:
            reach = min(-low, high, fmpq(1))
            return reach * (2 * share - 1)
        near, far = (low, high) if low >= 0 else (-high, -low)
        if near == 0:
            far = min(far, fmpq(2))
        elif far > 4 * near:
            far = 4 * near
        point = near + (far - near) * share
        return point if low >= 0 else -point


def smooth_intervals(switches: Sequence[Watched], low: fmpq, high: fmpq, budget: int) -> list[SmoothInterval]:
    """Return the intervals between two ends in order, parted by every one of several switches.

    Each switch may be worked out ``budget`` times over; the parts of moderate size come first, and what then is left open
    is one interval. The ends are exact, and between two of them all switches keep their sides.

    >>> argument_of_abs = lambda x: [(x - 1, False)]
    >>> low, high = smooth_intervals([argument_of_abs], fmpq(0), fmpq(4), budget=400)
    >>> low.low, low.high < 1 < high.low, high.low - low.high < fmpq(1, 2**100), high.high
    (0, True, True, 4)
    """
    ends = {low, high}
    with working_precision(SPLITTING_PRECISION):
        for watched in switches:
            for interval in _merged(_IntervalSearch(watched).settled(low, high, budget)):
                ends.update((interval.low, interval.high))
    return [SmoothInterval(*pair) for pair in pairwise(sorted(ends)) if not _is_negligible(*pair)]


def _merged(settled: list[tuple[fmpq, fmpq, tuple[Side, ...]]]) -> list[SmoothInterval]:
    """Join neighbours on which all switches are on the same sides: the cut between them was no breakpoint."""
    merged: list[tuple[fmpq, fmpq, tuple[Side, ...]]] = []
    for low, high, sides in sorted(settled, key=lambda interval: interval[0]):
        if merged and merged[-1][1] == low and merged[-1][2] == sides:
            merged[-1] = (merged[-1][0], high, sides)
        else:
            merged.append((low, high, sides))
    return [SmoothInterval(low, high) for low, high, _ in merged]


class _IntervalSearch:
    """The splitting of one line by one switch."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.values_at_ends: dict[fmpq, Values] = {}

    def settled(self, low: fmpq, high: fmpq, budget: int) -> list[tuple[fmpq, fmpq, tuple[Side, ...]]]:
        """Return intervals with the sides that all watched values keep on them; negligible and unvisited ones are left out.

        What is left out lies between two intervals that are returned, so it stays an interval of its own if it is wide.
        """
        settled = []
        order = count()  # Breaks ties in the heap, which would compare fractions otherwise.
        queue = [(0.0, next(order), 0, low, high)]
        while queue and budget > 0:
            _, _, depth, low, high = heapq.heappop(queue)
            budget -= 1
            sides = self.sides(low, high)
            open_at = next((place for place, side in enumerate(sides) if side is None), None)
            if open_at is None:
                settled.append((low, high, sides))
                continue
            if _is_negligible(low, high):
                continue
            cuts, evaluations = self.cuts(low, high, open_at)
            budget -= evaluations
            for start, end in pairwise([low, *cuts, high]):
                heapq.heappush(queue, (_priority(start, end) + depth / 2, next(order), depth + 1, start, end))
        return settled

    def sides(self, low: fmpq, high: fmpq) -> tuple[Side, ...]:
        """Return the sides on which the watched values are all over an interval, None where that is open.

        A ball as wide as the interval has no value as soon as some point of it has none, so “nan” is believed only if the
        middle of the interval has none either.
        """
        sides = tuple(side_of(*watched) for watched in self.watched(arb(low).union(arb(high))))
        if "nan" not in sides:
            return sides
        middle = self.values_at(low + (high - low) * UNEVEN_HALF)
        return tuple(
            None if side == "nan" and value.is_finite() else side
            for side, (value, _) in zip(sides, middle, strict=True)
        )

    def cuts(self, low: fmpq, high: fmpq, place: int) -> tuple[list[fmpq], int]:
        """Return where to split, and how many evaluations that took: between orders of magnitude, or around a sign change.

        The line reaches from 2⁻²⁰⁰ to 2²⁰⁰: halves would take 200 splits to come near 1, geometric middles take eight. Within
        a factor of 4 the secant through the ends tells where to cut: twice, closely around the presumed breakpoint, so that
        it is enclosed in a narrow interval, and the wide ones beside it are free of it.
        """
        if low < 0 < high:
            return [fmpq(0)], 0
        near, far = (low, high) if low >= 0 else (-high, -low)
        if near == 0 or far > 4 * near:
            between = _geometric_middle(near, far)
            return [between if low >= 0 else -between], 0
        evaluations = sum(end not in self.values_at_ends for end in (low, high))
        share = self.share_of_sign_change(low, high, place)
        width = high - low
        if share == UNEVEN_HALF:
            return [low + width * UNEVEN_HALF], evaluations
        # The half too, so that no part is much wider than that: a curved function changes sign elsewhere than its secant.
        shares = sorted(cut for cut in (share - ASIDE, share + ASIDE, UNEVEN_HALF) if 0 < cut < 1)
        return [low + width * cut for cut in shares], evaluations

    def share_of_sign_change(self, low: fmpq, high: fmpq, place: int) -> fmpq:
        """Return the share of an interval at which a straight line between its ends would change sign.

        For ``floor`` and its like it is where the line passes the whole number below its larger end.
        """
        (first, is_whole), (last, _) = self.values_at(low)[place], self.values_at(high)[place]
        if not (first.is_finite() and last.is_finite()):
            return UNEVEN_HALF
        if is_whole:
            passed = max(first, last).floor().mid()
            first, last = first - passed, last - passed
        if first.contains(0):
            return fmpq(0)
        if last.contains(0):
            return fmpq(1)
        if (first > 0) == (last > 0):
            return UNEVEN_HALF
        share = float((first / (first - last)).mid())
        return fmpq(int(share * 2**53), 2**53)

    def values_at(self, parameter: fmpq) -> Values:
        """Return what is watched at one parameter, worked out once: neighbours share their ends."""
        if parameter not in self.values_at_ends:
            self.values_at_ends[parameter] = self.watched(arb(parameter))
        return self.values_at_ends[parameter]


def _is_negligible(low: fmpq, high: fmpq) -> bool:
    """True for an interval all around 0, or so narrow where it lies that its ends are one breakpoint."""
    far = max(abs(low), abs(high))
    return bool(far < fmpq(1, 2**FARTHEST_ORDER) or high - low < far / 2**NEGLIGIBLE_ORDER)


def _priority(low: fmpq, high: fmpq) -> float:
    """Return how many splits an interval of moderate size goes before this one: huge numbers wait longer than tiny ones."""
    if low <= 0 <= high:
        return 0.0
    order = _binary_order(min(abs(low), abs(high)))
    return 2.0 * order if order > 0 else -0.25 * order


def _geometric_middle(near: fmpq, far: fmpq) -> fmpq:
    """Return a number between two of different sizes, about as many times the one as the other is times it."""
    if near == 0:
        return far / FIRST_RATIO if far <= 1 else UNEVEN_HALF
    return UNEVEN_HALF * fmpq(2) ** ((_binary_order(near) + _binary_order(far)) // 2 + 1)


def _binary_order(value: fmpq) -> int:
    """Return the binary order of magnitude."""
    return int(value.p).bit_length() - int(value.q).bit_length() if value else -FARTHEST_ORDER
