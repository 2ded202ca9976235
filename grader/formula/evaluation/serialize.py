"""The serializer of expressions: one as plain data, to go from one process to another: its nodes in ``postorder``, arguments by number."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from grader.formula.expression import DEFINED, LITERAL, SYMBOL, Expression, make, postorder
from grader.formula.functions.table import FUNCTIONS

Node = tuple[str, list[int], Any]


def to_json(expression: Expression) -> list[Node]:
    """Return what ``from_json`` makes the same expression from; JSON can hold it.

    >>> from grader.formula.expression import call, literal, symbol
    >>> to_json(call("add", symbol("x"), literal(Fraction(1, 2))))
    [('symbol', [], 'x'), ('literal', [], '1/2'), ('add', [0, 1], None)]
    """
    numbers: dict[Expression, int] = {}
    for node in postorder(expression):
        numbers[node] = len(numbers)
    return [
        (
            node.op,
            [numbers[arg] for arg in node.args],
            str(node.value) if isinstance(node.value, Fraction) else node.value,
        )
        for node in numbers
    ]


def from_json(nodes: Sequence[Sequence[Any]]) -> Expression:
    """Return the expression that ``to_json`` took apart; ValueError for an operation that is not in the table."""
    built: list[Expression] = []
    for op, args, value in nodes:
        if op not in FUNCTIONS and op not in (LITERAL, SYMBOL, DEFINED):
            raise ValueError(f"no operation {op!r}")
        built.append(
            make(op, tuple(built[arg] for arg in args), Fraction(value) if op == LITERAL else _as_tuples(value))
        )
    return built[-1]


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, list | tuple) else value
