"""Where a formula has a kink, a jump or an edge, found along lines; the cells between those of two formulas are compared.

A kink is where the argument of a function such as ``abs`` changes sign, or that of ``floor`` passes a whole number. Along
random lines through the domain those that a coarse grid brackets are narrowed down, for both formulas; then
the formulas are compared in every cell between neighbouring ones, however narrow.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from grader.formula.domains import DISCRETE, STRUCTURED, into, sample, short
from grader.formula.expression import Expression
from grader.formula.points import Place, Point
from grader.formula.program import in_floats, program

LINES, FEW_LINES = 5, 2
NARROWINGS, FEW_NARROWINGS = 60, 20
NARROW, CLOSE = 2.0**-51, 2.0**-20
MOST_CELLS = 16
MOST_CROSSINGS, FEW_CROSSINGS = 40, 6
GRID = np.concatenate([-(2.0 ** np.arange(26.0, -12, -0.5)), [0.0], 2.0 ** np.arange(-11.5, 26.5, 0.5)])
Watch = Callable[[list[Any]], Any]


def _first(args: list[Any]) -> Any:
    return np.ravel(args[0])


def _between(args: list[Any]) -> Any:
    return np.ravel(np.subtract(*np.broadcast_arrays(args[0], args[1])))


def _unit(args: list[Any]) -> Any:
    return np.ravel(np.abs(args[0]) - 1)


def _pairs(values: Any) -> Any:
    first, second = _above(values.size)
    return values[first] - values[second]


@lru_cache(maxsize=64)
def _above(size: int) -> tuple[Any, Any]:
    return np.triu_indices(size, 1)


WATCHED: Mapping[str, Watch] = {
    **dict.fromkeys(("abs", "sign", "relu", "leaky_relu", "sqrt", "log", "log2", "log10", "where", "arctan2", "power", "norm"), _first),
    **dict.fromkeys(("maximum", "minimum", "greater", "greater_equal", "less", "less_equal", "equal", "not_equal"), _between),
    **dict.fromkeys(("arcsin", "arccos", "arctanh"), _unit),
    "arccosh": lambda args: np.ravel(args[0] - 1), "log1p": lambda args: np.ravel(args[0] + 1),
    "clip": lambda args: np.concatenate([_between([args[0], args[1]]), _between([args[0], args[2]])]),
    "divide": lambda args: np.ravel(args[1]), "tan": lambda args: np.cos(np.ravel(args[0])),
    **dict.fromkeys(("max", "min", "argmax", "argmin"), lambda args: _pairs(np.ravel(args[0]))),
    "floor": _first, "ceil": _first, "gamma": lambda args: np.minimum(np.ravel(args[0]), 1),
}  # fmt: skip
"""What to watch of a function's arguments: it has a kink where this changes its sign."""
WHOLE = frozenset(("floor", "ceil", "gamma"))
"""It has one where this passes a whole number."""


def cells(reference: Expression, answer: Expression, place: Place) -> Iterator[tuple[Point, ...]]:
    """Yield cells that one formula or the other parts, each as points in it, the narrowest first."""
    movable = [
        name for name, each in place.symbols.items() if short(each.domain) not in DISCRETE | STRUCTURED
    ]
    watched = [each for each in (reference, answer) if any(op in WATCHED for op, *_ in program(each))]
    if not movable or not watched:
        return
    scalar = all(not place.size(name) for name in place.symbols)
    grid, lines = (GRID, LINES) if scalar else (GRID[::4], FEW_LINES)
    for number in range(lines):
        line = _Line(place, movable, number, scalar)
        crossings = sorted({at for each in watched for at in _crossings(each, line, grid)})
        bounds = [float(grid[0]), *crossings, float(grid[-1])]
        parted = [(low, high) for low, high in itertools.pairwise(bounds) if low < (low + high) / 2 < high]
        for low, high in sorted(parted, key=lambda pair: pair[1] - pair[0])[:MOST_CELLS]:
            yield tuple(Point(line.values(low + (high - low) * share)) for share in (0.5, 0.25, 0.75))


