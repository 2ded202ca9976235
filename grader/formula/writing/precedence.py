"""Precedence (binding strength) in written formulas: what every notation shares, which is when a part needs brackets.

The numbers say how strongly a text binds, as in ``parsing.grammar``: what binds less than its place needs gets brackets.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from fractions import Fraction

from grader.formula.evaluation.shapes import ShapeMismatch, shape_of
from grader.formula.expression import DEFINED, LITERAL, SYMBOL, Expression, postorder
from grader.formula.functions.table import FUNCTIONS, Function
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.symbols import Shape

COMPARISON, SUM, HADAMARD, PRODUCT, JUXTAPOSITION, SIGN, POWER, ATOM = range(1, 9)
MAX_PART_CHARACTERS = 20_000
"""Characters of one part; what is longer, as a reference that doubles itself in a loop, is not written out."""
LATEX_BINDING: Mapping[str, tuple[int, tuple[int, ...]]] = {
    "add": (SUM, (SUM, HADAMARD)), "subtract": (SUM, (SUM, HADAMARD)), "negative": (SIGN, (POWER,)),
    "matmul": (JUXTAPOSITION, (JUXTAPOSITION, POWER)), "multiply": (HADAMARD, (HADAMARD, PRODUCT)), "divide": (ATOM, (0, 0)),
    "power": (POWER, (ATOM, 0)), "transpose": (POWER, (ATOM,)), "inv": (POWER, (ATOM,)), "matrix_power": (POWER, (ATOM,)),
    "greater": (COMPARISON, (SUM, SUM)), "greater_equal": (COMPARISON, (SUM, SUM)), "less": (COMPARISON, (SUM, SUM)),
    "less_equal": (COMPARISON, (SUM, SUM)), "equal": (COMPARISON, (SUM, SUM)), "not_equal": (COMPARISON, (SUM, SUM)),
    "dot": (JUXTAPOSITION, (JUXTAPOSITION, POWER)),
}  # fmt: skip
"""How strongly an operator binds, and how strongly each of its arguments must, to stand without brackets."""

Piece = tuple[str, int]
"""A text and how strongly it binds."""


class Writer(ABC):
    """One notation; ``shapes`` are those of the parts, as far as they have one."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.shapes: dict[Expression, Shape] = {}
        self.pieces: dict[Expression, Piece] = {}

    def write(self, expression: Expression) -> str:
        """Return the text of an expression."""
        for node in postorder(expression):
            self._measure(node)
            piece = self._piece(node, self.pieces)
            self.pieces[node] = piece if len(piece[0]) <= MAX_PART_CHARACTERS else ("…", ATOM)
        return self.pieces[expression][0]

    def _measure(self, node: Expression) -> None:
        if all(arg in self.shapes for arg in node.args):
            try:
                self.shapes[node] = shape_of(node, self.shapes, self.vocabulary.shapes, self.vocabulary.mixing)
            except (
                ShapeMismatch,
                KeyError,
            ):  # A formula that does not fit, or a symbol without a size, is written too.
                return

    def _piece(self, node: Expression, pieces: Mapping[Expression, Piece]) -> Piece:
        if node.op == LITERAL and isinstance(node.value, Fraction):
            return self.number(node.value)
        if node.op == SYMBOL:
            return self.name(str(node.value))
        if node.op == DEFINED:
            name, primes = str(node.value).rstrip("'"), str(node.value).count("'")
            if len(node.args) == 1:
                return self.name(name)
            return self.head(name) + "'" * primes + self.bracketed(pieces[node.args[0]][0]), ATOM
        return self.call(node, FUNCTIONS[node.op], [pieces[arg] for arg in node.args])

    def scalar(self, node: Expression) -> bool:
        """True if one of two factors is a single number."""
        return any(self.shapes.get(arg) == () for arg in node.args)

    def turned(self, node: Expression) -> bool:
        """True if a product of vectors would be read as an outer one, because its right factor is transposed."""
        return (
            node.op == "matmul"
            and node.args[1].op == "transpose"
            and all(len(self.shapes.get(arg, ())) == 1 for arg in node.args)
        )

    def by_entries(self, node: Expression) -> bool:
        """True if a power must be marked as one by entries: of an array, or with a square matrix above."""
        above = self.shapes.get(node.args[1], ())
        return bool(self.shapes.get(node.args[0])) or (len(above) == 2 and above[0] == above[1] != 1)

    def base(self, node: Expression, piece: Piece) -> str:
        """Return what an index or a method follows: a number in brackets, for ``0[`` and ``0.T`` are none."""
        return self.bracketed(piece[0]) if node.args[0].op == LITERAL else self.at_least(piece, ATOM)

    def at_least(self, piece: Piece, strength: int) -> str:
        """Return a text, in brackets where it binds less; a sign in front binds like a sum for what is before it."""
        text, binds = piece
        return text if binds >= strength else self.bracketed(text)

    def right(self, piece: Piece, strength: int) -> str:
        """The same for what stands behind an operator: there a sign in front needs brackets."""
        return self.bracketed(piece[0]) if piece[0].startswith("-") else self.at_least(piece, strength)

    def bracketed(self, text: str) -> str:
        """Put a text in round brackets."""
        return f"({text})"

    @abstractmethod
    def number(self, value: Fraction) -> Piece:
        """Write an exact number that is not negative."""

    @abstractmethod
    def name(self, name: str) -> Piece:
        """Write a symbol, a constant, a letter for a size or a defined value."""

    @abstractmethod
    def head(self, name: str) -> str:
        """Write the name of a function."""

    @abstractmethod
    def call(self, node: Expression, row: Function, args: list[Piece]) -> Piece:
        """Write a function or an operator with its arguments."""


def short_decimal(value: Fraction) -> str | None:
    """Return the digits of a short decimal number; None for one that is none, or long."""
    for places in range(13):
        if (value * 10**places).denominator == 1:
            digits = f"{abs(int(value * 10**places)):0{places + 1}d}"
            text = f"{digits[: len(digits) - places]}.{digits[len(digits) - places :]}".rstrip(".")
            return ("-" if value < 0 else "") + text
    return None


def scientific(value: Fraction) -> tuple[str, int] | None:
    """Return mantissa and exponent of a number with finitely many digits, exactly; None for any other."""
    twos = fives = 0
    denominator = value.denominator
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    if denominator != 1:
        return None
    places = max(twos, fives)
    digits = str(abs(int(value * 10**places)))
    kept = digits.rstrip("0") or "0"
    mantissa = kept if len(kept) == 1 else f"{kept[0]}.{kept[1:]}"
    return ("-" if value < 0 else "") + mantissa, len(digits) - 1 - places
