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

from grader.formula.evaluation.evaluate import run_steps_in_balls, steps_of
from grader.formula.expression import LITERAL, Expression, postorder, symbol_names
from grader.formula.functions.ball_values import cosine, det
from grader.formula.functions.table import COMPARISONS, CONSTANTS

WatchedValues = Callable[[list[Any]], Any]
Side = int | str | None
"""A sign (−1, 0, 1), a whole part, ``nan`` for what has no value, or None where balls are too wide to tell."""
MAX_PAIRED_ENTRIES = 8
"""Arrays of more entries are compared neighbour by neighbour, not every pair: pairs grow with the square."""


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
"""What to watch of a function's arguments, as a flat array of balls: where this changes its sign, the function may have a
kink, a jump, a pole or an edge. A new function that is not analytic everywhere belongs here."""
JUMPS_AT_WHOLE_NUMBERS = frozenset(("floor", "ceil", "gamma", "factorial"))
"""These have one wherever it passes a whole number; the gamma function only below 1."""
POLES_BELOW_ONE = frozenset(("gamma", "factorial"))


class BranchSwitch:
    """One place where a formula switches; what is watched is worked out without the rest of the formula."""

    def __init__(self, op: str, args: tuple[Expression, ...]) -> None:
        self.watched_values = WATCHED[op]
        self.jumps_at_whole, self.only_below_one = op in JUMPS_AT_WHOLE_NUMBERS, op in POLES_BELOW_ONE
        self.steps, places = steps_of(args)
        self.places = [places[arg] for arg in args]

    def __call__(self, point: Mapping[str, Any]) -> list[tuple[arb, bool]]:
        """Return what is watched as balls at a point, each with whether its whole part counts, not its sign."""
        values = run_steps_in_balls(self.steps, point)
        watched = self.watched_values([values[place] for place in self.places])
        return [(value, self.jumps_at_whole and not (self.only_below_one and value > 1)) for value in watched]


def branch_switches(expressions: Sequence[Expression]) -> list[BranchSwitch]:
    """Return everything that formulas switch on, each once.

    >>> from grader.formula.expression import call, symbol
    >>> x = symbol("x")
    >>> len(branch_switches([call("abs", x), call("add", call("abs", x), call("relu", x))]))
    1
    """
    # What is watched counts, not the function: abs(x), sign(x) and relu(x) are one switch.
    switches = {
        (WATCHED[node.op], node.op in JUMPS_AT_WHOLE_NUMBERS, node.op in POLES_BELOW_ONE, node.args): node.op
        for expression in expressions
        for node in postorder(expression)
        if _can_switch(node)
    }
    return [BranchSwitch(op, args) for (_, _, _, args), op in switches.items()]


def side_of(value: arb, is_whole: bool) -> Side:
    """Return the side on which a watched value is; None where the ball holds values on several sides.

    >>> side_of(arb(-2), False), side_of(arb(0, 1), False), side_of(arb(2.5), True)
    (-1, None, 2)
    """
    if not value.is_finite():
        return "nan"
    if is_whole:
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
    arguments = node.args[:1] if node.op == "where" else node.args
    # The sign of a step function switches only where the steps do, and those are watched themselves.
    return not all(map(_is_stepwise, arguments))


STEP_FUNCTIONS = frozenset((*COMPARISONS, "sign", "floor", "ceil", "argmax", "argmin", LITERAL))
COMBINING = frozenset(("add", "subtract", "multiply", "negative", "maximum", "minimum", "where"))


def _is_stepwise(node: Expression) -> bool:
    """True if a value is constant between the places where what it is made of switches."""
    parts = [node]
    while parts:
        part = parts.pop()
        if part.op in COMBINING or not set(symbol_names((part,))) - set(CONSTANTS):
            parts.extend(part.args)
        elif part.op not in STEP_FUNCTIONS:
            return False
    return True
