"""Functions and what they are applied to: brackets, keywords, powers and primes of a function, methods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from grader.core.errors import Unreadable
from grader.formula.differentiate import NotDifferentiable
from grader.formula.expression import DISPLAY, JUXTAPOSED, LITERAL, SYMBOL, Expression, call, literal, make, symbol
from grader.formula.functions.block_matrices import array_of_lists
from grader.formula.functions.call_arguments import ArgumentError, CallItem, apply_function, constant_number
from grader.formula.functions.table import FUNCTIONS, SPELLINGS
from grader.formula.parsing.atoms import count_primes
from grader.formula.parsing.brackets import read_bracket, read_cells
from grader.formula.parsing.grammar import ONE_FACTOR, STARTS, Grammar
from grader.formula.parsing.lexing.definitions import Definition
from grader.formula.parsing.lexing.tokens import Token

PYTHON: Mapping[str, Any] = {"True": True, "False": False, "None": None, "newaxis": None}
INVERSES = {name: f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
ARGUMENT = "the argument"
NOT_IN_THE_TABLE = frozenset(("array", "block", "len"))
SUMS = frozenset(("sum", "mean", "prod"))
REDUCING = frozenset((*SUMS, "max", "min"))


def read_function(parser: Grammar, token: Token) -> Expression:
    """Read a function of the table: with brackets, or before the next factor; ``sin^2 x``, ``tanh'(z)``."""
    span = (token.start, token.end)
    primes, power = count_primes(parser, token), None
    if token.text == "sqrt" and parser.peek("["):
        [index] = read_cells(parser, parser.advance(), 1)
        return call("power", read_bracket(parser, _opening_of_root(parser, span)), call("divide", literal(1), index))
    row = FUNCTIONS.get(token.text)
    if parser.text[token.start : token.end] in ("lg", "ld", "lb"):
        parser.note_doubt("Which base lg means depends on the field; here it is 10.")
    if parser.token.kind == "raised" or parser.peek("^"):
        if row is None or not row.elementwise:
            raise Unreadable(f"A power of the function “{token.text}” is not read; write it behind its brackets.", span)
        power = read_raised_digits(parser) if parser.token.kind == "raised" else _superscript(parser)
    name = token.text
    if power is not None and constant_number(power) == -1:
        if name not in INVERSES:
            raise Unreadable(f"The inverse of the function “{name}” is not read here.", span)
        name, power = INVERSES[name], None
    value = _apply(parser, token, name)
    if primes:
        value = _derivative(parser, value, name, primes, span)
    return value if power is None else make("power", (value, power))


def _opening_of_root(parser: Grammar, span: tuple[int, int]) -> Token:
    """Return the bracket that must come next."""
    if not parser.peek("(", "{"):
        raise Unreadable("A root needs something in brackets.", span)
    return parser.advance()


def _superscript(parser: Grammar) -> Expression:
    """Read a superscript behind its sign."""
    parser.advance()
    return parser.exponent()


def read_raised_digits(parser: Grammar) -> Expression:
    """Read a number in small raised digits."""
    token = parser.advance()
    if not re.fullmatch(r"-?\d{1,4}", token.text):
        raise Unreadable("This superscript is no small whole number.", (token.start, token.end))
    value = literal(Fraction(abs(int(token.text))))
    return call("negative", value) if token.text.startswith("-") else value


def _derivative(parser: Grammar, value: Expression, name: str, primes: int, span: tuple[int, int]) -> Expression:
    """Return the derivative of a function of the table at its argument."""
    body = make(name, (symbol(ARGUMENT), *value.args[1:]))
    try:
        return Definition(name, body, ARGUMENT).apply(value.args[0], primes)
    except NotDifferentiable as error:
        raise Unreadable(str(error), span) from None


def _apply(parser: Grammar, token: Token, name: str) -> Expression:
    """Read a function and what it is applied to."""
    if parser.peek("(") and name in SUMS and _stands_apart(parser, token) and _power_follows(parser):
        return _sum_of_powers(parser, token, name)
    if parser.peek("(", "{", "["):
        parser.reduction_depth += name in REDUCING
        given, keywords = _arguments(parser, parser.advance())
        parser.reduction_depth -= name in REDUCING
        return _function_call(parser, token, name, given, keywords)
    if (
        parser.peek("-")
        and parser.text[token.end : token.end + 1].isspace()
        and not parser.text[parser.token.end : parser.token.end + 1].isspace()
    ):
        start = parser.advance().start
        value = parser.with_span(call("negative", parser.postfix(parser.value(), parser.token.start)), start)
        parser.note_doubt(ONE_FACTOR)
        return _function_call(parser, token, name, [value], {})
    if not parser.is_at_value():
        raise Unreadable(f"The function “{name}” needs something in brackets.", (token.start, token.end))
    parser.enter()
    start = parser.token.start
    value = parser.postfix(parser.value(), start)
    glues = not parser.text.startswith("\\sqrt", token.start)  # LaTeX takes one sign under such a root.
    while glues and parser.token.kind in STARTS - {"function"} and (parser.is_adjacent() or value.op == LITERAL):
        factor = parser.token.start
        value = parser.with_span(make(JUXTAPOSED, (value, parser.postfix(parser.value(), factor))), start)
    parser.leave()
    if parser.token.kind in STARTS - {"function"}:
        parser.note_review(ONE_FACTOR)
    parser.doubt_reach_of_function()
    return _function_call(parser, token, name, [value], {})


