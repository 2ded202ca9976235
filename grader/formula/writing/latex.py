"""LaTeX output of expressions: how a student sees that an answer was read. It reads back to the same expression."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from math import isfinite, isnan
from typing import Any

import numpy as np

from grader.formula.evaluation.evaluate import Array
from grader.formula.expression import Expression, attributes
from grader.formula.functions.table import CONSTANTS, FUNCTIONS, Function
from grader.formula.parsing.lexing.vocabulary import GREEK, Vocabulary
from grader.formula.symbols import Symbol
from grader.formula.writing import precedence
from grader.formula.writing.plain_text import index_text
from grader.formula.writing.precedence import Piece, Writer, scientific, short_decimal


def latex(expression: Expression, vocabulary: Vocabulary) -> str:
    r"""Return LaTeX without dollar signs; the shapes tell a product with a single number from an elementwise one.

    >>> from grader.formula.expression import call, symbol as s
    >>> vocabulary = Vocabulary({"a": Symbol(), "W_o": Symbol(shape=(2, 2))}, {"a": (), "W_o": (2, 2)})
    >>> latex(call("multiply", s("a"), s("W_o")), vocabulary), latex(call("multiply", s("W_o"), s("W_o")), vocabulary)
    ('a \\, W_{o}', 'W_{o} \\odot W_{o}')
    """
    return _Latex(vocabulary).write(expression)


class _Latex(Writer):
    def number(self, value: Fraction) -> Piece:
        text = number_tex(value)
        return text, precedence.SIGN if value < 0 else precedence.JUXTAPOSITION if r"\cdot" in text else precedence.ATOM

    def name(self, symbol: str) -> Piece:
        text = name_tex(symbol, self.vocabulary)
        return text, precedence.POWER if r"\frac" in text or "/" in text else precedence.ATOM

    def head(self, function: str) -> str:
        if function in self.vocabulary.definitions or function not in FUNCTIONS:
            return name_tex(function, self.vocabulary)
        tex = self.tex(FUNCTIONS[function])
        plain = (tex or "").partition(r"\left({0}\right)")
        return plain[0] if plain[1] else operator_name_tex(function)

    def tex(self, row: Function) -> str | None:
        """The template of a function, unless its letter names something else here."""
        letter = re.match(r"\\(sigma|Gamma)\b", row.tex or "")
        return None if letter and self.vocabulary.lookup(letter[0]) else row.tex

    def bracketed(self, text: str) -> str:
        return rf"\left({text}\right)"

    def call(self, node: Expression, row: Function, args: list[Piece]) -> Piece:
        given = attributes(node)
        if shown := self.array(node, [text for text, _ in args], given):
            return shown, precedence.ATOM
        if node.op == "index":
            return f"{self.base(node, args[0])}[{index_text(given['at'])}]", precedence.ATOM
        if self.turned(node):
            return self.applied(FUNCTIONS["dot"], [text for text, _ in args], {}), precedence.ATOM
        tex = self.tex(row)
        if tex is None or (node.op == "abs" and self.shapes.get(node) != ()) or (given and node.op != "matrix_power"):
            return self.applied(row, [text for text, _ in args], given), precedence.ATOM
        plain = node.op == "multiply" and self.scalar(node)
        binds, needs = precedence.LATEX_BINDING.get("matmul" if plain else node.op, (precedence.ATOM, (0,) * len(args)))
        texts = [
            self.bracketed(arg[0])
            if _awkward(node, each, need, arg[0])
            else self.right(arg, need)
            if position and need
            else self.at_least(arg, need)
            for position, (arg, each, need) in enumerate(zip(args, node.args, needs, strict=True))
        ]
        if plain:
            return texts[0] + (r" \cdot " if texts[1][:1].isdigit() else r" \, ") + texts[1], binds
        if node.op == "power" and self.by_entries(node):
            return rf"{{{texts[0]}}}^{{\odot {texts[1]}}}", precedence.POWER
        text = tex.format(*texts, **given)
        return (self.bracketed(text), precedence.ATOM) if node.op == "equal" else (text, binds)

    def array(self, node: Expression, args: list[str], given: dict[str, Any]) -> str | None:
        """Vectors, matrices and blocks between brackets; norms with their subscript; I with its size."""
        if node.op == "eye" and not self.vocabulary.lookup("I"):
            return f"I_{{{given['shape'][0]}}}"
        if node.op == "norm" and set(given) == {"ord"}:
            return rf"\left\|{args[0]}\right\|_{{{given['ord']}}}"
        shape = self.shapes.get(node)
        if shape is None or (node.op == "concatenate" and len(args) == 1) or (given and given.get("axis") != 1):
            return None
        if node.op == "stack" and not given:
            if len(shape) == 1 and len(args) > 1:
                return rf"\left[{', '.join(args)}\right]"
            if len(shape) == 2 and all(each.op == "stack" and not attributes(each) for each in node.args):
                rows = r" \\ ".join(self.row(each) for each in node.args)
                return rf"\begin{{bmatrix}} {rows} \end{{bmatrix}}"
        if node.op == "concatenate" and len(shape) <= 2 and len(shape) > given.get("axis", 0):
            between = " & " if given else r" \\ "
            return rf"\begin{{bmatrix}} {between.join(args)} \end{{bmatrix}}"
        return None

    def row(self, stacked: Expression) -> str:
        """The entries of one row of a matrix."""
        return " & ".join(self.pieces[entry][0] for entry in stacked.args)

    def applied(self, row: Function, args: list[str], given: dict[str, Any]) -> str:
        """A function with its arguments and attributes in brackets."""
        if row.form == "list":
            args = [rf"\left[{', '.join(args)}\right]"]
        if row.form == "text, values":
            args = [rf"\text{{'{given.pop('subscripts')}'}}", *args]
        shape = given.pop("shape", None)
        if shape is not None:
            sizes = ", ".join(map(str, shape))
            args = [*args, sizes if row.form == "sizes" else self.bracketed(sizes + "," * (len(shape) == 1))]
        args += [rf"\text{{{key}}}={self.constant(value)}" for key, value in given.items()]
        return self.head(row.name) + self.bracketed(", ".join(args))

    def constant(self, value: Any) -> str:
        """Write an attribute."""
        if isinstance(value, tuple):
            return self.bracketed(", ".join(map(str, value)))
        return rf"\text{{{value}}}" if isinstance(value, bool) else str(value)


def _awkward(node: Expression, arg: Expression, need: int, text: str) -> bool:
    """True if a part would be misread without brackets: a fraction under a superscript, ⊙ beside a matrix product."""
    if {node.op, arg.op} == {"matmul", "multiply"}:
        return r"\odot" in text or node.op == "multiply"
    return need == precedence.ATOM and (text.startswith((r"\frac", "-")) or arg.op == "divide")


def operator_name_tex(function: str) -> str:
    """Write the name of a function that LaTeX does not know."""
    return rf"\operatorname{{{function.replace('_', chr(92) + '_')}}}"


def number_tex(value: Fraction) -> str:
    """Write an exact number: as a whole number, a decimal, with a power of ten, or as a fraction."""
    short = short_decimal(value)
    parts = scientific(value)
    if short is not None and (len(short) <= 12 or parts is None or len(parts[0]) >= len(short) - 6):
        return short
    if parts is None:
        return rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
    return rf"{parts[0]} \cdot 10^{{{parts[1]}}}".removeprefix(r"1 \cdot ")


def name_tex(symbol: str, vocabulary: Vocabulary) -> str:
    """Write a name as its author says, or else from itself: ``W_sx`` with a subscript, ``alpha`` in Greek."""
    declared: Symbol | Any = vocabulary.symbols.get(symbol) or vocabulary.definitions.get(symbol)
    if declared and declared.tex:
        return str(declared.tex)
    if symbol in CONSTANTS and declared is None:
        return CONSTANTS[symbol][1]
    head, _, tail = symbol.partition("_")
    ending = re.fullmatch(r"([A-Za-z]+?)(\d+)", head)
    if ending and not tail:
        head, tail = ending[1], ending[2]
    letter = rf"\{head}" if head in GREEK else head if len(head) == 1 else rf"\mathrm{{{head}}}"
    return f"{letter}_{{{tail}}}" if tail else letter


def equation_tex(expression: Expression, left: Sequence[str], vocabulary: Vocabulary) -> str:
    """Write a formula with the first name of the blank before it, where that is a symbol: ``x_2 = p_1``."""
    right = latex(expression, vocabulary)
    named = vocabulary.lookup(left[0]) if left else None
    return f"{name_tex(named, vocabulary)} = {right}" if named and named in vocabulary.symbols else right


def array_tex(value: Array, digits: int = 4) -> str:
    """Return the LaTeX of a number, or of a matrix of numbers; a vector (n,) is written as a row."""
    if value.ndim == 0:
        return decimal_tex(float(value), digits)
    rows = np.atleast_2d(value)
    lines = r" \\ ".join(" & ".join(decimal_tex(float(entry), digits) for entry in row) for row in rows)
    return rf"\begin{{pmatrix}} {lines} \end{{pmatrix}}"


def decimal_tex(value: float, digits: int = 4) -> str:
    """Return a number as a person would write it: whole, or with so many significant digits."""
    if not isfinite(value):  # Not infinite: too large for a float.
        return r"\text{undefined}" if isnan(value) else "> 10^{308}" if value > 0 else "< -10^{308}"
    if abs(value) < 1e6 and value == int(value):
        return str(int(value))
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
