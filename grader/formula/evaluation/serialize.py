"""An expression as plain data, to go from one process to another: its nodes in ``postorder``, arguments by number."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from grader.formula.expression import DEFINED, LITERAL, SYMBOL, Expression, make, postorder
from grader.formula.functions.table import FUNCTIONS

Node = tuple[str, list[int], Any]


def to_json(expression: Expression) -> list[Node]:
    """Return what ``restored`` makes the same expression from; JSON can hold it."""
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
    """Return the expression that ``plain`` took apart; ValueError for an operation that is not in the table."""
    made: list[Expression] = []
    for op, args, value in nodes:
        if op not in FUNCTIONS and op not in (LITERAL, SYMBOL, DEFINED):
            raise ValueError(f"no operation {op!r}")
        made.append(make(op, tuple(made[arg] for arg in args), Fraction(value) if op == LITERAL else _tuples(value)))
    return made[-1]


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value
