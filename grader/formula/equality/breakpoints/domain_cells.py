"""Points in every cell into which the breakpoints of two formulas cut their domain, as far as can be afforded.

A line through a random point is cut into intervals by both formulas' switches; from a point in each interval a line in
another direction is cut again, as in a cylindrical algebraic decomposition (G. E. Collins, 1975), but at sampled points
only: along a line every cell is proved to be met, across lines it is likely. The budgets keep the worst pairs near 0.3 s
(docs/decisions/0006-equality.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, fmpq

from grader.formula.equality.breakpoints.branch_switches import BranchSwitch, branch_switches
from grader.formula.equality.breakpoints.smooth_intervals import FARTHEST_ORDER, SmoothInterval, smooth_intervals
from grader.formula.equality.domains import MAX_WHOLE_NUMBER, interval, sample, short_name
from grader.formula.equality.float_screening import affordable_points, is_scalar_only
from grader.formula.equality.sample_points import Point, SampleSpace
from grader.formula.expression import Expression

MAX_EVALUATIONS, MIN_EVALUATIONS = 400, 30
"""How often one switch is worked out along one line, and at least."""
TOTAL_EVALUATIONS, ARRAY_TOTAL_EVALUATIONS = 2400, 400
"""How often the switches of one decision are worked out in all, of formulas of single numbers or with arrays."""
MAX_INTERVALS, ARRAY_MAX_INTERVALS = 48, 12
MAX_DIRECTIONS, MAX_BRANCHING = 3, 6
"""How many directions follow each other, and from how many intervals of a line the next ones start."""
FARTHEST = fmpq(2) ** FARTHEST_ORDER
FARTHEST_WHOLE = fmpq(MAX_WHOLE_NUMBER)
CONVEX = frozenset(("simplex", "rowstoch"))
SIMPLE_DENOMINATOR, AGREEING_BITS = 10**6, 100
"""The largest denominator of a simple fraction, and how many bits a value shares with one that it nearly is."""
LINES_PURPOSE = 20_001
"""What the random numbers of lines are derived with; part of the seed, so never to be changed."""
_fractions = np.frompyfunc(lambda value: value if isinstance(value, fmpq) else _exact(value), 1, 1)
_balls = np.frompyfunc(arb, 1, 1)


def _exact(value: float) -> fmpq:
    top, bottom = float(value).as_integer_ratio()
    return fmpq(top, bottom)


@dataclass(frozen=True)
class DomainLine:
    """Values ``start + t · slope`` of one symbol, within its domain for t from ``low`` to ``high``; the others are fixed.

    ``start`` and ``slope`` are arrays of fractions of the symbol's shape, or fractions, so every point of the line is exact.
    ``is_whole`` is for lines on which t takes whole numbers only.
    """

    name: str
    point: Point
    start: Any
    slope: Any
    low: fmpq
    high: fmpq
    is_whole: bool = False

    def at(self, parameter: fmpq) -> Point:
        """Return the exact point at one parameter."""
        return Point({**self.point.values, self.name: self.start + self.slope * parameter})

    def ball(self, parameter: arb) -> Mapping[str, Any]:
        """Return balls that hold all values for the parameters in a ball, as wide as an interval of the line."""
        # The other symbols are exact: of their values only the one that moves has a radius, else all balls would widen.
        moved = _balls(self.start) + _balls(self.slope) * parameter
        return {**self.point.balls(), self.name: moved}


@dataclass(frozen=True)
class Cell:
    """Points in one cell; ``is_region`` is whether they stand for a region of it, and not only for themselves."""

    points: tuple[Point, ...]
    is_region: bool = True


def cells(reference: Expression, answer: Expression, sample_space: SampleSpace) -> Iterator[Cell]:
    """Yield the cells that the breakpoints of either formula cut out, and the simple breakpoints between them, as points.

    Both formulas are analytic in a cell, so what they do at a few points of it they do all over it. The first line of each
    symbol goes through a base point; from its intervals, the narrowest first, lines in the directions of other symbols
    start.

    >>> from grader.formula.expression import call, symbol
    >>> from grader.formula.symbols import Symbol
    >>> x, space = symbol("x"), SampleSpace({"x": Symbol()}, {}, seed=1)
    >>> found = [cell for cell in cells(call("abs", x), x, space) if cell.is_region]
    >>> sorted({float(np.sign(point.floats["x"])) for cell in found for point in cell.points})
    [-1.0, 1.0]
    """
    both = (reference, answer)
    switches = branch_switches(both)
    movable = [name for name in sample_space.symbols if _is_movable(sample_space, name)]
    if not movable or not switches:
        return
    is_scalar = is_scalar_only(both, sample_space)
    budget = TOTAL_EVALUATIONS
    if not is_scalar:
        budget = affordable_points(both, sample_space, ARRAY_TOTAL_EVALUATIONS, MIN_EVALUATIONS)
    max_intervals = MAX_INTERVALS if is_scalar else ARRAY_MAX_INTERVALS
    generator = sample_space.generator(LINES_PURPOSE)
    starts: list[tuple[Point, frozenset[str]]] = [(sample_space.base_point(0), frozenset())]
    while starts and budget > 0:
        lines = [
            (line, used | {name})
            for point, used in starts
            for name in movable
            if name not in used
            for line in _lines(sample_space, point, name, generator)
        ]
        starts = []
        for number, (line, used) in enumerate(lines):
            watched = [_SwitchOnLine(switch, line) for switch in switches]
            # What is left is shared by the lines that are left, so that the last ones are not without any.
            share = budget // ((len(lines) - number) * len(switches))
            evaluations = max(min(MAX_EVALUATIONS, share), MIN_EVALUATIONS)
            intervals = smooth_intervals(watched, line.low, line.high, evaluations)
            # The narrowest first: random points have seen the wide ones already.
            intervals = sorted(intervals, key=_relative_width)[:max_intervals]
            budget -= sum(switch.count for switch in watched)
            for piece in intervals:
                found = list(_cells_of_interval(line, piece, generator))
                yield from found
                is_branching = len(intervals) > 1 and piece in intervals[:MAX_BRANCHING]
                if is_branching and len(used) < min(len(movable), MAX_DIRECTIONS):
                    starts += [(point, used) for point in found[-1].points[:2]]
            if budget <= 0:
                return
        starts = starts[: MAX_BRANCHING**2]


def _cells_of_interval(line: DomainLine, piece: SmoothInterval, generator: np.random.Generator) -> Iterator[Cell]:
    """Yield its ends, where they are simple numbers, then points inside it; on a line of whole numbers these one by one.

    The end of an interval is a fraction next to the true breakpoint, seldom the breakpoint itself. Only one that is a
    simple fraction, such as 1/3, can be visited exactly: there ``sign(3*x - 1)`` has a value of its own.
    """
    if line.is_whole:
        low, high = piece.low.ceil(), piece.high.floor()
        inside = {low - 1, low, low + 1, high - 1, high, high + 1, (low + high) // 2}
        for number in sorted(number for number in inside if line.low <= number <= line.high):
            yield Cell((line.at(fmpq(number)),))
        return
    for end in (piece.low, piece.high):
        simple = simple_fraction(end)
        # The ends of a domain count as open: formulas are not compared there.
        if simple is not None and line.low < simple < line.high:
            yield Cell((line.at(simple),), is_region=False)
    yield Cell(tuple(line.at(piece.inside(_random_share(generator, near))) for near in (False, True, False)))


def simple_fraction(value: fmpq) -> fmpq | None:
    """Return the fraction of a small denominator that a value nearly is, if there is one.

    >>> simple_fraction(fmpq(1, 3) + fmpq(1, 2**200)), simple_fraction(fmpq(1, 3) + fmpq(1, 2**30))
    (1/3, None)
    """
    near = Fraction(int(value.p), int(value.q)).limit_denominator(SIMPLE_DENOMINATOR)
    simple = fmpq(near.numerator, near.denominator)
    return simple if abs(simple - value) * 2**AGREEING_BITS <= max(abs(simple), fmpq(1)) else None


class _SwitchOnLine:
    """One switch along a line, and how often it was worked out."""

    def __init__(self, switch: BranchSwitch, line: DomainLine) -> None:
        self.switch, self.line, self.count = switch, line, 0

    def __call__(self, parameter: arb) -> Any:
        self.count += 1
        return self.switch(self.line.ball(parameter))


def _relative_width(piece: SmoothInterval) -> float:
    """Return the width of an interval, relative to the place where it lies."""
    share = (piece.high - piece.low) / (abs(piece.high) + abs(piece.low))
    return int(share.p) / int(share.q)


def _random_share(generator: np.random.Generator, near: bool) -> fmpq:
    """Return a share from 1/4 to 3/4, or 1/32 of that: near an end, where a function may still be bending."""
    return fmpq(int(generator.integers(2**10, 3 * 2**10)), 2**17 if near else 2**12)


def _is_movable(sample_space: SampleSpace, name: str) -> bool:
    """True unless the domain has no line in it: orthogonal matrices, and values that are 0 or 1."""
    return short_name(sample_space.symbols[name].domain) not in ("orth", "onehot", "binary")


def _lines(sample_space: SampleSpace, point: Point, name: str, generator: np.random.Generator) -> Iterator[DomainLine]:
    """Yield lines through a point on which one symbol moves: one entry, all of them, or towards an edge of its domain."""
    symbol, size = sample_space.symbols[name], sample_space.size(name)
    domain = short_name(symbol.domain)
    here = _fractions(point.values[name])
    if domain in CONVEX:
        yield DomainLine(name, point, here, _random_corner(size, generator) - here, fmpq(0), fmpq(1))
    elif domain == "spd":
        # A positive definite matrix stays so when it is scaled, and on the way to one of rank 1, but for the end itself.
        singular = np.outer(here[0], here[0]) / here[0, 0]
        yield DomainLine(name, point, 0 * here, here, 1 / FARTHEST, FARTHEST)
        yield DomainLine(name, point, here, singular - here, fmpq(0), 1 - fmpq(1, 2**60))
    elif domain in ("sym", "skew", "diagm"):
        yield DomainLine(name, point, here, _fractions(sample(symbol.domain, size, generator)), -FARTHEST, FARTHEST)
    else:
        low, high = _ends(sample_space, name)
        is_whole = domain in ("int", "posint")
        if not size:
            yield DomainLine(name, point, fmpq(0), fmpq(1), low, high, is_whole)
            return
        one = _random_unit(size, generator)
        yield DomainLine(name, point, here * (1 - one), one, low, high, is_whole)
        if domain == "real":
            yield DomainLine(name, point, here, _fractions(np.ones(size)), low, high)


def _random_corner(size: tuple[int, ...], generator: np.random.Generator) -> Any:
    """Return a corner of the domain: all of each row in one entry, at random."""
    corner = np.zeros(size)
    rows = corner.reshape(-1, size[-1])
    rows[np.arange(len(rows)), generator.integers(size[-1], size=len(rows))] = 1
    return _fractions(corner)


def _random_unit(size: tuple[int, ...], generator: np.random.Generator) -> Any:
    """Return an array with a 1 in one entry, at random."""
    unit = np.zeros(size)
    unit.flat[int(generator.integers(unit.size))] = 1
    return _fractions(unit)


def _ends(sample_space: SampleSpace, name: str) -> tuple[fmpq, fmpq]:
    """Return the ends of a domain of numbers, those that are infinite or excluded as far as lines reach."""
    domain = sample_space.symbols[name].domain
    if ends := interval(domain):
        return _exact(ends[0]), _exact(ends[1])
    word = short_name(domain)
    if word in ("int", "posint"):
        return (-FARTHEST_WHOLE if word == "int" else fmpq(1)), FARTHEST_WHOLE
    low = {"pos": 1 / FARTHEST, "nonneg": fmpq(0)}.get(word, -FARTHEST)
    return low, (-1 / FARTHEST if word == "neg" else FARTHEST)
