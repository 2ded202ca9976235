"""What is decided by shapes: a product without a sign, a superscript, cells between brackets, the size of an ``I``."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from grader.core.errors import Unreadable
from grader.formula.evaluation.shapes import ShapeMismatch, shape_of, shapes
from grader.formula.expression import (
    BARRED,
    CARET,
    CROSSED,
    DISPLAY,
    IDENTITY,
    JUXTAPOSED,
    LITERAL,
    POINTED,
    UNRESOLVED,
    Expression,
    call,
    make,
    postorder,
)
from grader.formula.functions.block_matrices import array_of_display
from grader.formula.functions.call_arguments import MAX_MATRIX_POWER as MAX_MATRIX_POWER
from grader.formula.functions.call_arguments import constant_number
from grader.formula.functions.shape_rules import ShapeError, product
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.symbols import Shape

Spans = Mapping[Expression, tuple[int, int]]
Resolved = tuple[Expression, Spans, str | None]
MAX_POWER = 1_000


READ_AS_NORM = "Bars around a vector were read as its length, not entry by entry."
READ_ENTRY_BY_ENTRY = "A division by a matrix was read entry by entry."


def resolve(expression: Expression, spans: Spans, vocabulary: Vocabulary) -> Resolved:
    """Return the expression with everything decided, the spans that go with it, and what is to be doubted.

    A juxtaposition is a matrix product where both sides are matrices or vectors. Raises Unreadable for a power that is
    too large to work out, and for an identity matrix whose size nothing tells.
    """
    order = postorder(expression)
    if not any(node.op == IDENTITY for node in order):
        return _resolved(order, spans, vocabulary, 0)
    return _resolve_with_identity(order, spans, vocabulary)


def _resolve_with_identity(order: list[Expression], spans: Spans, vocabulary: Vocabulary) -> Resolved:
    """Try every length that occurs for the size of ``I``: exactly one must fit, a length of 1 only if no other does."""
    lengths = {int(dim) for shape in vocabulary.shapes.values() for dim in shape}
    fitting: list[Resolved] = []
    for length in sorted(lengths, reverse=True):
        found = _resolved(order, spans, vocabulary, length)
        if (length > 1 or not fitting) and _fits(found[0], vocabulary):
            fitting.append(found)
    if len(fitting) != 1:
        identity = next(node for node in order if node.op == IDENTITY)
        raise Unreadable("Say how large the identity matrix I is, as in I_3.", spans.get(identity))
    return fitting[0]


def _fits(expression: Expression, vocabulary: Vocabulary) -> bool:
    try:
        shapes(expression, vocabulary.shapes, vocabulary.mixing)
    except ShapeMismatch:
        return False
    return True


def _resolved(order: list[Expression], spans: Spans, vocabulary: Vocabulary, length: int) -> Resolved:
    doubt: str | None = None
    known: dict[Expression, Shape | None] = {}
    decided: dict[Expression, Expression] = {}
    places: dict[Expression, tuple[int, int]] = {}
    for node in order:
        if node.op == DISPLAY:
            new = array_of_display(node, decided, known)
        elif node.op == IDENTITY:
            new = call("eye", shape=(length,))
        else:
            args = tuple([decided[arg] for arg in node.args])
            new = _decide(node, args, known, spans.get(node))
            doubt = doubt or _doubt_about(node, new, known)
        decided[node] = new
        _measure(new, known, vocabulary)
        if node in spans:
            places.setdefault(new, spans[node])
    return decided[order[-1]], places, doubt


def _doubt_about(node: Expression, new: Expression, known: Mapping[Expression, Shape | None]) -> str | None:
    if node.op == BARRED and new.op == "norm":
        return READ_AS_NORM
    if node.op == "divide" and _is_square(known[new.args[1]]):
        return READ_ENTRY_BY_ENTRY
    return None


def _decide(
    node: Expression,
    args: tuple[Expression, ...],
    known: Mapping[Expression, Shape | None],
    span: tuple[int, int] | None,
) -> Expression:
    if node.op == JUXTAPOSED and _is_outer_product(args, known):
        return call("outer", args[0], args[1].args[0])
    if node.op in (POINTED, "dot") and _are_columns(known[args[0]], known[args[1]]):
        return call("inner", *args)
    if node.op in (JUXTAPOSED, POINTED, "dot"):
        return call("matmul" if _is_matrix_product(known[args[0]], known[args[1]]) else "multiply", *args)
    if node.op == CARET:
        return _power(args, known[args[0]], known[args[1]], span)
    if node.op == CROSSED:
        left, right = known[args[0]], known[args[1]]
        if left == right and left is not None and _is_vector(left):
            raise Unreadable("A cross product is not read here; for a scalar product write u^T v or u · v.", span)
        return call("matmul" if _is_matrix_product(left, right) else "multiply", *args)
    if node.op == BARRED:
        shape = known[args[0]]
        return call("det" if _is_square(shape) else "norm" if shape is not None and _is_vector(shape) else "abs", *args)
    if node.op == "power":
        _exponent(args[1], MAX_POWER, span)
    return node if args == node.args else make(node.op, args, node.value)


def _is_outer_product(args: tuple[Expression, ...], known: Mapping[Expression, Shape | None]) -> bool:
    """True if this is ``v v^T`` with vectors (n,), which NumPy would take for a scalar product."""
    left, right = (known[arg] for arg in args)
    if left is None or right is None or len(left) != 1 or len(right) != 1:
        return False
    return args[1].op == "transpose" and args[0].op != "transpose"


def _are_columns(left: Shape | None, right: Shape | None) -> bool:
    """True if both are columns, or both rows, of one length."""
    return left is not None and left == right and len(left) == 2 and _is_vector(left)


def _is_vector(shape: Shape) -> bool:
    """True if this is a vector, a column or a row, and no single number."""
    return len(shape) == 1 or (len(shape) == 2 and 1 in shape and shape != (1, 1))


def _is_square(shape: Shape | None) -> bool:
    return shape is not None and len(shape) == 2 and shape[0] == shape[1] != 1


def _is_matrix_product(left: Shape | None, right: Shape | None) -> bool:
    if left == () or right == ():
        return False
    if left is None or right is None:
        return True
    try:
        product([left, right], {})
    except ShapeError:  # A 1×1 matrix that does not fit is a number to whoever writes it.
        return set(left) != {1} and set(right) != {1}
    return True


def _power(
    args: tuple[Expression, ...], shape: Shape | None, raised: Shape | None, span: tuple[int, int] | None
) -> Expression:
    base, exponent = args
    power = constant_number(exponent)
    flat = shape is not None and len(shape) == 2 and shape[0] != shape[1] and (power is None or power > 0)
    if shape == () and _is_square(raised):
        raise Unreadable("A power with a matrix above is not read here; exp(A) works entry by entry.", span)
    if shape is None or len(shape) != 2 or flat:  # A power of a matrix that is not square can only be one by entries.
        _exponent(exponent, MAX_POWER, span)
        return call("power", base, exponent)
    whole = _exponent(exponent, MAX_MATRIX_POWER, span)
    if whole is None or whole.denominator != 1:
        raise Unreadable("A matrix can be raised to a whole number only.", span)
    if whole == -1:
        return call("inv", base)
    return call("matrix_power", base, n=int(whole))


def _exponent(exponent: Expression, largest: int, span: tuple[int, int] | None) -> Fraction | None:
    """Return the exponent where it is a number; one that is too large, or a tower of numbers, is Unreadable."""
    value = constant_number(exponent)
    if value is not None:
        if abs(value) > largest:
            raise Unreadable(f"This power is too large to work out: at most {largest:,} is read.", span)
        return value
    if exponent.op in ("power", CARET) and all(arg.op == LITERAL for arg in exponent.args):
        raise Unreadable("This tower of powers is too large to work out.", span)
    return None


def _measure(node: Expression, known: dict[Expression, Shape | None], vocabulary: Vocabulary) -> None:
    """Note the shape of a node, and of the parts that deciding has put below it; None where it has none."""
    if node in known:
        return
    for arg in node.args:
        _measure(arg, known, vocabulary)
    found: dict[Expression, Shape] = {arg: shape for arg in node.args if (shape := known[arg]) is not None}
    if node.op in UNRESOLVED or len(found) < len(set(node.args)):
        known[node] = None
        return
    try:
        known[node] = shape_of(node, found, vocabulary.shapes, vocabulary.mixing)
    except ShapeMismatch:
        known[node] = None
