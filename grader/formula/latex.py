"""The LaTeX of an expression: how a student sees that an answer was read. It reads back to the same expression."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np

from grader.formula.expression import LITERAL, SYMBOL, Expression, postorder
from grader.formula.functions import CONSTANTS, FUNCTIONS
from grader.formula.shape import Mismatch, shape_of
from grader.formula.symbols import Shape, Symbol
from grader.formula.value import Array
from grader.formula.vocabulary import GREEK

ATOM, RAISED, PRODUCT, SIGN, SUM = 5, 4, 3, 2, 1
STRENGTH = {
    "add": SUM, "subtract": SUM, "negative": SIGN, "matmul": PRODUCT, "multiply": PRODUCT, "divide": ATOM,
    "power": RAISED, "transpose": RAISED, "inv": RAISED, "matrix_power": RAISED,
}  # fmt: skip
NEEDS = {
    "add": (SUM, PRODUCT), "subtract": (SUM, PRODUCT), "negative": (RAISED,), "matmul": (SIGN, RAISED),
    "multiply": (SIGN, RAISED), "divide": (0, 0), "power": (ATOM, 0), "transpose": (ATOM,), "inv": (ATOM,),
    "matrix_power": (ATOM,),
}  # fmt: skip
"""How strongly each argument of an operator must bind to stand without brackets."""


def latex(expression: Expression, symbols: Mapping[str, Symbol], shapes: Mapping[str, Shape]) -> str:
    """Return LaTeX without dollar signs; ``shapes`` in numbers tell a scalar product from an elementwise one."""
    text: dict[Expression, str] = {}
    binds: dict[Expression, int] = {}
    known: dict[Expression, Shape] = {}
    for node in postorder(expression):
        _measure(node, known, shapes)
        binds[node] = _strength(node, binds)
        text[node] = _typeset(node, text, binds, known, symbols)
    return text[expression]


def _measure(node: Expression, known: dict[Expression, Shape], shapes: Mapping[str, Shape]) -> None:
    if all(arg in known for arg in node.args):
        try:
            known[node] = shape_of(node, known, shapes)
        except Mismatch:
            return


def _strength(node: Expression, binds: Mapping[Expression, int]) -> int:
    """How strongly a node binds; a product that begins with a sign binds like a sign."""
    strength = STRENGTH.get(node.op, ATOM)
    if node.op == LITERAL and isinstance(node.value, Fraction) and node.value < 0:
        return SIGN
    return min(strength, SIGN) if strength == PRODUCT and binds[node.args[0]] == SIGN else strength


def _typeset(
    node: Expression,
    text: Mapping[Expression, str],
    binds: Mapping[Expression, int],
    known: Mapping[Expression, Shape],
    symbols: Mapping[str, Symbol],
) -> str:
    if node.op == LITERAL and isinstance(node.value, Fraction):
        return number(node.value)
    if node.op == SYMBOL:
        return name(str(node.value), symbols)
    needs = NEEDS.get(node.op, (0,) * len(node.args))
    args = [
        text[arg]
        if binds[arg] >= need and not _awkward(node, arg, need, text)
        else rf"\left({text[arg]}\right)"
        for arg, need in zip(node.args, needs, strict=True)
    ]
    if node.op == "multiply" and any(known.get(arg) == () for arg in node.args):
        between = r" \cdot " if args[1][:1].isdigit() else r" \, "
        return args[0] + between + args[1]
    attributes = dict(node.value) if isinstance(node.value, tuple) else {}
    if node.op == "power" and known.get(node.args[0]):
        return rf"{{{args[0]}}}^{{\odot {args[1]}}}"
    shown = FUNCTIONS[node.op].tex.format(*args, **attributes)
    axis = attributes.get("axis")
    return shown if axis is None else rf"{shown}_{{\text{{axis }} {axis}}}"


def _awkward(node: Expression, arg: Expression, need: int, text: Mapping[Expression, str]) -> bool:
    """Whether a part would be misread without brackets: a fraction under a superscript, ⊙ beside a matrix product."""
    if {node.op, arg.op} == {"matmul", "multiply"}:
        return r"\odot" in text[arg] or node.op == "multiply"
    return need == ATOM and (text[arg].startswith((r"\frac", "-")) or arg.op == "divide")


def number(value: Fraction) -> str:
    """Write an exact number: as a whole number, a decimal where it is a short one, or a fraction."""
    if value.denominator == 1:
        digits = str(value.numerator)
        zeros = len(digits) - len(digits.rstrip("0"))
        return digits if zeros < 7 else rf"{digits[:-zeros]} \cdot 10^{{{zeros}}}".removeprefix(r"1 \cdot ")
    if len(str(value.denominator)) > 16:
        mantissa, _, exponent = f"{Decimal(value.numerator) / Decimal(value.denominator):.6E}".partition("E")
        return rf"{mantissa.rstrip('0').rstrip('.')} \cdot 10^{{{int(exponent)}}}".removeprefix(r"1 \cdot ")
    return _decimal(value) or rf"\frac{{{value.numerator}}}{{{value.denominator}}}"


def _decimal(value: Fraction) -> str | None:
    for places in range(1, 13):
        if (value * 10**places).denominator == 1:
            digits = f"{abs(int(value * 10**places)):0{places + 1}d}"
            return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"
    return None


def name(symbol: str, symbols: Mapping[str, Symbol]) -> str:
    """Write a symbol as its author says, or else from its name: ``W_sx`` with a subscript, ``alpha`` in Greek."""
    declared = symbols.get(symbol)
    if declared and declared.tex:
        return declared.tex
    if symbol in CONSTANTS and declared is None:
        return CONSTANTS[symbol][1]
    head, _, tail = symbol.partition("_")
    ending = re.fullmatch(r"([A-Za-z]+?)(\d+)", head)
    if ending and not tail:
        head, tail = ending[1], ending[2]
    letter = rf"\{head}" if head in GREEK else head if len(head) == 1 else rf"\mathrm{{{head}}}"
    return f"{letter}_{{{tail}}}" if tail else letter


def array(value: Array, digits: int = 4) -> str:
    """Return the LaTeX of a number, or of a matrix of numbers; a vector (n,) is written as a row."""
    if value.ndim == 0:
        return decimal(float(value), digits)
    rows = np.atleast_2d(value)
    lines = r" \\ ".join(" & ".join(decimal(float(entry), digits) for entry in row) for row in rows)
    return rf"\begin{{pmatrix}} {lines} \end{{pmatrix}}"


def decimal(value: float, digits: int = 4) -> str:
    """Return a number as a person would write it: whole, or with so many significant digits."""
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
