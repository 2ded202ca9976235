"""Postfix operators, which follow a value: powers, transposes, methods, indices, factorials."""

from __future__ import annotations

from typing import Any

from grader.core.errors import Unreadable
from grader.formula.expression import CARET, DISPLAY, JUXTAPOSED, SYMBOL, Expression, call, make
from grader.formula.functions.call_arguments import constant_number
from grader.formula.parsing.calls import read_method, read_raised_digits
from grader.formula.parsing.grammar import STARTS, Grammar

INDEX = "An index is a whole number or a slice, as in A[0, :]."


def read_postfix(parser: Grammar, value: Expression, start: int) -> Expression:
    """Read a value with its transposes, methods, indices, factorials and powers."""
    while True:
        kind = parser.token.kind
        if kind == "transpose" or parser.peek("'"):
            if parser.peek("'") and value.op == SYMBOL and parser.vocabulary.shapes.get(str(value.value)) == ():
                parser.note_review("A prime behind a single number was read as a transpose, which changes nothing.")
            if parser.previous.kind == "number" and parser.previous.text == "1":
                place = (parser.previous.start, parser.token.end)
                raise Unreadable("Write a vector of ones as ones(3) or ones((3, 1)).", place)
            inverted = parser.advance().text == "-T"
            value = parser.with_span(call("transpose", value), start)
            if inverted:
                value = parser.with_span(call("inv", value), start)
        elif kind == "raised":
            value = parser.with_span(make(CARET, (value, read_raised_digits(parser))), start)
        elif parser.peek("^", "**"):
            value = parser.with_span(_power(parser, value), start)
        elif parser.peek("!"):
            parser.advance()
            if value.op in (CARET, "power") and parser.tokens[parser.position - 2].text not in (")", "}"):
                parser.note_review("A factorial behind a power was read as that of the whole power.")
            if parser.peek("!") and parser.is_adjacent():
                raise Unreadable("A double factorial is not read here.", (start, parser.token.end))
            value = parser.with_span(call("factorial", value), start)
        elif (found := _dotted(parser, value, start)) is not value:
            value = found
        else:
            return value


def _dotted(parser: Grammar, value: Expression, start: int) -> Expression:
    """Read a value with what binds to it more closely than a power does in Python: methods, ``.T``, an index."""
    while True:
        if parser.token.kind == "method":
            value = parser.with_span(read_method(parser, value), start)
        elif parser.token.kind == "transpose" and parser.token.text.startswith("."):
            parser.advance()
            value = parser.with_span(call("transpose", value), start)
        elif _is_index_next(parser) and (found := read_index(parser, value)):
            value = parser.with_span(found, start)
        else:
            return value


def _is_index_next(parser: Grammar) -> bool:
    """True if a bracket follows so closely that it may be an index."""
    return parser.peek("[") and parser.is_adjacent() and parser.previous.kind != "number"


def _power(parser: Grammar, base: Expression) -> Expression:
    r"""Read a power behind its sign; ``^{\odot 2}`` and ``**`` are powers by entries."""
    op = CARET if parser.advance().text == "^" else "power"
    back = parser.position
    if (
        parser.peek("{")
        and parser.tokens[parser.position + 1].text in ("(", "[")
        and parser.tokens[parser.position + 2].kind == "number"
    ):
        parser.note_review("A number in brackets above a letter was read as a power.")
    if parser.accept("{", "(") and parser.accept("elementwise"):
        exponent = parser.expression(0)
        parser.expect_closing(parser.tokens[back])
        return make("power", (base, exponent))
    parser.seek(back)
    if (
        parser.peek("-", "+")
        and not parser.is_adjacent()
        and parser.text[parser.token.end : parser.token.end + 1].isspace()
    ):
        raise Unreadable("Nothing stands above here.", (parser.previous.start, parser.token.start))
    exponent = parser.exponent()
    if op == CARET and parser.tokens[back].text not in ("{", "("):
        exponent = _glued_exponent(parser, base, exponent, back)
    if (
        parser.peek("/")
        and parser.is_adjacent()
        and parser.tokens[back].text in ("1", "-")
        and abs(constant_number(exponent) or 0) == 1
    ):
        parser.note_doubt("The power was read before the division: x^1/2 as (x^1)/2.")
    return make(op, (base, exponent))


def _glued_exponent(parser: Grammar, base: Expression, exponent: Expression, back: int) -> Expression:
    """Read what clings to a power without brackets: of ``e^2x`` all of it, of other bases a reason for doubt."""
    start = parser.tokens[back].start
    natural = base.op == SYMBOL and base.value == "e"
    clung = False
    while natural and parser.token.kind in STARTS - {"function"} and parser.is_adjacent():
        clung = True
        factor = parser.token.start
        exponent = parser.with_span(make(JUXTAPOSED, (exponent, parser.postfix(parser.value(), factor))), start)
    clings = parser.is_adjacent() and (parser.token.kind in STARTS or (parser.peek("/") and natural))
    minus = (
        parser.peek("-", "+")
        and parser.is_adjacent()
        and exponent.op == SYMBOL
        and not parser.text[parser.token.end : parser.token.end + 1].isspace()
    )
    if clings or minus or clung:
        parser.note_doubt("How far a power reaches was guessed; put brackets around it.")
    return exponent


def read_exponent(parser: Grammar) -> Expression:
    """Read what stands above: one signed value; powers of powers are read from the right."""
    parser.enter()
    start = parser.token.start
    if parser.peek("-", "+"):
        sign = parser.advance().text
        if sign == "+":
            place = (parser.previous.start, parser.token.start)
            raise Unreadable("A plus sign in a superscript is not read here.", place)
        inner = parser.exponent()
        value = parser.with_span(call("negative", inner), start)
    else:
        value = _dotted(parser, parser.value(), start)
        if parser.peek("^", "**"):
            value = parser.with_span(_power(parser, value), start)
    parser.leave()
    return value


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
