"""An index behind a value, as in ``A[0, :2]``."""

from __future__ import annotations

from typing import Any

from grader.core.errors import Unreadable
from grader.formula.expression import DISPLAY, SYMBOL, Expression, call
from grader.formula.functions.call_arguments import constant_number
from grader.formula.parsing.grammar import Grammar

INDEX = "An index is a whole number or a slice, as in A[0, :]."


def read_index(parser: Grammar, value: Expression) -> Expression | None:
    """Read ``A[0, :2]``; None, at the same place as before, where the bracket holds no index but a factor."""
    back, opening = parser.position, parser.advance()
    items: list[Any] = []
    while not items or parser.accept(","):
        items.append(_item(parser))
    if not any(isinstance(item, Expression) for item in items):
        parser.expect_closing(opening)
        return call("index", value, at=tuple(items))
    factor = all(
        isinstance(item, Expression) and constant_number(item) is None and (item.op != SYMBOL or value.op == DISPLAY)
        for item in items
    )
    if factor and parser.peek(";", "]"):
        parser.backtrack(back)
        return None
    raise Unreadable(INDEX, (opening.start, parser.token.end))


def _item(parser: Grammar) -> Any:
    """Read a whole number, a slice, None or ``...``; anything else as it is."""
    if parser.accept("..."):
        return "..."
    if parser.token.kind == "word" and parser.token.text in ("None", "newaxis"):
        parser.advance()
        return None
    parts: list[Any] = [None if parser.peek(":") else _bound(parser)]
    while len(parts) < 3 and parser.accept(":"):
        parts.append(None if parser.peek(":", ",", "]") else _bound(parser))
    if len(parts) == 1:
        return parts[0]
    if any(isinstance(part, Expression) for part in parts) or parts[2:] == [0]:
        raise Unreadable(INDEX, (parser.previous.start, parser.token.start))
    return (*parts, None) if len(parts) == 2 else tuple(parts)


def _bound(parser: Grammar) -> Any:
    """Read a whole number, or a value that is none."""
    value = parser.expression(0)
    number = constant_number(value)
    return int(number) if number is not None and number.denominator == 1 else value
