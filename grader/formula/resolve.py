"""What a product without a sign and a superscript mean: decided by the shapes of what they join."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from grader.errors import Unreadable
from grader.formula.expression import CARET, JUXTAPOSED, LITERAL, Expression, call, make, postorder
from grader.formula.rules import Misfit, product
from grader.formula.shape import Mismatch, shape_of
from grader.formula.symbols import Shape

Spans = Mapping[Expression, tuple[int, int]]
LARGEST_POWER = 1_000
LARGEST_MATRIX_POWER = 64


def resolve(expression: Expression, spans: Spans, symbols: Mapping[str, Shape]) -> tuple[Expression, Spans]:
    """Return the expression with every juxtaposition and superscript decided, and the spans that go with it.

    A juxtaposition is a matrix product where both sides are matrices or vectors. Raises Unreadable for a power that is
    too large to work out.
    """
    known: dict[Expression, Shape | None] = {}
    decided: dict[Expression, Expression] = {}
    places: dict[Expression, tuple[int, int]] = {}
    for node in postorder(expression):
        args = tuple(decided[arg] for arg in node.args)
        new = _decide(node, args, [known[arg] for arg in args], spans.get(node))
        decided[node] = new
        known[new] = _shape(new, known, symbols)
        if node in spans:
            places.setdefault(new, spans[node])
    return decided[expression], places


def _decide(
    node: Expression, args: tuple[Expression, ...], shapes: list[Shape | None], span: tuple[int, int] | None
) -> Expression:
    if node.op in (JUXTAPOSED, "dot"):
        return call("matmul" if _matrices(shapes) else "multiply", *args)
    if node.op == CARET:
        return _power(args, shapes[0], span)
    if node.op == "power":
        _exponent(args[1], LARGEST_POWER, span)
    return make(node.op, args, node.value)


def _matrices(shapes: list[Shape | None]) -> bool:
    left, right = shapes
    if left == () or right == ():
        return False
    if left is None or right is None:
        return True
    try:
        product([left, right], {})
    except Misfit:  # A 1×1 matrix that does not fit is a number to whoever writes it.
        return set(left) != {1} and set(right) != {1}
    return True


def _power(args: tuple[Expression, ...], shape: Shape | None, span: tuple[int, int] | None) -> Expression:
    base, exponent = args
    if shape is None or len(shape) != 2:
        _exponent(exponent, LARGEST_POWER, span)
        return call("power", base, exponent)
    whole = _exponent(exponent, LARGEST_MATRIX_POWER, span)
    if whole is None or whole.denominator != 1:
        raise Unreadable("A matrix can be raised to a whole number only.", span)
    if whole == -1:
        return call("inv", base)
    return call("matrix_power", base, n=int(whole))


def _exponent(exponent: Expression, largest: int, span: tuple[int, int] | None) -> Fraction | None:
    """Return the exponent where it is a number; one that is too large, or a tower of numbers, is Unreadable."""
    sign = 1
    if exponent.op == "negative":
        sign, exponent = -1, exponent.args[0]
    if exponent.op == LITERAL and isinstance(exponent.value, Fraction):
        if abs(exponent.value) > largest:
            raise Unreadable(f"This power is too large to work out: at most {largest:,} is read.", span)
        return sign * exponent.value
    if exponent.op in ("power", CARET) and all(arg.op == LITERAL for arg in exponent.args):
        raise Unreadable("This tower of powers is too large to work out.", span)
    return None


def _shape(
    node: Expression, known: Mapping[Expression, Shape | None], symbols: Mapping[str, Shape]
) -> Shape | None:
    inner = {arg: known[arg] for arg in node.args}
    if any(shape is None for shape in inner.values()):
        return None
    try:
        return shape_of(node, {arg: shape for arg, shape in inner.items() if shape is not None}, symbols)
    except Mismatch:
        return None