class _Line:
    """A line through the domain: one symbol alone moves, or on the last line all of them."""

    def __init__(self, place: Place, movable: list[str], number: int, scalar: bool) -> None:
        draw = place.draw(20_001 + number)
        last = number == (LINES if scalar else FEW_LINES) - 1
        self.place, self.scalar = place, scalar
        self.fixed = {
            name: sample(each.domain, place.size(name), draw) for name, each in place.symbols.items()
        }
        self.base = {name: draw.normal(size=place.size(name)) for name in movable}
        self.slope = {
            name: draw.choice([-1.0, 1.0], size=place.size(name))
            * draw.uniform(0.5, 1.5, size=place.size(name))
            if last or name == movable[number % len(movable)]
            else np.zeros(place.size(name))
            for name in movable
        }

    def values(self, at: Any) -> dict[str, Any]:
        """Return the values of the symbols at one place of the line; of single numbers at many places."""
        moved = {
            name: into(
                self.place.symbols[name].domain, np.asarray(base + at * self.slope[name], dtype=float)[()]
            )
            for name, base in self.base.items()
        }
        return {**self.fixed, **moved}

    def watch(self, expression: Expression, at: Any) -> tuple[Any, Any]:
        """Return what is watched, a row for each and a column for each place, and which rows are of whole numbers."""
        if self.scalar:
            return _watched(expression, self.values(at), len(at))
        seen = [_watched(expression, Point(self.values(each)).floats, 1) for each in at]
        return np.concatenate([values for values, _ in seen], axis=1), seen[0][1]


def _watched(expression: Expression, point: Any, count: int) -> tuple[Any, Any]:
    values = in_floats(expression, point)
    rows, whole = [], []
    with np.errstate(all="ignore"):
        for op, _, args, _ in program(expression):
            if op not in WATCHED:
                continue
            given = [np.asarray(values[arg], dtype=float) for arg in args]
            if count > 1:
                given = [np.broadcast_to(each, (count,)) for each in given]
            rows.append(WATCHED[op](given).reshape(-1, count))
            whole += [op in WHOLE] * len(rows[-1])
    return np.concatenate(rows), np.array(whole)


def _crossings(expression: Expression, line: _Line, grid: Any) -> list[float]:
    """Return where a watched value changes its sign or passes a whole number, one place for each bracket of the grid."""
    values, whole = line.watch(expression, grid)
    state = _state(values, whole[:, None])
    rows, columns = np.nonzero(state[:, 1:] != state[:, :-1])
    kept = np.argsort(np.abs(grid[columns]), kind="stable")[
        : MOST_CROSSINGS if line.scalar else FEW_CROSSINGS
    ]
    rows, columns = rows[kept], columns[kept]
    if not rows.size:
        return []
    low, high = grid[columns].copy(), grid[columns + 1].copy()
    before, least, most = state[rows, columns], values[rows, columns], values[rows, columns + 1]
    passed = np.where(whole[rows], np.where(most > least, before + 1, before), 0.0)
    for _ in range(NARROWINGS if line.scalar else FEW_NARROWINGS):
        if (high - low <= NARROW * np.maximum(np.abs(low), np.abs(high))).all():
            break
        tried = _tried(low, high, least - passed, most - passed)
        found = line.watch(expression, tried.ravel())[0][rows]
        found = found.reshape(len(rows), 3, len(rows))[np.arange(len(rows)), :, np.arange(len(rows))].T
        beyond = _state(found, whole[rows]) != before
        for at in (2, 1, 0):
            high, most = np.where(beyond[at], tried[at], high), np.where(beyond[at], found[at], most)
        for at in (0, 1, 2):
            nearer = ~beyond[at] & (tried[at] < high) & (tried[at] > low)
            low, least = np.where(nearer, tried[at], low), np.where(nearer, found[at], least)
    return [float(each) for each in high]


def _state(values: Any, whole: Any) -> Any:
    return np.where(whole, np.floor(values), np.sign(values))


def _tried(low: Any, high: Any, least: Any, most: Any) -> Any:
    """Return three places in each bracket, in order: closely around where a straight line is zero, and the middle."""
    with np.errstate(all="ignore"):
        share = least / (least - most)
    share = np.where(np.isfinite(share), np.clip(share, CLOSE, 1 - CLOSE), 0.5)
    shares = np.sort(np.stack([share - CLOSE, share + CLOSE, np.full_like(share, 0.5)]), axis=0)
    return np.clip(low + (high - low) * shares, low, high)
