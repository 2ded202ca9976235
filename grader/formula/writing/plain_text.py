"""An expression as it is typed: in NumPy, or in ordinary maths with ᵀ, ⊙ and products without a sign."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

from grader.formula.expression import Expression, attributes
from grader.formula.functions.table import COMPARISONS, Function
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.writing import precedence
from grader.formula.writing.precedence import Piece, Writer, scientific, short_decimal


def plain_text(expression: Expression, vocabulary: Vocabulary, notation: Literal["numpy", "maths"] = "maths") -> str:
    """Return an expression as a text that reads back to it; in ``numpy`` with ``*`` as the vocabulary declares it.

    >>> from grader.formula.expression import call, symbol
    >>> from grader.formula.symbols import Symbol
    >>> vocabulary = Vocabulary({"A": Symbol(shape=(2, 2))}, {"A": (2, 2)})
    >>> square = call("matmul", call("transpose", symbol("A")), symbol("A"))
    >>> plain_text(square, vocabulary), plain_text(square, vocabulary, "numpy")
    ('Aᵀ A', 'A.T @ A')
    """
    return (_NumPy if notation == "numpy" else _Maths)(vocabulary).write(expression)


class _NumPy(Writer):
    def number(self, value: Fraction) -> Piece:
        short = short_decimal(value)
        if short is not None and len(short) <= 16:
            return short, precedence.ATOM if value >= 0 else precedence.SIGN
        parts = scientific(value)
        if parts is None:
            return f"{value.numerator}/{value.denominator}", precedence.PRODUCT
        return f"{parts[0]}e{parts[1]}", precedence.ATOM if value >= 0 else precedence.SIGN

    def name(self, name: str) -> Piece:
        return name, precedence.ATOM

    def head(self, name: str) -> str:
        return name

    def call(self, node: Expression, row: Function, args: list[Piece]) -> Piece:
        given = attributes(node)
        if row.name == "transpose" and not given:
            return self.base(node, args[0]) + ".T", precedence.ATOM
        if row.name == "index":
            return self.base(node, args[0]) + f"[{index_text(given['at'])}]", precedence.ATOM
        return self.operator(node, args) or (self.applied(row, [text for text, _ in args], given), precedence.ATOM)

    def operator(self, node: Expression, args: list[Piece]) -> Piece | None:
        if node.op in ("add", "subtract"):
            sign = "+" if node.op == "add" else "-"
            return (
                f"{self.at_least(args[0], precedence.SUM)} {sign} {self.right(args[1], precedence.HADAMARD)}",
                precedence.SUM,
            )
        if node.op in COMPARISONS:
            text = f"{self.at_least(args[0], precedence.SUM)} {COMPARISONS[node.op]} {self.at_least(args[1], precedence.SUM)}"
            return (f"({text})", precedence.ATOM) if node.op == "equal" else (text, precedence.COMPARISON)
        if node.op == "negative":
            return "-" + self.right(args[0], precedence.POWER), precedence.SIGN
        if node.op == "divide":
            return (
                f"{self.at_least(args[0], precedence.PRODUCT)} / {self.right(args[1], precedence.POWER)}",
                precedence.PRODUCT,
            )
        return self.product(node, args)

    def product(self, node: Expression, args: list[Piece]) -> Piece | None:
        starred = self.vocabulary.star == "elementwise" or self.scalar(node)
        if node.op == "multiply" and not starred:
            return (
                f"{self.at_least(args[0], precedence.HADAMARD)} ⊙ {self.right(args[1], precedence.PRODUCT)}",
                precedence.HADAMARD,
            )
        if node.op in ("multiply", "matmul"):
            sign = "@" if node.op == "matmul" else "*"
            return (
                f"{self.at_least(args[0], precedence.PRODUCT)} {sign} {self.right(args[1], precedence.POWER)}",
                precedence.PRODUCT,
            )
        if node.op == "power":
            return (
                f"{self.at_least(args[0], precedence.ATOM)}**{self.at_least(args[1], precedence.ATOM)}",
                precedence.POWER,
            )
        return None

    def applied(self, row: Function, args: list[str], given: dict[str, Any]) -> str:
        """A function with its arguments and attributes in brackets."""
        if row.form == "list":
            args = [f"[{', '.join(args)}]"]
        if row.form == "text, values":
            args = [f"'{given.pop('subscripts')}'", *args]
        shape = given.pop("shape", None)
        if shape is not None:
            args = [
                *args,
                str(tuple(shape)) if row.name not in ("eye", "onehot") else ", ".join(map(str, shape)),
            ]
        if row.name == "matrix_power":
            args.append(str(given.pop("n")))
        args += [f"{key}={value}" for key, value in given.items()]
        return f"{self.head(row.name)}({', '.join(args)})"


class _Maths(_NumPy):
    def call(self, node: Expression, row: Function, args: list[Piece]) -> Piece:
        given = attributes(node)
        if row.name == "transpose" and not given:
            return self.at_least(args[0], precedence.ATOM) + "ᵀ", precedence.POWER
        if row.name in ("inv", "matrix_power") and len(self.shapes.get(node, ())) == 2:
            power = given.get("n", -1)
            return f"{self.at_least(args[0], precedence.ATOM)}^{power}", precedence.POWER
        if self.turned(node):
            return f"dot({args[0][0]}, {args[1][0]})", precedence.ATOM
        if row.name == "abs" and self.shapes.get(node) == () and "|" not in args[0][0]:
            return f"|{args[0][0]}|", precedence.ATOM
        if row.name == "norm" and set(given) <= {"ord"}:
            return f"‖{args[0][0]}‖" + (f"_{given['ord']}" if given else ""), precedence.ATOM
        return super().call(node, row, args)

    def product(self, node: Expression, args: list[Piece]) -> Piece | None:
        if node.op == "power":
            matrix = self.by_entries(node) and len(self.shapes.get(node, ())) >= 2
            exponent = f"{{⊙ {args[1][0]}}}" if matrix else self.at_least(args[1], precedence.ATOM)
            return f"{self.at_least(args[0], precedence.ATOM)}^{exponent}", precedence.POWER
        if node.op not in ("multiply", "matmul"):
            return None
        parts = [
            (self.bracketed(arg[0]), precedence.ATOM) if {node.op, each.op} == {"multiply", "matmul"} else arg
            for arg, each in zip(args, node.args, strict=True)
        ]
        if node.op == "multiply" and not self.scalar(node):
            return (
                f"{self.at_least(parts[0], precedence.HADAMARD)} ⊙ {self.right(parts[1], precedence.PRODUCT)}",
                precedence.HADAMARD,
            )
        right = self.right(parts[1], precedence.POWER)
        sign = " · " if right[:1].isdigit() else " "
        return self.at_least(parts[0], precedence.JUXTAPOSITION) + sign + right, precedence.JUXTAPOSITION


def index_text(at: tuple[Any, ...]) -> str:
    """Write what stands in the brackets of an index."""
    return ", ".join(map(_item, at))


def _item(item: Any) -> str:
    if isinstance(item, tuple):
        start, stop, step = ("" if each is None else str(each) for each in item)
        return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
    return str(item)
