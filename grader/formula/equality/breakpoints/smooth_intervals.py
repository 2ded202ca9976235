"""The pieces of a line on each of which formulas are analytic, proved in ball arithmetic and however narrow.

An interval is split until on each part every switch keeps its side, as the balls show, or the part is negligible.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

from flint import arb, ctx, fmpq

from grader.formula.equality.breakpoints.branch_switches import Side, side_of

Values = Sequence[tuple[arb, bool]]
Watched = Callable[[arb], Values]
"""What is watched where the parameter of the line is anywhere in a ball."""
SPLITTING_PRECISION = 320
FARTHEST_ORDER, NEGLIGIBLE_ORDER = 200, 140
"""Binary orders of magnitude: of the farthest point that is looked at, and of a gap beside the place where it lies."""
ASIDE = fmpq(1, 2**20)
UNEVEN_HALF = fmpq(65_993, 2**17)
"""No round share of an interval: kinks lie at round places."""
FIRST_RATIO = fmpq(2**40)


@dataclass(frozen=True)
class SmoothInterval:
    """An open interval of the parameter."""

    low: fmpq
    high: fmpq

    def inside(self, share: fmpq) -> fmpq:
        """Return a point of the piece, near its smaller end if that is much smaller; at a small share close to it."""
        low, high = self.low, self.high
        if low < 0 < high:
            reach = min(-low, high, fmpq(1))
            return reach * (2 * share - 1)
        near, far = (low, high) if low >= 0 else (-high, -low)
        if near == 0:
            far = min(far, fmpq(2))
        elif far > 4 * near:
            far = 4 * near
        found = near + (far - near) * share
        return found if low >= 0 else -found


def smooth_intervals(looks: Sequence[Watched], low: fmpq, high: fmpq, budget: int) -> list[SmoothInterval]:
    """Return the pieces between two ends in order, parted by every one of several switches.

    Each switch may be looked at ``budget`` times over; the parts of moderate size come first, and what then is left open
    is one piece.
    """
    bounds = {low, high}
    with ctx.workprec(SPLITTING_PRECISION):
        for look in looks:
            found = _merged(_IntervalSearch(look).settled(low, high, budget))
            bounds.update(end for piece in found for end in (piece.low, piece.high))
    return [SmoothInterval(*pair) for pair in pairwise(sorted(bounds)) if not _is_negligible(*pair)]


def _merged(found: list[tuple[fmpq, fmpq, tuple[Side, ...]]]) -> list[SmoothInterval]:
    made: list[tuple[fmpq, fmpq, tuple[Side, ...]]] = []
    for low, high, states in sorted(found, key=lambda each: each[0]):
        if made and made[-1][1] == low and made[-1][2] == states:
            made[-1] = (made[-1][0], high, states)
        else:
            made.append((low, high, states))
    return [SmoothInterval(low, high) for low, high, _ in made]


class _IntervalSearch:
    def __init__(self, look: Watched) -> None:
        self.look = look
        self.ends: dict[fmpq, Values] = {}

    def settled(self, low: fmpq, high: fmpq, budget: int) -> list[tuple[fmpq, fmpq, tuple[Side, ...]]]:
        found = []
        order = count()
        waiting = [(0.0, next(order), 0, low, high)]
        while waiting and budget > 0:
            _, _, depth, low, high = heapq.heappop(waiting)
            budget -= 1
            states = self.states(low, high)
            open_at = next((at for at, each in enumerate(states) if each is None), None)
            if open_at is None:
                found.append((low, high, states))
                continue
            if _is_negligible(low, high):
                continue
            cuts, known = self.cuts(low, high, open_at)
            budget -= known
            bounds = [low, *cuts, high]
            for start, end in pairwise(bounds):
                heapq.heappush(waiting, (_priority(start, end) + depth / 2, next(order), depth + 1, start, end))
        return found

    def states(self, low: fmpq, high: fmpq) -> tuple[Side, ...]:
        """Return the sides on which the switches are all over an interval; what has no value only if its middle has none."""
        states = tuple(side_of(*each) for each in self.look(arb(low).union(arb(high))))
        if "nan" not in states:
            return states
        middle = self.end(low + (high - low) * UNEVEN_HALF)
        return tuple(
            None if each == "nan" and value.is_finite() else each
            for each, (value, _) in zip(states, middle, strict=True)
        )

    def cuts(self, low: fmpq, high: fmpq, at: int) -> tuple[list[fmpq], int]:
        """Return where to split: between sizes, closely around where a switch seems to turn, or in the middle."""
        if low < 0 < high:
            return [fmpq(0)], 0
        near, far = (low, high) if low >= 0 else (-high, -low)
        if near == 0 or far > 4 * near:
            between = _geometric_middle(near, far)
            return [between if low >= 0 else -between], 0
        looked = sum(end not in self.ends for end in (low, high))
        share = self.turning(low, high, at)
        width = high - low
        if share == UNEVEN_HALF:
            return [low + width * UNEVEN_HALF], looked
        shares = sorted(each for each in (share - ASIDE, share + ASIDE, UNEVEN_HALF) if 0 < each < 1)
        return [low + width * each for each in shares], looked

    def turning(self, low: fmpq, high: fmpq, at: int) -> fmpq:
        """Return the share of an interval at which a straight line between its ends would turn."""
        (first, whole), (last, _) = self.end(low)[at], self.end(high)[at]
        if not (first.is_finite() and last.is_finite()):
            return UNEVEN_HALF
        if whole:
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

    def end(self, at: fmpq) -> Values:
        if at not in self.ends:
            self.ends[at] = self.look(arb(at))
        return self.ends[at]


def _is_negligible(low: fmpq, high: fmpq) -> bool:
    far = max(abs(low), abs(high))
    return bool(far < fmpq(1, 2**FARTHEST_ORDER) or high - low < far / 2**NEGLIGIBLE_ORDER)


def _priority(low: fmpq, high: fmpq) -> float:
    """Return how many splits an interval of moderate size goes before this one."""
    if low <= 0 <= high:
        return 0.0
    size = _binary_order(min(abs(low), abs(high)))
    return 2.0 * size if size > 0 else -0.25 * size


def _geometric_middle(near: fmpq, far: fmpq) -> fmpq:
    """Return a number between two of different sizes, about as many times the one as the other is times it."""
    if near == 0:
        return far / FIRST_RATIO if far <= 1 else UNEVEN_HALF
    return UNEVEN_HALF * fmpq(2) ** ((_binary_order(near) + _binary_order(far)) // 2 + 1)


def _binary_order(value: fmpq) -> int:
    """Return the binary order of magnitude."""
    return int(value.p).bit_length() - int(value.q).bit_length() if value else -FARTHEST_ORDER
