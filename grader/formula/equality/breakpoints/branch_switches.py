"""Where formulas may change from one analytic function to another: the arguments of ``abs``, ``floor``, ``max``, …

On a connected region where every one of these keeps its sign, or its whole part, a formula is a single analytic function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb

from grader.formula.evaluation.evaluate import run_in_balls, steps_of
from grader.formula.expression import LITERAL, Expression, names, postorder
from grader.formula.functions.ball_values import cosine, det
from grader.formula.functions.table import COMPARISONS, CONSTANTS

WatchedValues = Callable[[list[Any]], Any]
Side = int | str | None
"""A sign, a whole part, ``nan`` for what has no value, or None where balls are too wide to tell."""
MAX_PAIRED_ENTRIES = 8
"""Arrays of more entries are compared neighbour by neighbour, not every pair."""


def _first_argument(args: list[Any]) -> Any:
    return np.ravel(np.asarray(args[0], dtype=object))


def _difference(args: list[Any]) -> Any:
    return np.ravel(np.asarray(args[0] - args[1], dtype=object))


def _pairwise_differences(args: list[Any]) -> Any:
    values = np.ravel(args[0])
    if values.size > MAX_PAIRED_ENTRIES:
        return values[1:] - values[:-1]
    first, second = _pairs_of(values.size)
    return values[first] - values[second]


@lru_cache(maxsize=64)
def _pairs_of(size: int) -> tuple[Any, Any]:
    return np.triu_indices(size, 1)


def _distances_to_one(args: list[Any]) -> Any:
    return np.concatenate([np.ravel(args[0] + 1), np.ravel(1 - args[0])])


WATCHED: Mapping[str, WatchedValues] = {
    **dict.fromkeys(("abs", "sign", "relu", "leaky_relu", "sqrt", "log", "log2", "log10", "where", "power", "norm"), _first_argument),
    **dict.fromkeys(("maximum", "minimum", "greater", "greater_equal", "less", "less_equal", "equal", "not_equal"), _difference),
    **dict.fromkeys(("arcsin", "arccos", "arctanh"), _distances_to_one), **dict.fromkeys(("max", "min", "argmax", "argmin"), _pairwise_differences),
    "arctan2": lambda args: np.concatenate([np.ravel(args[0]), np.ravel(args[1])]),
    "arccosh": lambda args: np.ravel(args[0] - 1), "log1p": lambda args: np.ravel(args[0] + 1),
    "clip": lambda args: np.concatenate([_difference([args[0], args[1]]), _difference([args[0], args[2]])]),
    "divide": lambda args: np.ravel(args[1]), "tan": lambda args: np.ravel(np.asarray(cosine(args[0]), dtype=object)),
    "floor": _first_argument, "ceil": _first_argument, "gamma": _first_argument, "factorial": lambda args: np.ravel(args[0] + 1),
    **dict.fromkeys(("inv", "solve"), lambda args: np.array([det(args[0])], dtype=object)),
}  # fmt: skip
"""What to watch of a function's arguments: it may have a kink, a jump, a pole or an edge where this changes its sign."""
JUMPS_AT_WHOLE_NUMBERS = frozenset(("floor", "ceil", "gamma", "factorial"))
"""It has one where this passes a whole number; the gamma function only below 1."""
POLES_BELOW_ONE = frozenset(("gamma", "factorial"))


class BranchSwitch:
    """One place where a formula switches; what it looks at is worked out alone."""

    def __init__(self, op: str, args: tuple[Expression, ...]) -> None:
        self.watch, self.whole, self.below = WATCHED[op], op in JUMPS_AT_WHOLE_NUMBERS, op in POLES_BELOW_ONE
        self.steps, places = steps_of(args)
        self.places = [places[arg] for arg in args]

    def __call__(self, point: Mapping[str, Any]) -> list[tuple[arb, bool]]:
        """Return what is watched as balls at a point, each with whether its whole part counts, not its sign."""
        values = run_in_balls(self.steps, point)
        watched = self.watch([values[place] for place in self.places])
        return [(each, self.whole and not (self.below and each > 1)) for each in watched]


def branch_switches(expressions: Sequence[Expression]) -> list[BranchSwitch]:
    """Return everything that formulas switch on, each once."""
    found = {
        (WATCHED[node.op], node.op in JUMPS_AT_WHOLE_NUMBERS, node.op in POLES_BELOW_ONE, node.args): node.op
        for each in expressions
        for node in postorder(each)
        if _can_switch(node)
    }
    return [BranchSwitch(op, args) for (_, _, _, args), op in found.items()]


def side_of(value: arb, whole: bool) -> Side:
    """Return the side on which a watched value is."""
    if not value.is_finite():
        return "nan"
    if whole:
        floor = value.floor()
        return int(str(floor.unique_fmpz())) if floor.is_exact() else None
    if value > 0:
        return 1
    if value < 0:
        return -1
    return 0 if value.is_zero() else None


def _can_switch(node: Expression) -> bool:
    if node.op not in WATCHED:
        return False
    if node.op == "divide":
        return node.args[1].op != LITERAL
    if node.op == "power":
        exponent = node.args[1].value
        return not (isinstance(exponent, Fraction) and exponent.denominator == 1 and exponent >= 0)
    looked_at = node.args[:1] if node.op == "where" else node.args
    return not all(map(_is_stepwise, looked_at))


STEP_FUNCTIONS = frozenset((*COMPARISONS, "sign", "floor", "ceil", "argmax", "argmin", LITERAL))
COMBINING = frozenset(("add", "subtract", "multiply", "negative", "maximum", "minimum", "where"))


def _is_stepwise(node: Expression) -> bool:
    """Whether a value is constant between the places where what it is made of switches."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each.op in COMBINING or not set(names((each,))) - set(CONSTANTS):
            waiting.extend(each.args)
        elif each.op not in STEP_FUNCTIONS:
            return False
    return True
