"""Shape inference: the shape of every part of a formula, in numbers or in the problem's letters, and the check written out."""

from __future__ import annotations

from collections.abc import Mapping

from grader.formula.expression import DEFINED, LITERAL, SYMBOL, UNRESOLVED, Expression, attributes, postorder
from grader.formula.functions.shape_rules import ShapeError, Underspecified, broadcast, in_general, numpy_broadcast
from grader.formula.functions.table import CONSTANTS, FUNCTIONS
from grader.formula.symbols import Shape, format_shape


class ShapeMismatch(Exception):
    """The first part of a formula whose shapes do not fit; ``sentence`` is fit for a student.

    ``unsaid`` says that they may well fit, once something is said that the formula leaves open.
    """

    def __init__(self, node: Expression, sentence: str, unsaid: bool = False) -> None:
        super().__init__(sentence)
        self.node = node
        self.sentence = sentence
        self.unsaid = unsaid


def shapes(expression: Expression, symbols: Mapping[str, Shape], mixing: bool = False) -> dict[Expression, Shape]:
    """Return the shape of every node; raises ShapeMismatch at the first that does not fit.

    >>> from grader.formula.expression import call, symbol
    >>> product = call("matmul", symbol("A"), symbol("x"))
    >>> shapes(product, {"A": ("m", "n"), "x": ("n", 1)})[product]  # Letters go as well as numbers.
    ('m', 1)

    ``mixing`` allows NumPy's broadcasting between different numbers of axes, which is refused otherwise.
    """
    found: dict[Expression, Shape] = {}
    for node in postorder(expression):
        found[node] = shape_of(node, found, symbols, mixing)
    return found


def shape_of(
    node: Expression, found: Mapping[Expression, Shape], symbols: Mapping[str, Shape], mixing: bool = False
) -> Shape:
    """Return the shape of one node whose arguments' shapes are known."""
    if node.op == LITERAL:
        return ()
    if node.op == SYMBOL:
        return () if node.value in CONSTANTS and node.value not in symbols else symbols[str(node.value)]
    if node.op == DEFINED:
        return found[node.args[-1]]
    if node.op in UNRESOLVED:
        raise ValueError(f"{node.op} has no shape before it is resolved")
    rule = FUNCTIONS[node.op].shape
    rule = numpy_broadcast if mixing and rule is broadcast else rule
    try:
        return rule([found[arg] for arg in node.args], attributes(node))
    except ShapeError as misfit:
        raise ShapeMismatch(node, str(misfit), isinstance(misfit, Underspecified)) from None


def factors(expression: Expression) -> tuple[Expression, ...]:
    """Return the factors of a chain of matrix products, from left to right; of anything else the expression alone."""
    found: list[Expression] = []
    stack = [expression]
    while stack:
        node = stack.pop()
        if node.op == "matmul":
            stack.extend(reversed(node.args))
        else:
            found.append(node)
    return tuple(found)


def shape_equation(expression: Expression, symbols: Mapping[str, Shape], mixing: bool = False) -> str | None:
    """Write out how the shapes of a product fit: ``(2×1) = (2×2)(2×2)(2×1)``; None where they do not.

    A formula that is no product of matrices has its own shape only.
    """
    try:
        known = shapes(expression, symbols, mixing)
    except ShapeMismatch:
        return None
    chain = factors(expression)
    if len(chain) == 1:
        return in_brackets(known[expression])
    return f"{in_brackets(known[expression])} = {''.join(in_brackets(known[factor]) for factor in chain)}"


def format_mismatch(mismatch: ShapeMismatch, symbols: Mapping[str, Shape], mixing: bool = False) -> str:
    """Write out the shapes around a mismatch, with a cross where they do not fit: ``(2×2)(2×1) ✗ (2×2)``."""
    node = mismatch.node
    known = {arg: shapes(arg, symbols, mixing) for arg in node.args}
    if len(node.args) < 2:
        return ""
    if node.op != "matmul":
        return " ✗ ".join(in_brackets(known[arg][arg]) for arg in node.args)
    return " ✗ ".join("".join(in_brackets(known[arg][each]) for each in factors(arg)) for arg in node.args)


def shape_equation_in_letters(expression: Expression, symbols: Mapping[str, Shape], mixing: bool = False) -> str:
    """Write out the check in letters, or where it does not fit in general.

    Nothing where the letters do not tell: a size that is a number, or a slice of a letter, may fit or not.
    """
    try:
        known = shapes(expression, symbols, mixing)
    except ShapeMismatch as mismatch:
        around = [shapes(arg, symbols, mixing)[arg] for arg in mismatch.node.args]
        return format_mismatch(mismatch, symbols, mixing) if all(map(in_general, around)) else ""
    chain = [known[each] for each in (expression, *factors(expression))]
    return shape_equation(expression, symbols, mixing) or "" if all(map(_is_writable, chain)) else ""


def _is_writable(shape: Shape) -> bool:
    """True if a shape in letters is one that a person would write: no slice or quotient of a letter in it."""
    return all(isinstance(dim, int) or not set(dim) & set("[/") for dim in shape)


def in_brackets(shape: Shape) -> str:
    """Write a shape in round brackets."""
    text = format_shape(shape)
    return text if text.startswith("(") else f"({text})"
