"""Symbolic derivatives (differentiation) of functions that work entry by entry, by the chain rule and the table."""

from __future__ import annotations

from functools import cache, lru_cache

from grader.formula.expression import (
    DEFINED,
    LITERAL,
    SYMBOL,
    Expression,
    call,
    literal,
    make,
    postorder,
    rebuild,
    symbol,
)
from grader.formula.functions.table import FUNCTIONS
from grader.formula.tracing.trace import trace_scalar_function

ZERO, ONE = literal(0), literal(1)


class NotDifferentiable(Exception):
    """A function without a derivative in the table; the sentence names it."""


@lru_cache(maxsize=256)
def derivative(expression: Expression, name: str) -> Expression:
    """Return the derivative with respect to a symbol; sums and products with 0 and 1 are left out.

    >>> derivative(call("multiply", literal(3), call("tanh", symbol("x"))), "x")
    multiply(3, subtract(1, power(tanh(x), 2)))

    Raises NotDifferentiable where the table has no derivative of a function that the symbol is in.
    """
    found: dict[Expression, Expression] = {}
    for node in postorder(expression):
        found[node] = _of(node, name, found)
    return found[expression]


def _of(node: Expression, name: str, found: dict[Expression, Expression]) -> Expression:
    if node.op in (SYMBOL, LITERAL):
        return ONE if node.value == name else ZERO
    if node.op == DEFINED:
        return found[node.args[-1]]
    total = ZERO
    for position, arg in enumerate(node.args):
        if found[arg] is not ZERO:
            total = _plus(total, _times(partial_derivative(node, position), found[arg]))
    return total


def partial_derivative(node: Expression, position: int) -> Expression:
    """Return the derivative of one function with respect to one of its arguments; raises NotDifferentiable."""
    row = FUNCTIONS[node.op]
    if not row.elementwise or position >= len(row.derivatives):
        raise NotDifferentiable(f"The derivative of “{row.name}” is not known here.")
    rule = _rule(row.name, position)
    letters = dict(zip("xyz", node.args, strict=False))
    return rebuild(
        rule,
        lambda each, args: letters[str(each.value)] if each.op == SYMBOL else make(each.op, args, each.value),
    )


@cache
def _rule(name: str, position: int) -> Expression:
    row = FUNCTIONS[name]
    return trace_scalar_function(row.derivatives[position], [symbol(letter) for letter in "xyz"[: row.arity[1]]])


def _plus(left: Expression, right: Expression) -> Expression:
    return right if left is ZERO else left if right is ZERO else call("add", left, right)


def _times(left: Expression, right: Expression) -> Expression:
    if ZERO in (left, right):
        return ZERO
    return right if left is ONE else left if right is ONE else call("multiply", left, right)
