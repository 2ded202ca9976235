"""Text to expression: one Pratt parser for NumPy, ordinary maths typing and simple LaTeX.

Binding, from loose to tight: sums; products of every sign, a sign left out and division, from the left; a sign in
front; powers, from the right; what follows a value (transpose, method).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from grader.errors import Unreadable
from grader.formula.calls import called
from grader.formula.equation import CLOSING, answer_side
from grader.formula.expression import CARET, JUXTAPOSED, Expression, call, literal, make, symbol
from grader.formula.functions import FUNCTIONS
from grader.formula.resolve import Spans, resolve
from grader.formula.tokens import Token, cut, exact
from grader.formula.vocabulary import Vocabulary

SUM, PRODUCT, SIGN, POWER = 10, 20, 30, 40
DEEPEST = 60
MOST_NODES = 400
INFIX: Mapping[str, tuple[int, str]] = {
    "+": (SUM, "add"),
    "-": (SUM, "subtract"),
    "@": (PRODUCT, "matmul"),
    "product": (PRODUCT, JUXTAPOSED),
    "elementwise": (PRODUCT, "multiply"),
    "/": (PRODUCT, "divide"),
}
BARS = {"|": "abs", "‖": "norm", "left|": "abs", "left‖": "norm"}
STARTS = frozenset(("number", "symbol", "constant", "function", "frac"))


@dataclass(frozen=True)
class Reading:
    """How a text was read: the expression, where each part of it stands in the text, and what is odd about it.

    ``dropped`` is prose that was left out; ``review`` says why a person should look at the reading, and ``doubt`` why
    if the answer turns out wrong.
    """

    expression: Expression
    spans: Spans
    dropped: str = ""
    review: str | None = None
    doubt: str | None = None


def read(text: str, vocabulary: Vocabulary) -> Reading:
    """Read a formula; raises Unreadable with a message and a place for the student.

    Where the vocabulary names the blank, ``x2 = …`` and ``… = x2`` are read as what stands on the other side.
    """
    pieces = cut(text, vocabulary)
    start, end = answer_side(text, pieces.tokens, vocabulary.left)
    parser = _Parser(text, pieces.tokens[start:end], vocabulary)
    expression = parser.whole()
    resolved, spans = resolve(expression, parser.spans, vocabulary.shapes)
    return Reading(
        resolved, spans, pieces.dropped, pieces.review or parser.review, pieces.doubt or parser.doubt
    )


class _Parser:
    """Reads one run of tokens; ``spans`` remembers where each expression was first met."""

    def __init__(self, text: str, tokens: tuple[Token, ...], vocabulary: Vocabulary) -> None:
        last = tokens[-1].end if tokens else len(text)
        self.text = text
        self.tokens = (
            tokens if tokens and tokens[-1].kind == "end" else (*tokens, Token("end", "", last, last))
        )
        self.star = "multiply" if vocabulary.star == "elementwise" else JUXTAPOSED
        self.declared = vocabulary.symbols
        self.at = 0
        self.depth = 0
        self.bars: list[str] = []
        self.nodes = 0
        self.spans: dict[Expression, tuple[int, int]] = {}
        self.review: str | None = None
        self.doubt: str | None = None

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def ended(self) -> bool:
        return self.token.kind == "end"

    def sees(self, *texts: str) -> bool:
        return self.token.kind == "operator" and self.token.text in texts

    def next(self) -> Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def made(self, expression: Expression, start: int) -> Expression:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise Unreadable(
                f"This formula has more than {MOST_NODES} parts, which is more than is read.",
                (start, self.token.start),
            )
        self.spans.setdefault(expression, (start, self.tokens[self.at - 1].end))
        return expression

    def whole(self) -> Expression:
        if self.ended():
            raise Unreadable("There is no formula here.")
        expression = self.expression(0)
        if not self.ended():
            raise self.unexpected()
        return expression

    def unexpected(self) -> Unreadable:
        token = self.token
        span = (token.start, token.end)
        if token.kind == "end":
            return Unreadable("The formula breaks off at the end.", span)
        if token.kind == "operator" and token.text in CLOSING.values():
            return Unreadable(f"The bracket “{token.text}” closes nothing.", span)
        if token.text in ("[", ":", "<", ">", "|"):
            return Unreadable(f"“{token.text}” is not read in a formula here.", span)
        return Unreadable(f"“{self.text[token.start : token.end]}” is not expected here.", span)

    def expression(self, binding: int) -> Expression:
        self.enter()
        start = self.token.start
        left = self.prefix()
        while (power := self.infix()) is not None and power[0] > binding:
            left = self.made(self.joined(left, *power), start)
        self.depth -= 1
        return left

    def infix(self) -> tuple[int, str] | None:
        token = self.token
        if token.kind == "operator":
            if token.text == "*":
                return PRODUCT, self.star
            if token.text in INFIX:
                return INFIX[token.text]
            opens = token.text in ("(", "{") or (
                token.text in BARS and not (token.text in "|‖" and token.text in self.bars)
            )
            return (PRODUCT, JUXTAPOSED) if opens else None
        if token.kind == "number" and self.at and self.tokens[self.at - 1].kind == "number":
            raise Unreadable("Two numbers stand side by side.", (self.tokens[self.at - 1].start, token.end))
        return (PRODUCT, JUXTAPOSED) if token.kind in STARTS else None

    def joined(self, left: Expression, binding: int, op: str) -> Expression:
        written = self.token.kind == "operator" and self.token.text not in ("(", "{", *BARS)
        if written:
            self.next()
        elif (
            left.op == "divide"
            and left.args[1].op != "literal"
            and self.tokens[self.at - 1].text not in (")", "}")
        ):
            self.review = (
                self.review or "A product after a division was read from the left: a / b c as (a / b) c."
            )
        return make(op, (left, self.expression(binding)))

    def prefix(self) -> Expression:
        start = self.token.start
        if self.sees("-", "+"):
            sign = self.next().text
            inner = self.expression(SIGN)
            return self.made(call("negative", inner), start) if sign == "-" else inner
        return self.powers(self.value(), start)

    def powers(self, value: Expression, start: int) -> Expression:
        """A value with all that follows it: transposes, methods and powers."""
        while True:
            if self.token.kind == "transpose" or self.sees("'"):
                inverted = self.next().text == "-T"
                value = self.made(call("transpose", value), start)
                if inverted:
                    value = self.made(call("inv", value), start)
            elif self.token.kind == "raised":
                value = self.made(make(CARET, (value, _signed(self.next()))), start)
            elif self.token.kind == "method":
                value = self.made(self.method(value), start)
            elif self.sees("^", "**"):
                op = CARET if self.next().text == "^" else "power"
                value = self.made(make(op, (value, self.exponent())), start)
            else:
                return value

    def exponent(self) -> Expression:
        """What stands above: one signed value; powers of powers are read from the right."""
        self.enter()
        start = self.token.start
        if self.sees("-", "+"):
            sign = self.next().text
            inner = self.exponent()
            value = self.made(call("negative", inner), start) if sign == "-" else inner
        else:
            value = self.value()
            if self.sees("^", "**"):
                op = CARET if self.next().text == "^" else "power"
                value = self.made(make(op, (value, self.exponent())), start)
        self.depth -= 1
        return value

    def enter(self) -> None:
        """Go one level deeper, or refuse to."""
        self.depth += 1
        if self.depth > DEEPEST:
            place = (self.token.start, self.token.end)
            raise Unreadable(f"This formula is nested deeper than {DEEPEST} levels.", place)

    def value(self) -> Expression:
        token = self.token
        readers: Mapping[str, Callable[[], Expression]] = {
            "number": lambda: literal(exact(self.next().text)),
            "symbol": self.symbol,
            "constant": lambda: symbol(self.next().text),
            "function": self.function,
            "frac": self.fraction,
        }
        if token.kind in readers:
            return self.made(readers[token.kind](), token.start)
        if self.sees("(", "{"):
            return self.bracket()
        if self.sees(*BARS):
            return self.between_bars()
        raise self.unexpected()

    def between_bars(self) -> Expression:
        r"""``|x|`` and ``‖x‖``; a bar closes what the same bar opened last, or ``\right|`` what ``\left|`` opened."""
        opening = self.next()
        self.bars.append(opening.text)
        inner = self.expression(0)
        if not self.sees(opening.text.replace("left", "right")):
            bar = opening.text.removeprefix("left")
            raise Unreadable(f"The bar “{bar}” is not closed.", (opening.start, opening.end))
        self.next()
        self.bars.pop()
        return self.made(call(BARS[opening.text], inner), opening.start)

    def symbol(self) -> Expression:
        token = self.next()
        if token.text not in self.declared:
            raise Unreadable(
                f"“{self.text[token.start : token.end]}” is what is asked for; write what it equals.",
                (token.start, token.end),
            )
        return symbol(token.text)

    def bracket(self) -> Expression:
        opening = self.next()
        outside, self.bars = self.bars, []
        inner = self.expression(0)
        self.bars = outside
        self.close(opening)
        return inner

    def close(self, opening: Token) -> None:
        closing = CLOSING[opening.text]
        if not self.sees(closing):
            if self.token.kind == "end":
                raise Unreadable(f"The bracket “{opening.text}” is not closed.", (opening.start, opening.end))
            raise self.unexpected()
        self.next()

    def fraction(self) -> Expression:
        self.next()
        self.enter()
        top = self.bracket() if self.sees("{") else self.value()
        bottom = self.bracket() if self.sees("{") else self.value()
        self.depth -= 1
        return call("divide", top, bottom)

    def function(self) -> Expression:
        token = self.next()
        if self.sees("("):
            return self.applied(token, token.text, ())
        if self.sees("{"):
            return called(token.text, (self.bracket(),), {}, (token.start, token.end))
        if self.token.kind in STARTS:
            self.enter()
            start = self.token.start
            value = self.powers(self.value(), start)
            self.depth -= 1
            self.doubt = "A function without brackets was applied to the next factor only."
            if self.token.kind in STARTS - {"function"}:
                self.review = "A function without brackets was applied to the next factor only."
            return called(token.text, (value,), {}, (token.start, token.end))
        raise Unreadable(
            f"The function “{token.text}” needs something in brackets.", (token.start, token.end)
        )

    def method(self, value: Expression) -> Expression:
        token = self.next()
        if token.text not in FUNCTIONS or not self.sees("("):
            raise Unreadable(f"“.{token.text}” is not read here.", (token.start, token.end))
        return self.applied(token, token.text, (value,))

    def applied(self, token: Token, name: str, first: tuple[Expression, ...]) -> Expression:
        """The arguments in round brackets, and what they are given to."""
        opening = self.next()
        outside, self.bars = self.bars, []
        args, attributes = list(first), {}
        while not self.sees(")"):
            if self.token.kind == "word" and self.tokens[self.at + 1].text == "=":
                key = self.next().text
                self.next()
                attributes[key] = self.attribute(key)
            else:
                args.append(self.expression(0))
            if self.sees(","):
                self.next()
            elif not self.sees(")"):
                self.close(opening)
        self.bars = outside
        self.next()
        return called(name, tuple(args), attributes, (token.start, token.end))

    def attribute(self, key: str) -> int | bool | None:
        words = {"True": True, "False": False, "None": None}
        negative = self.sees("-") and bool(self.next())
        token = self.next()
        if token.kind == "word" and token.text in words and not negative:
            return words[token.text]
        if token.kind == "number" and re.fullmatch(r"\d{1,2}", token.text):
            return -int(token.text) if negative else int(token.text)
        raise Unreadable(f"{key} is a small whole number or True or False.", (token.start, token.end))


def _signed(token: Token) -> Expression:
    if not re.fullmatch(r"-?\d{1,4}", token.text):
        raise Unreadable("This superscript is no small whole number.", (token.start, token.end))
    value = literal(Fraction(abs(int(token.text))))
    return call("negative", value) if token.text.startswith("-") else value
