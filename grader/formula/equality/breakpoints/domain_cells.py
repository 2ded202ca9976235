"""Points in every cell into which the kinks, jumps and edges of two formulas part their domain, as far as can be afforded.

A line through a random point is cut into pieces by both formulas' switches; from a point in each piece a line in another
direction is cut again, as in a cylindrical decomposition (G. E. Collins, 1975), but at sampled points only.
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
"""How many directions follow each other, and from how many pieces of a line the next ones start."""
FARTHEST = fmpq(2) ** FARTHEST_ORDER
FARTHEST_WHOLE = fmpq(MAX_WHOLE_NUMBER)
CONVEX = frozenset(("simplex", "rowstoch"))
SIMPLE_DENOMINATOR, AGREEING_BITS = 10**6, 100
"""The largest denominator of a simple fraction, and how many bits a value shares with one that it nearly is."""
_fractions = np.frompyfunc(lambda value: value if isinstance(value, fmpq) else _exact(value), 1, 1)
_balls = np.frompyfunc(arb, 1, 1)


def _exact(value: float) -> fmpq:
    top, bottom = float(value).as_integer_ratio()
    return fmpq(top, bottom)


@dataclass(frozen=True)
class DomainLine:
    """Values ``start + t · slope`` of one symbol, within its domain for t from ``low`` to ``high``; the others are fixed."""

    name: str
    point: Point
    start: Any
    slope: Any
    low: fmpq
    high: fmpq
    whole: bool = False

    def at(self, parameter: fmpq) -> Point:
        """Return the exact point at one parameter."""
        return Point({**self.point.values, self.name: self.start + self.slope * parameter})

    def ball(self, parameter: arb) -> Mapping[str, Any]:
        """Return balls that hold all values for the parameters in a ball."""
        moved = _balls(self.start) + _balls(self.slope) * parameter
        return {**self.point.balls(), self.name: moved}


@dataclass(frozen=True)
class Cell:
    """Points in one cell; ``is_region`` is whether they stand for a region of it, and not only for themselves."""

    points: tuple[Point, ...]
    is_region: bool = True


def cells(reference: Expression, answer: Expression, sample_space: SampleSpace) -> Iterator[Cell]:
    """Yield cells that the switches of one formula or the other part, and the places between them, each as points."""
    both = (reference, answer)
    watched = branch_switches(both)
    movable = [name for name in sample_space.symbols if _is_movable(sample_space, name)]
    if not movable or not watched:
        return
    single = is_scalar_only(both, sample_space)
    budget = (
        TOTAL_EVALUATIONS if single else affordable_points(both, sample_space, ARRAY_TOTAL_EVALUATIONS, MIN_EVALUATIONS)
    )
    widest = MAX_INTERVALS if single else ARRAY_MAX_INTERVALS
    draw = sample_space.generator(20_001)
    starts: list[tuple[Point, frozenset[str]]] = [(sample_space.base_point(0), frozenset())]
    while starts and budget > 0:
        lines = [
            (line, used | {name})
            for point, used in starts
            for name in movable
            if name not in used
            for line in _lines(sample_space, point, name, draw)
        ]
        starts = []
        for number, (line, used) in enumerate(lines):
            looks = [_SwitchOnLine(switch, line) for switch in watched]
            each = max(min(MAX_EVALUATIONS, budget // ((len(lines) - number) * len(watched))), MIN_EVALUATIONS)
            found = sorted(smooth_intervals(looks, line.low, line.high, each), key=_relative_width)[:widest]
            budget -= sum(look.count for look in looks)
            for piece in found:
                made = list(_cells_of_interval(line, piece, draw))
                yield from made
                if len(found) > 1 and piece in found[:MAX_BRANCHING] and len(used) < min(len(movable), MAX_DIRECTIONS):
                    starts += [(point, used) for point in made[-1].points[:2]]
            if budget <= 0:
                return
        starts = starts[: MAX_BRANCHING**2]


def _cells_of_interval(line: DomainLine, piece: SmoothInterval, draw: np.random.Generator) -> Iterator[Cell]:
    """Its ends, where they are simple numbers, then points inside it; on a line of whole numbers these one by one."""
    if line.whole:
        low, high = piece.low.ceil(), piece.high.floor()
        inside = {low - 1, low, low + 1, high - 1, high, high + 1, (low + high) // 2}
        for number in sorted(each for each in inside if line.low <= each <= line.high):
            yield Cell((line.at(fmpq(number)),))
        return
    for end in (piece.low, piece.high):
        plain = simple_fraction(end)
        if plain is not None and line.low < plain < line.high:
            yield Cell((line.at(plain),), is_region=False)
    yield Cell(tuple(line.at(piece.inside(_random_share(draw, near))) for near in (False, True, False)))


def simple_fraction(value: fmpq) -> fmpq | None:
    """Return the fraction of a small denominator that a value nearly is, if there is one."""
    near = Fraction(int(value.p), int(value.q)).limit_denominator(SIMPLE_DENOMINATOR)
    found = fmpq(near.numerator, near.denominator)
    return found if abs(found - value) * 2**AGREEING_BITS <= max(abs(found), fmpq(1)) else None


class _SwitchOnLine:
    """One switch along a line, and how often it was looked at."""

    def __init__(self, switch: BranchSwitch, line: DomainLine) -> None:
        self.switch, self.line, self.count = switch, line, 0

    def __call__(self, parameter: arb) -> Any:
        self.count += 1
        return self.switch(self.line.ball(parameter))


def _relative_width(piece: SmoothInterval) -> float:
    """The width of a piece, relative to its sample_space."""
    share = (piece.high - piece.low) / (abs(piece.high) + abs(piece.low))
    return int(share.p) / int(share.q)


def _random_share(draw: np.random.Generator, near: bool) -> fmpq:
    return fmpq(int(draw.integers(2**10, 3 * 2**10)), 2**17 if near else 2**12)


def _is_movable(sample_space: SampleSpace, name: str) -> bool:
    return short_name(sample_space.symbols[name].domain) not in ("orth", "onehot", "binary")


def _lines(sample_space: SampleSpace, point: Point, name: str, draw: np.random.Generator) -> Iterator[DomainLine]:
    """Lines through a point on which one symbol moves: one entry of it, all of them, or towards an edge of its domain."""
    symbol, size = sample_space.symbols[name], sample_space.size(name)
    domain = short_name(symbol.domain)
    here = _fractions(point.values[name])
    if domain in CONVEX:
        yield DomainLine(name, point, here, _random_corner(size, draw) - here, fmpq(0), fmpq(1))
    elif domain == "spd":
        singular = np.outer(here[0], here[0]) / here[0, 0]
        yield DomainLine(name, point, 0 * here, here, 1 / FARTHEST, FARTHEST)
        yield DomainLine(name, point, here, singular - here, fmpq(0), 1 - fmpq(1, 2**60))
    elif domain in ("sym", "skew", "diagm"):
        yield DomainLine(name, point, here, _fractions(sample(symbol.domain, size, draw)), -FARTHEST, FARTHEST)
    else:
        low, high = _ends(sample_space, name)
        whole = domain in ("int", "posint")
        if not size:
            yield DomainLine(name, point, fmpq(0), fmpq(1), low, high, whole)
            return
        one = _random_unit(size, draw)
        yield DomainLine(name, point, here * (1 - one), one, low, high, whole)
        if domain == "real":
            yield DomainLine(name, point, here, _fractions(np.ones(size)), low, high)


def _random_corner(size: tuple[int, ...], draw: np.random.Generator) -> Any:
    """All of each row in one entry."""
    made = np.zeros(size)
    rows = made.reshape(-1, size[-1])
    rows[np.arange(len(rows)), draw.integers(size[-1], size=len(rows))] = 1
    return _fractions(made)


def _random_unit(size: tuple[int, ...], draw: np.random.Generator) -> Any:
    made = np.zeros(size)
    made.flat[int(draw.integers(made.size))] = 1
    return _fractions(made)


def _ends(sample_space: SampleSpace, name: str) -> tuple[fmpq, fmpq]:
    domain = sample_space.symbols[name].domain
    if ends := interval(domain):
        return _exact(ends[0]), _exact(ends[1])
    word = short_name(domain)
    if word in ("int", "posint"):
        return (-FARTHEST_WHOLE if word == "int" else fmpq(1)), FARTHEST_WHOLE
    low = {"pos": 1 / FARTHEST, "nonneg": fmpq(0)}.get(word, -FARTHEST)
    return low, (-1 / FARTHEST if word == "neg" else FARTHEST)
