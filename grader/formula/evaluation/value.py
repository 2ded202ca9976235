"""The NumPy value of an expression at one point."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np
from numpy.typing import NDArray

from grader.formula.evaluation.evaluate import in_floats
from grader.formula.expression import Expression, attributes, postorder
from grader.formula.functions.table import FUNCTIONS
from grader.formula.symbols import Shape

Array = NDArray[np.float64]
Point = Mapping[str, Array]


def evaluate(expression: Expression, point: Point) -> Array:
    """Return the value at a point that gives every symbol an array of its own shape.

    What is undefined comes out as NaN or an infinity, never as an exception or a warning.
    """
    return np.asarray(in_floats(expression, point)[-1], dtype=float)


def cost(expression: Expression, shapes: Mapping[Expression, Shape]) -> int:
    """Return the number of elementary operations that one evaluation takes, counted from nodes and sizes."""
    total = 0
    for node in postorder(expression):
        result = tuple(int(dim) for dim in shapes[node])
        work = FUNCTIONS[node.op].cost if node.op in FUNCTIONS else None
        inner = [tuple(int(dim) for dim in shapes[arg]) for arg in node.args]
        total += work(inner, result, attributes(node)) if work else max(prod(result), 1)
    return total
