"""Functions and what they are applied to: brackets, keywords, powers and primes of a function, methods, indices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from grader.core.errors import Unreadable
from grader.formula.expression import (
    DISPLAY,
    JUXTAPOSED,
    LITERAL,
    SYMBOL,
    Expression,
    call,
    literal,
    make,
    symbol,
)
from grader.formula.functions.block_matrices import array_of_lists
from grader.formula.functions.call_arguments import CallItem, Misused, apply_function, constant_number
from grader.formula.functions.table import FUNCTIONS, SPELLINGS
from grader.formula.parsing.atoms import ONE_FACTOR, STARTS, Values
from grader.formula.parsing.lexing.definitions import Definition
from grader.formula.parsing.lexing.lexer import Token
from grader.formula.tracing.differentiate import Underivable

PYTHON: Mapping[str, Any] = {"True": True, "False": False, "None": None, "newaxis": None}
INVERSES = {name: f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
ARGUMENT = "the argument"
NOT_IN_THE_TABLE = frozenset(("array", "block", "len"))
SUMS = frozenset(("sum", "mean", "prod"))
REDUCING = frozenset((*SUMS, "max", "min"))
INDEX = "An index is a whole number or a slice, as in A[0, :]."


class Calls(Values):
    """Reads functions, methods and indices."""

    def a_function(self, token: Token) -> Expression:
        """A function of the table: with brackets, or before the next factor; ``sin^2 x``, ``tanh'(z)``."""
        span = (token.start, token.end)
        primes, power = self.primes(token), None
        if token.text == "sqrt" and self.sees("["):
            [index] = self.cells(self.next(), 1)
            return call("power", self.bracket(self.brace(span)), call("divide", literal(1), index))
        row = FUNCTIONS.get(token.text)
        if self.text[token.start : token.end] in ("lg", "ld", "lb"):
            self.doubt = self.doubt or "Which base lg means depends on the field; here it is 10."
        if self.token.kind == "raised" or self.sees("^"):
            if row is None or not row.elementwise:
                raise Unreadable(
                    f"A power of the function “{token.text}” is not read; write it behind its brackets.", span
                )
            power = self.raised() if self.token.kind == "raised" else self.above()
        name = token.text
        if power is not None and constant_number(power) == -1:
            if name not in INVERSES:
                raise Unreadable(f"The inverse of the function “{name}” is not read here.", span)
            name, power = INVERSES[name], None
        value = self.applied(token, name)
        if primes:
            value = self.derived(value, name, primes, span)
        return value if power is None else make("power", (value, power))

    def brace(self, span: tuple[int, int]) -> Token:
        """The bracket that must come next."""
        if not self.sees("(", "{"):
            raise Unreadable("A root needs something in brackets.", span)
        return self.next()

    def above(self) -> Expression:
        """A superscript behind its sign."""
        self.next()
        return self.exponent()

    def raised(self) -> Expression:
        """A number in small raised digits."""
        token = self.next()
        if not re.fullmatch(r"-?\d{1,4}", token.text):
            raise Unreadable("This superscript is no small whole number.", (token.start, token.end))
        value = literal(Fraction(abs(int(token.text))))
        return call("negative", value) if token.text.startswith("-") else value

    def derived(self, value: Expression, name: str, primes: int, span: tuple[int, int]) -> Expression:
        """The derivative of a function of the table at its argument."""
        body = make(name, (symbol(ARGUMENT), *value.args[1:]))
        try:
            return Definition(name, body, ARGUMENT).of(value.args[0], primes)
        except Underivable as error:
            raise Unreadable(str(error), span) from None

    def applied(self, token: Token, name: str) -> Expression:
        """A function and what it is applied to."""
        if self.sees("(") and name in SUMS and self.stands_apart(token) and self.raised_behind():
            return self.summed(token, name)
        if self.sees("(", "{", "["):
            self.reducing += name in REDUCING
            given, keywords = self.arguments(self.next())
            self.reducing -= name in REDUCING
            return self.made_of(token, name, given, keywords)
        if (
            self.sees("-")
            and self.text[token.end : token.end + 1].isspace()
            and not self.text[self.token.end : self.token.end + 1].isspace()
        ):
            start = self.next().start
            value = self.made(call("negative", self.powers(self.value(), self.token.start)), start)
            self.doubt = self.doubt or ONE_FACTOR
            return self.made_of(token, name, [value], {})
        if not self.starts():
            raise Unreadable(f"The function “{name}” needs something in brackets.", (token.start, token.end))
        self.enter()
        start = self.token.start
        value = self.powers(self.value(), start)
        glues = not self.text.startswith("\\sqrt", token.start)  # LaTeX takes one sign under such a root.
        while glues and self.token.kind in STARTS - {"function"} and (self.adjoins() or value.op == LITERAL):
            factor = self.token.start
            value = self.made(make(JUXTAPOSED, (value, self.powers(self.value(), factor))), start)
        self.depth -= 1
        if self.token.kind in STARTS - {"function"}:
            self.review = self.review or ONE_FACTOR
        self.one_factor()
        return self.made_of(token, name, [value], {})

    def stands_apart(self, token: Token) -> bool:
        """Whether a sum stands apart from its bracket, as a sum sign does: then a power behind it belongs inside."""
        return self.text[token.end : token.end + 1].isspace() or self.text.startswith("\\sum", token.start)

    def raised_behind(self) -> bool:
        """Whether a power follows the bracket that opens here."""
        depth = 0
        for at in range(self.at, len(self.tokens)):
            token = self.tokens[at]
            if token.kind == "operator" and token.text in "()":
                depth += 1 if token.text == "(" else -1
            if depth == 0:
                behind = self.tokens[min(at + 1, len(self.tokens) - 1)]
                return behind.kind == "raised" or behind.text in ("^", "**")
        return False

    def summed(self, token: Token, name: str) -> Expression:
        """``sum (a - b)^2`` is the sum of the squares."""
        start = self.token.start
        self.reducing += 1
        inner = self.bracket(self.next())
        self.reducing -= 1
        self.doubt = self.doubt or "The power was read as that of each term of the sum."
        return self.made_of(token, name, [self.powers(inner, start)], {})

    def method(self, value: Expression) -> Expression:
        """``x.sum(axis=0)``, ``X.shape[0]``."""
        token = self.next()
        span = (token.start, token.end)
        if token.text == "shape" and value.op == SYMBOL and self.sees("["):
            return self.length(token, value, constant_number(self.cells(self.next(), 1)[0]))
        if token.text not in SPELLINGS or not self.sees("("):
            raise Unreadable(f"“.{token.text}” is not read here.", span)
        given, keywords = self.arguments(self.next())
        return self.made_of(token, SPELLINGS[token.text], [value, *given], keywords, axis=True)

    def length(self, token: Token, array: Expression, axis: Fraction | int | None) -> Expression:
        """The length of an axis of a symbol."""
        shape = self.vocabulary.shapes.get(str(array.value), ()) if array.op == SYMBOL else ()
        if axis is None or int(axis) != axis or not -len(shape) <= axis < len(shape):
            raise Unreadable(f"There is no such axis of “{array!r}”.", (token.start, self.tokens[self.at - 1].end))
        return literal(int(shape[int(axis)]))

    def arguments(self, opening: Token) -> tuple[list[CallItem], dict[str, CallItem]]:
        """What stands in the brackets of a function: values, texts and keywords."""
        outside, self.bars = self.bars, []
        outer, self.spaced = self.spaced, False
        self.inside += 1
        given: list[CallItem] = []
        keywords: dict[str, CallItem] = {}
        while not self.sees(")", "}", "]"):
            if self.token.kind == "word" and self.tokens[self.at + 1].text == "=":
                key = self.next().text
                self.next()
                keywords[key] = self.argument()
            else:
                given.append(self.argument())
            if not self.skips(",") and not self.sees(")", "}", "]"):
                self.close(opening)
        self.bars, self.spaced = outside, outer
        self.inside -= 1
        self.close(opening)
        return given, keywords

    def argument(self) -> CallItem:
        """A value, a text, or True, False or None."""
        if self.token.kind == "text":
            return self.next().text
        if self.token.kind == "word" and self.token.text in PYTHON:
            constant: CallItem = PYTHON[self.next().text]
            return constant
        return self.expression(0)

    def made_of(
        self, token: Token, name: str, given: list[CallItem], keywords: dict[str, CallItem], axis: bool = False
    ) -> Expression:
        """A function applied to its arguments; what it does not take is told at its name."""
        if name in NOT_IN_THE_TABLE and not (given and isinstance(given[0], Expression)):
            raise Unreadable(f"The function “{name}” needs something in brackets.", (token.start, token.end))
        if name in NOT_IN_THE_TABLE and isinstance(given[0], Expression):
            if name == "len":
                return self.length(token, given[0], 0)
            return array_of_lists(given[0]) if name == "array" and given[0].op == DISPLAY else given[0]
        axis = axis or self.text[: token.start].endswith(".")
        if name in ("max", "min") and len(given) > 1 and not keywords and self.several(given, axis):
            value = given[0]
            for each in given[1:]:
                value = apply_function(f"{name}imum", [value, each], {})
            return value  # type: ignore[return-value]
        try:
            return apply_function(name, given, keywords)
        except Misused as misused:
            raise Unreadable(str(misused), (token.start, token.end)) from None

    def several(self, given: list[CallItem], axis: bool) -> bool:
        """Whether ``max(a, b)`` is the larger of two: not where NumPy's second argument is an axis."""
        values = [each for each in given if isinstance(each, Expression)]
        number = constant_number(values[-1]) is not None if values else False
        if number and not axis:
            self.doubt = self.doubt or "A number after the comma was read as a value, not as an axis."
        return len(values) == len(given) and not (axis and len(values) == 2 and number)

    def index(self, value: Expression) -> Expression | None:
        """``A[0, :2]``; None, at the same place as before, where the bracket holds no index but a factor."""
        back, opening = self.at, self.next()
        items: list[Any] = []
        while not items or self.skips(","):
            items.append(self.item())
        if not any(isinstance(item, Expression) for item in items):
            self.close(opening)
            return call("index", value, at=tuple(items))
        factor = all(
            isinstance(item, Expression)
            and constant_number(item) is None
            and (item.op != SYMBOL or value.op == DISPLAY)
            for item in items
        )
        if factor and self.sees(";", "]"):
            self.again(back)
            return None
        raise Unreadable(INDEX, (opening.start, self.token.end))

    def item(self) -> Any:
        """A whole number, a slice, None or ``...``; anything else as it is."""
        if self.skips("..."):
            return "..."
        if self.token.kind == "word" and self.token.text in ("None", "newaxis"):
            self.next()
            return None
        parts: list[Any] = [None if self.sees(":") else self.bound()]
        while len(parts) < 3 and self.skips(":"):
            parts.append(None if self.sees(":", ",", "]") else self.bound())
        if len(parts) == 1:
            return parts[0]
        if any(isinstance(part, Expression) for part in parts) or parts[2:] == [0]:
            raise Unreadable(INDEX, (self.tokens[self.at - 1].start, self.token.start))
        return (*parts, None) if len(parts) == 2 else tuple(parts)

    def bound(self) -> Any:
        """A whole number, or a value that is none."""
        value = self.expression(0)
        number = constant_number(value)
        return int(number) if number is not None and number.denominator == 1 else value
