"""Shapes of every part of a formula, in numbers or in the problem's letters, and the check written out."""

from __future__ import annotations

from collections.abc import Mapping

from grader.formula.expression import CARET, JUXTAPOSED, LITERAL, SYMBOL, Expression, postorder
from grader.formula.functions import CONSTANTS, FUNCTIONS
from grader.formula.rules import Misfit
from grader.formula.symbols import Shape, written


class Mismatch(Exception):
    """The first part of a formula whose shapes do not fit; ``sentence`` is fit for a student."""

    def __init__(self, node: Expression, sentence: str) -> None:
        super().__init__(sentence)
        self.node = node
        self.sentence = sentence


def shapes(expression: Expression, symbols: Mapping[str, Shape]) -> dict[Expression, Shape]:
    """Return the shape of every node; raises Mismatch at the first that does not fit."""
    found: dict[Expression, Shape] = {}
    for node in postorder(expression):
        found[node] = shape_of(node, found, symbols)
    return found


def shape_of(node: Expression, found: Mapping[Expression, Shape], symbols: Mapping[str, Shape]) -> Shape:
    """Return the shape of one node whose arguments' shapes are known."""
    if node.op == LITERAL:
        return ()
    if node.op == SYMBOL:
        return () if node.value in CONSTANTS and node.value not in symbols else symbols[str(node.value)]
    if node.op in (JUXTAPOSED, CARET):
        raise ValueError(f"{node.op} has no shape before it is resolved")
    attributes = dict(node.value) if isinstance(node.value, tuple) else {}
    try:
        return FUNCTIONS[node.op].shape([found[arg] for arg in node.args], attributes)
    except Misfit as misfit:
        raise Mismatch(node, str(misfit)) from None


def factors(expression: Expression) -> tuple[Expression, ...]:
    """Return the factors of a chain of matrix products, from left to right; of anything else the expression alone."""
    found: list[Expression] = []
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        if node.op == "matmul":
            waiting.extend(reversed(node.args))
        else:
            found.append(node)
    return tuple(found)


def check(expression: Expression, symbols: Mapping[str, Shape]) -> str | None:
    """Write out how the shapes of a product fit: ``(2×1) = (2×2)(2×2)(2×1)``; None where they do not.

    A formula that is no product of matrices has its own shape only.
    """
    try:
        known = shapes(expression, symbols)
    except Mismatch:
        return None
    chain = factors(expression)
    if len(chain) == 1:
        return bracketed(known[expression])
    return f"{bracketed(known[expression])} = {''.join(bracketed(known[factor]) for factor in chain)}"


def misfit(mismatch: Mismatch, symbols: Mapping[str, Shape]) -> str:
    """Write out the shapes around a mismatch, with a cross where they do not fit: ``(2×2)(2×1) ✗ (2×2)``."""
    node = mismatch.node
    if node.op != "matmul":
        return " ✗ ".join(_shown(arg, symbols) for arg in node.args) if len(node.args) > 1 else ""
    return " ✗ ".join("".join(_shown(each, symbols) for each in factors(arg)) for arg in node.args)


def _shown(expression: Expression, symbols: Mapping[str, Shape]) -> str:
    return bracketed(shapes(expression, symbols)[expression])


def letters_check(expression: Expression, symbols: Mapping[str, Shape]) -> str:
    """Write out the check in letters, or where it does not fit in general."""
    try:
        shapes(expression, symbols)
    except Mismatch as mismatch:
        return misfit(mismatch, symbols)
    return check(expression, symbols) or ""


def bracketed(shape: Shape) -> str:
    """Write a shape in round brackets."""
    text = written(shape)
    return text if text.startswith("(") else f"({text})"
