"""Where a formula has a kink, a jump or an edge, found along lines; the cells between those of two formulas are compared.

A kink is where the argument of a function such as ``abs`` changes sign, or that of ``floor`` passes a whole number. Along
random lines through the domain all of them that a coarse grid brackets are found by bisection, for both formulas; then
the formulas are compared in every cell between neighbouring ones, however narrow.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from grader.formula.domains import DISCRETE, STRUCTURED, into, sample, short
from grader.formula.expression import Expression
from grader.formula.points import Place, Point
from grader.formula.program import in_floats, program

LINES, FEW_LINES = 5, 2
HALVINGS = 56
MOST_CELLS = 16
MOST_CROSSINGS, FEW_CROSSINGS = 40, 6
GRID = np.concatenate([-(2.0 ** np.arange(26.0, -12, -0.5)), [0.0], 2.0 ** np.arange(-11.5, 26.5, 0.5)])
Signs = Callable[[list[Any]], Any]


def _first(args: list[Any]) -> Any:
    return np.ravel(args[0])


def _between(args: list[Any]) -> Any:
    return np.ravel(np.subtract(*np.broadcast_arrays(args[0], args[1])))


def _unit(args: list[Any]) -> Any:
    return np.ravel(np.abs(args[0]) - 1)


def _pairs(values: Any) -> Any:
    return np.subtract.outer(values, values)[np.triu_indices(values.size, 1)]


SIGNS: dict[str, Signs] = {
    **dict.fromkeys(("abs", "sign", "relu", "leaky_relu", "sqrt", "log", "log2", "log10", "where", "arctan2", "power"), _first),
    **dict.fromkeys(("maximum", "minimum", "greater", "greater_equal", "less", "less_equal", "equal", "not_equal"), _between),
    **dict.fromkeys(("arcsin", "arccos", "arctanh"), _unit),
    "arccosh": lambda args: np.ravel(args[0] - 1), "log1p": lambda args: np.ravel(args[0] + 1),
    "clip": lambda args: np.concatenate([_between([args[0], args[1]]), _between([args[0], args[2]])]),
    "divide": lambda args: np.ravel(args[1]), "tan": lambda args: np.cos(np.ravel(args[0])),
    **dict.fromkeys(("max", "min", "argmax", "argmin", "norm"), lambda args: _pairs(np.ravel(args[0]))),
    "floor": lambda args: np.floor(np.ravel(args[0])), "ceil": lambda args: np.ceil(np.ravel(args[0])), "gamma": lambda args: np.floor(np.minimum(np.ravel(args[0]), 1)),
}  # fmt: skip
"""What to watch of a function's arguments: it has a kink where this changes its sign, or its value for floor and its like."""


def cells(reference: Expression, answer: Expression, place: Place) -> Iterator[tuple[Point, ...]]:
    """Yield cells that one formula or the other parts, each as points in it, the narrowest first."""
    movable = [
        name for name, each in place.symbols.items() if short(each.domain) not in DISCRETE | STRUCTURED
    ]
    watched = [each for each in (reference, answer) if any(op in SIGNS for op, *_ in program(each))]
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

    def watch(self, expression: Expression, at: Any) -> Any:
        """Return what may change its sign, a row for each, at places of the line, a column for each."""
        if self.scalar:
            return _signs(expression, self.values(at), len(at))
        return np.stack([_signs(expression, Point(self.values(each)).floats, 1)[:, 0] for each in at], axis=1)


def _signs(expression: Expression, point: Any, count: int) -> Any:
    values = in_floats(expression, point)
    rows = []
    with np.errstate(all="ignore"):
        for op, _, args, _ in program(expression):
            if op not in SIGNS:
                continue
            given = [np.asarray(values[arg], dtype=float) for arg in args]
            if count > 1:
                given = [np.broadcast_to(each, (count,)) for each in given]
            found = SIGNS[op](given)
            found = found if op in ("floor", "ceil", "gamma") else np.sign(found)
            rows.append(found.reshape(-1, count) if count > 1 else found.reshape(-1, 1))
    return np.concatenate(rows)


def _crossings(expression: Expression, line: _Line, grid: Any) -> list[float]:
    seen = line.watch(expression, grid)
    rows, columns = np.nonzero(seen[:, 1:] != seen[:, :-1])
    kept = np.argsort(np.abs(grid[columns]), kind="stable")[
        : MOST_CROSSINGS if line.scalar else FEW_CROSSINGS
    ]
    rows, columns = rows[kept], columns[kept]
    if not rows.size:
        return []
    low, high, before = grid[columns].copy(), grid[columns + 1].copy(), seen[rows, columns]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        same = line.watch(expression, middle)[rows, np.arange(len(rows))] == before
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return [float(each) for each in high]