def _stands_apart(parser: Grammar, token: Token) -> bool:
    """True if a sum stands apart from its bracket, as a sum sign does: then a power behind it belongs inside."""
    return parser.text[token.end : token.end + 1].isspace() or parser.text.startswith("\\sum", token.start)


def _power_follows(parser: Grammar) -> bool:
    """True if a power follows the bracket that opens here."""
    depth = 0
    for at in range(parser.position, len(parser.tokens)):
        token = parser.tokens[at]
        if token.kind == "operator" and token.text in "()":
            depth += 1 if token.text == "(" else -1
        if depth == 0:
            behind = parser.tokens[min(at + 1, len(parser.tokens) - 1)]
            return behind.kind == "raised" or behind.text in ("^", "**")
    return False


def _sum_of_powers(parser: Grammar, token: Token, name: str) -> Expression:
    """Read ``sum (a - b)^2`` as the sum of the squares."""
    start = parser.token.start
    parser.reduction_depth += 1
    inner = read_bracket(parser, parser.advance())
    parser.reduction_depth -= 1
    parser.note_doubt("The power was read as that of each term of the sum.")
    return _function_call(parser, token, name, [parser.postfix(inner, start)], {})


def read_method(parser: Grammar, value: Expression) -> Expression:
    """Read ``x.sum(axis=0)``, ``X.shape[0]``."""
    token = parser.advance()
    span = (token.start, token.end)
    if token.text == "shape" and value.op == SYMBOL and parser.peek("["):
        return _axis_length(parser, token, value, constant_number(read_cells(parser, parser.advance(), 1)[0]))
    if token.text not in SPELLINGS or not parser.peek("("):
        raise Unreadable(f"“.{token.text}” is not read here.", span)
    given, keywords = _arguments(parser, parser.advance())
    return _function_call(parser, token, SPELLINGS[token.text], [value, *given], keywords, axis=True)


def _axis_length(parser: Grammar, token: Token, array: Expression, axis: Fraction | int | None) -> Expression:
    """Return the length of an axis of a symbol."""
    shape = parser.vocabulary.shapes.get(str(array.value), ()) if array.op == SYMBOL else ()
    if axis is None or int(axis) != axis or not -len(shape) <= axis < len(shape):
        raise Unreadable(f"There is no such axis of “{array!r}”.", (token.start, parser.previous.end))
    return literal(int(shape[int(axis)]))


def _arguments(parser: Grammar, opening: Token) -> tuple[list[CallItem], dict[str, CallItem]]:
    """Read what stands in the brackets of a function: values, texts and keywords."""
    outside, parser.open_bars = parser.open_bars, []
    outer, parser.space_separates = parser.space_separates, False
    parser.bracket_depth += 1
    given: list[CallItem] = []
    keywords: dict[str, CallItem] = {}
    while not parser.peek(")", "}", "]"):
        if parser.token.kind == "word" and parser.tokens[parser.position + 1].text == "=":
            key = parser.advance().text
            parser.advance()
            keywords[key] = _argument(parser)
        else:
            given.append(_argument(parser))
        if not parser.accept(",") and not parser.peek(")", "}", "]"):
            parser.expect_closing(opening)
    parser.open_bars, parser.space_separates = outside, outer
    parser.bracket_depth -= 1
    parser.expect_closing(opening)
    return given, keywords


def _argument(parser: Grammar) -> CallItem:
    """Read a value, a text, or True, False or None."""
    if parser.token.kind == "text":
        return parser.advance().text
    if parser.token.kind == "word" and parser.token.text in PYTHON:
        constant: CallItem = PYTHON[parser.advance().text]
        return constant
    return parser.expression(0)


def _function_call(
    parser: Grammar, token: Token, name: str, given: list[CallItem], keywords: dict[str, CallItem], axis: bool = False
) -> Expression:
    """Return a function applied to its arguments; raises Unreadable at its name for what it does not take."""
    if name in NOT_IN_THE_TABLE and not (given and isinstance(given[0], Expression)):
        raise Unreadable(f"The function “{name}” needs something in brackets.", (token.start, token.end))
    if name in NOT_IN_THE_TABLE and isinstance(given[0], Expression):
        if name == "len":
            return _axis_length(parser, token, given[0], 0)
        return array_of_lists(given[0]) if name == "array" and given[0].op == DISPLAY else given[0]
    axis = axis or parser.text[: token.start].endswith(".")
    if name in ("max", "min") and len(given) > 1 and not keywords and _are_values(parser, given, axis):
        value = given[0]
        for each in given[1:]:
            value = apply_function(f"{name}imum", [value, each], {})
        return value  # type: ignore[return-value]
    try:
        return apply_function(name, given, keywords)
    except ArgumentError as misused:
        raise Unreadable(str(misused), (token.start, token.end)) from None


def _are_values(parser: Grammar, given: list[CallItem], axis: bool) -> bool:
    """True if ``max(a, b)`` is the larger of two: not where NumPy's second argument is an axis."""
    values = [each for each in given if isinstance(each, Expression)]
    number = constant_number(values[-1]) is not None if values else False
    if number and not axis:
        parser.note_doubt("A number after the comma was read as a value, not as an axis.")
    return len(values) == len(given) and not (axis and len(values) == 2 and number)
