"""Mutations of what works entry by entry: products, terms, powers, functions and numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction

from grader.formula.differentiate import NotDifferentiable, partial_derivative
from grader.formula.expression import LITERAL, SYMBOL, Expression, attributes, call, literal, make
from grader.formula.functions.table import FUNCTIONS
from grader.formula.mistakes.rule_context import (
    Mutation,
    RuleContext,
    is_entrywise_function,
    signed_literal,
)

ALTERNATIVES: Mapping[str, tuple[str, ...]] = {
    "sin": ("cos", "tan"), "cos": ("sin",), "tan": ("sin",), "sinh": ("cosh", "sin"), "cosh": ("sinh", "cos"),
    "tanh": ("sigmoid", "tan"), "sigmoid": ("tanh", "relu"), "relu": ("sigmoid", "tanh", "softplus"), "softplus": ("relu",),
    "arcsin": ("arccos", "sin"), "arccos": ("arcsin", "cos"), "arctan": ("tan",), "log": ("log10", "log2", "exp"), "log2": ("log",),
    "log10": ("log",), "exp": ("log",), "maximum": ("minimum",), "minimum": ("maximum",), "max": ("min", "sum"),
    "min": ("max",), "argmax": ("max", "argmin"), "argmin": ("min", "argmax"), "var": ("std",), "std": ("var",), "floor": ("ceil",),
    "ceil": ("floor",), "det": ("trace",), "trace": ("det", "sum"), "prod": ("sum",), "cumsum": ("sum",), "outer": ("inner",),
    "inner": ("outer",), "less": ("greater",), "greater": ("less",), "less_equal": ("greater_equal",),
    "greater_equal": ("less_equal",), "factorial": ("gamma",), "gamma": ("factorial",),
}  # fmt: skip
"""Functions that are taken for each other."""


def mutate_entrywise_products(node: Expression, context: RuleContext) -> Iterator[Mutation]:
    """Drop a factor of an entry-by-entry product, use the other operation, or turn the quotient upside down."""
    if node.op not in ("multiply", "divide"):
        return
    left, right = node.args
    if node.op == "multiply":
        yield Mutation("missing-factor", left, (right,))
        yield Mutation("missing-factor", right, (left,))
        if context.shapes[left] and context.shapes[right]:
            yield Mutation("matmul-instead-of-elementwise", call("matmul", left, right), (left, right))
        yield Mutation("divided-instead-of-multiplied", call("divide", left, right), (right,))
        yield Mutation("divided-instead-of-multiplied", call("divide", right, left), (left,))
    else:
        yield Mutation("missing-divisor", left, (right,))
        yield Mutation("upside-down", call("divide", right, left), (node,))
        yield Mutation("multiplied-instead-of-divided", call("multiply", left, right), (right,))


def mutate_terms(node: Expression, context: RuleContext) -> Iterator[Mutation]:
    """Flip a sign, drop a term, or turn a difference round."""
    if node.op == "negative":
        yield Mutation("term-sign", node.args[0], node.args)
    elif node.op == "add":
        left, right = node.args
        yield Mutation("term-sign", call("subtract", left, right), (right,))
        yield Mutation("term-sign", call("subtract", right, left), (left,))
        yield Mutation("missing-term", left, (right,))
        yield Mutation("missing-term", right, (left,))
    elif node.op == "subtract":
        left, right = node.args
        yield Mutation("term-sign", call("add", left, right), (right,))
        yield Mutation("reversed-difference", call("subtract", right, left), (node,))
        yield Mutation("missing-term", left, (right,))
        yield Mutation("missing-term", call("negative", right), (left,))
        if left is literal(1):
            yield Mutation("missing-complement", right, (right, node))
    elif (
        node.op in FUNCTIONS
        and FUNCTIONS[node.op].elementwise
        and len(node.args) == 1
        and node.args[0].op != "negative"
    ):
        yield Mutation("term-sign", make(node.op, (call("negative", node.args[0]),), node.value), node.args)


def mutate_complements(node: Expression, context: RuleContext) -> Iterator[Mutation]:
    """Put 1 − x for x."""
    if node.op in (SYMBOL, "sigmoid") and context.shapes.get(node) is not None:
        yield Mutation("extra-complement", call("subtract", literal(1), node), (node,))


def mutate_powers(node: Expression, context: RuleContext) -> Iterator[Mutation]:
    """Drop or add a square or a root, or change the exponent."""
    exponent = node.args[1].value if node.op == "power" and node.args[1].op == LITERAL else None
    if node.op == "square" or exponent == 2:
        yield Mutation("missing-square", node.args[0], node.args[:1])
    if node.op == "matrix_power":
        times = int(attributes(node)["n"])
        if times == 2:
            yield Mutation("missing-square", node.args[0], node.args[:1])
        for more in {times + 1, times - 1, -times} - {0, 1}:
            yield Mutation("wrong-exponent", call("matrix_power", node.args[0], n=more), (node,))
    if node.op == "sqrt" or exponent == Fraction(1, 2):
        yield Mutation("missing-root", node.args[0], node.args[:1])
    if node.op == "norm":
        yield Mutation("extra-square", call("power", node, literal(2)), (node,))
    if isinstance(exponent, Fraction):
        others = {exponent - 1, exponent + 1, -exponent, 1 / exponent if exponent else Fraction(1)} - {exponent}
        for other in sorted(others):
            yield Mutation("wrong-exponent", call("power", node.args[0], signed_literal(other)), (node,))
    if node.op == SYMBOL or node.op == "subtract":
        yield Mutation("extra-square", call("power", node, literal(2)), (node,))
    if node.op == SYMBOL:
        yield Mutation("extra-root", call("sqrt", node), (node,))


def mutate_functions(node: Expression, context: RuleContext) -> Iterator[Mutation]:
    """Put another function, leave it out, or put its derivative for it and the other way round."""
    if node.op == "where":
        condition, left, right = node.args
        yield Mutation("swapped-branches", call("where", condition, right, left), (node,))
    for other in ALTERNATIVES.get(node.op, ()):
        changed = make(other, node.args, node.value)
        yield Mutation("wrong-function", changed, (changed, node))
    if is_entrywise_function(node):
        yield Mutation("missing-function", node.args[0], (node.args[0], node))
        with suppress(NotDifferentiable):
            yield Mutation("extra-derivative", partial_derivative(node, 0), (node,))
    if before := _antiderivative(node):
        yield Mutation("missing-derivative", before, (before,))


def _antiderivative(node: Expression) -> Expression | None:
    """Return f(z) where a part is f′(z) as it is written for the activations of networks."""
    one = literal(1)
    if node.op == "multiply":
        for s, rest in (node.args, node.args[::-1]):
            if s.op == "sigmoid" and rest is call("subtract", one, s):
                return s
    if node.op == "subtract" and node.args[0] is one:
        square = node.args[1]
        base = square.args[0] if square.args else None
        squares = base is not None and square in (
            call("power", base, literal(2)),
            call("square", base),
            call("multiply", base, base),
        )
        if base is not None and base.op == "tanh" and squares:
            return base
    if node.op == "greater" and node.args[1] is literal(0):
        return call("relu", node.args[0])
    return None


def mutate_numbers(node: Expression, context: RuleContext) -> Iterator[Mutation]:
    """Change a number: twice or half of it, one more or less, its negative or reciprocal."""
    if node.op != LITERAL or not isinstance(node.value, Fraction):
        return
    value = node.value
    others = {value * 2, value / 2, value + 1, value - 1, -value, 1 / value if value else Fraction(1)} - {value}
    for other in sorted(others):
        yield Mutation("wrong-number", signed_literal(other), (signed_literal(other), node))
