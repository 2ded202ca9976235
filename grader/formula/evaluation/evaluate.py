"""Evaluate an expression: as a list of steps, made once and run at many points: in floats, in balls, or on many points at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
from flint import arb, fmpq
from numpy.typing import NDArray

from grader.formula.expression import DEFINED, LITERAL, SYMBOL, Expression, attributes, postorder
from grader.formula.functions.ball_values import BALLS
from grader.formula.functions.table import CONSTANTS, FUNCTIONS
from grader.formula.symbols import Shape

Array = NDArray[np.float64]
Point = Mapping[str, Array]
"""A value for every symbol, an array of the symbol's own shape."""
Step = tuple[str, Any, tuple[int, ...], Mapping[str, Any]]
"""``literal``, ``symbol`` or the name of a function, with the number or name, the places of its arguments, attributes."""


def evaluate(expression: Expression, point: Point) -> Array:
    """Return the value at a point that gives every symbol an array of its own shape.

    What is undefined comes out as NaN or an infinity, never as an exception or a warning.

    >>> from grader.formula.expression import call, symbol
    >>> evaluate(call("matmul", symbol("A"), symbol("x")), {"A": np.eye(2), "x": np.array([3.0, 4.0])})  # (2×2)(2,)
    array([3., 4.])
    """
    return np.asarray(in_floats(expression, point)[-1], dtype=float)


@lru_cache(maxsize=4096)
def compile_steps(expression: Expression) -> tuple[Step, ...]:
    """Return the steps of an expression; the last is its value."""
    return tuple(steps_of((expression,))[0])


def steps_of(expressions: Iterable[Expression]) -> tuple[list[Step], dict[Expression, int]]:
    """Return the steps of several expressions, what they share worked out once, and the place of every node's value."""
    places: dict[Expression, int] = {}
    steps: list[Step] = []
    for node in (node for expression in expressions for node in postorder(expression)):
        if node in places:
            continue
        if node.op == DEFINED:
            places[node] = places[node.args[-1]]
            continue
        payload = node.value if node.op in (LITERAL, SYMBOL) else None
        steps.append((node.op, payload, tuple(places[arg] for arg in node.args), attributes(node)))
        places[node] = len(steps) - 1
    return steps, places


CONSTANT_BALLS: Mapping[str, Callable[[], arb]] = {"pi": arb.pi, "e": arb.const_e}


def in_balls(expression: Expression, point: Mapping[str, Any]) -> list[Any]:
    """Return the value of every step in ball arithmetic, at the precision that is set; the last is the formula's."""
    return run_steps_in_balls(compile_steps(expression), point)


def run_steps_in_balls(steps: Iterable[Step], point: Mapping[str, Any]) -> list[Any]:
    """Return the value of each of some steps in ball arithmetic."""
    values: list[Any] = []
    for op, payload, args, given in steps:
        if op == SYMBOL:
            values.append(point[payload] if payload in point else CONSTANT_BALLS[payload]())
        elif op == LITERAL:
            values.append(arb(fmpq(payload.numerator, payload.denominator)))
        else:
            function = BALLS.get(op) or FUNCTIONS[op].value
            values.append(function(*[values[arg] for arg in args], **given))
    return values


def in_floats(expression: Expression, point: Mapping[str, Any]) -> list[Any]:
    """Return the value of every step in floats; NaN and infinities come out, never an exception or a warning."""
    values: list[Any] = []
    with np.errstate(all="ignore"):
        for op, payload, args, given in compile_steps(expression):
            if op == SYMBOL:
                values.append(point[payload] if payload in point else CONSTANTS[payload][0])
            elif op == LITERAL:
                values.append(_nearest(payload))
            else:
                values.append(_called(op, [values[arg] for arg in args], given))
    return values


def _called(op: str, args: list[Any], given: Mapping[str, Any]) -> Any:
    try:
        return FUNCTIONS[op].value(*args, **given)
    except np.linalg.LinAlgError:  # A singular matrix has no inverse: undefined, like 1/0.
        return np.full_like(args[-1], np.nan)


def _nearest(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def ball_entries(value: Any) -> list[arb]:
    """Return the single balls of a value, row by row."""
    return value.ravel().tolist() if isinstance(value, np.ndarray) else [value]


def cost(expression: Expression, shapes: Mapping[Expression, Shape]) -> int:
    """Return the number of elementary operations that one evaluation takes, counted from nodes and sizes."""
    total = 0
    for node in postorder(expression):
        result = tuple(int(dim) for dim in shapes[node])
        work = FUNCTIONS[node.op].cost if node.op in FUNCTIONS else None
        inner = [tuple(int(dim) for dim in shapes[arg]) for arg in node.args]
        total += work(inner, result, attributes(node)) if work else max(prod(result), 1)
    return total
