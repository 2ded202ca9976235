"""The NumPy value of an expression at one point."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import prod

import numpy as np
from numpy.typing import NDArray

from grader.formula.expression import DEFINED, LITERAL, SYMBOL, Expression, attributes, postorder
from grader.formula.functions import CONSTANTS, FUNCTIONS
from grader.formula.symbols import Shape

Array = NDArray[np.float64]
Point = Mapping[str, Array]


def evaluate(expression: Expression, point: Point) -> Array:
    """Return the value at a point that gives every symbol an array of its own shape.

    What is undefined comes out as NaN or an infinity, never as an exception or a warning.
    """
    known: dict[Expression, Array] = {}
    with np.errstate(all="ignore"):
        for node in postorder(expression):
            known[node] = _node(node, known, point)
    return known[expression]


def _node(node: Expression, known: Mapping[Expression, Array], point: Point) -> Array:
    if node.op == LITERAL and isinstance(node.value, Fraction):
        return np.float64(_float(node.value))  # type: ignore[return-value]
    if node.op == SYMBOL:
        name = str(node.value)
        return point[name] if name in point else np.float64(CONSTANTS[name][0])  # type: ignore[return-value]
    args = [known[arg] for arg in node.args]
    if node.op == DEFINED:
        return args[-1]
    try:
        value = FUNCTIONS[node.op].value(*args, **attributes(node))
    except np.linalg.LinAlgError:  # A singular matrix has no inverse: undefined, like 1/0.
        value = np.full_like(args[-1], np.nan)
    return np.asarray(value, dtype=float)


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def cost(expression: Expression, shapes: Mapping[Expression, Shape]) -> int:
    """Return the number of elementary operations that one evaluation takes, counted from nodes and sizes."""
    total = 0
    for node in postorder(expression):
        result = tuple(int(dim) for dim in shapes[node])
        work = FUNCTIONS[node.op].work if node.op in FUNCTIONS else None
        inner = [tuple(int(dim) for dim in shapes[arg]) for arg in node.args]
        total += work(inner, result, attributes(node)) if work else max(prod(result), 1)
    return total
