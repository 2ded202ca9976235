"""Text to expression: one Pratt parser for NumPy, ordinary maths typing and LaTeX.

Binding, from loose to tight: comparisons; sums; ⊙; * @ and / from the left; products with a dot or without a sign; a
sign in front; powers, from the right; what follows a value (transpose, method, index). So ``f ⊙ W g`` and ``f * W g``
are f ⊙ (W g), while ``f * W @ g`` is (f * W) @ g as in NumPy, and ``a / b c`` is (a / b) c.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.core.errors import Unreadable
from grader.formula.expression import (
    CARET,
    CROSSED,
    DEFINED,
    JUXTAPOSED,
    LITERAL,
    POINTED,
    SYMBOL,
    Expression,
    call,
    make,
)
from grader.formula.functions.call_arguments import constant_number
from grader.formula.functions.table import COMPARISONS
from grader.formula.parsing.atoms import (
    COMPARISON,
    HADAMARD,
    JUXTAPOSITION,
    OPENS,
    PRODUCT,
    SIGN,
    STARTS,
    SUM,
)
from grader.formula.parsing.calls import Calls
from grader.formula.parsing.disambiguate import Spans, resolve
from grader.formula.parsing.equation_sides import answer_side, heading
from grader.formula.parsing.lexing.lexer import Token, cut
from grader.formula.parsing.lexing.vocabulary import Vocabulary

INFIX: Mapping[str, tuple[int, str]] = {
    **{sign: (COMPARISON, name) for name, sign in COMPARISONS.items()},
    "+": (SUM, "add"),
    "-": (SUM, "subtract"),
    "@": (PRODUCT, "matmul"),
    "product": (JUXTAPOSITION, POINTED),
    "times": (JUXTAPOSITION, CROSSED),
    "choose": (SIGN, "binomial"),
    "elementwise": (HADAMARD, "multiply"),
    "/": (PRODUCT, "divide"),
}
CLOSING_BARS = ("|", "‖", "||")
LEFT_OUT = (JUXTAPOSITION, JUXTAPOSED)
FROM_THE_LEFT = "A product after a division was read from the left: a / b c as (a / b) c."


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
    begin, named = heading(text, vocabulary)
    pieces = cut(text, vocabulary, begin)
    start, end = answer_side(text, pieces.tokens, vocabulary.left)
    parser = _Parser(text, pieces.tokens[start:end], vocabulary)
    expression = parser.whole()
    resolved, spans, unsure = resolve(expression, parser.spans, vocabulary)
    return Reading(
        resolved,
        spans,
        pieces.dropped,
        pieces.review or parser.review,
        named or pieces.doubt or parser.doubt or unsure,
    )


def _function_letter(name: str) -> bool:
    """Whether a symbol is called as a function often is: σ, or Γ."""
    return name in ("sigma", "σ", "Gamma", "Γ")


class _Parser(Calls):
    """Joins values with operators."""

    def __init__(self, text: str, tokens: tuple[Token, ...], vocabulary: Vocabulary) -> None:
        super().__init__(text, tokens, vocabulary)
        self.bars = []
        self.star = (PRODUCT, "multiply" if vocabulary.star == "elementwise" else JUXTAPOSED)

    def whole(self) -> Expression:
        """Read all tokens."""
        if self.ended():
            raise Unreadable("There is no formula here.")
        expression = self.expression(0)
        if not self.ended():
            raise self.unexpected()
        return expression

    def expression(self, binding: int) -> Expression:
        self.enter()
        start = self.token.start
        left = self.prefix()
        while (power := self.infix()) is not None and power[0] > binding:
            left = self.compared(left) if power[0] == COMPARISON else self.made(self.joined(left, *power), start)
        self.depth -= 1
        return left

    def infix(self) -> tuple[int, str] | None:
        """How strongly the next operator binds, or a sign left out, and what it does; None where the value ends."""
        kind, text = self.token.kind, self.token.text
        if kind == "operator":
            if text == "*":
                return self.star
            if text in INFIX:
                return None if text in "+-" and self.parted() and self.bracketed() else INFIX[text]
            if text == "=" and self.inside:
                return INFIX["=="]
            return LEFT_OUT if text in OPENS and not self.closes(text) else None
        if kind == "number" and self.at and self.tokens[self.at - 1].kind == "number":
            if self.parted() and self.bracketed():
                return None
            raise Unreadable("Two numbers stand side by side.", (self.tokens[self.at - 1].start, self.token.end))
        if kind not in STARTS or (self.spaced and self.parted()):
            return None
        return LEFT_OUT

    def closes(self, bar: str) -> bool:
        """Whether a bar closes one that is open."""
        return bar in CLOSING_BARS and (bar in self.bars or (bar == "||" and "|" in self.bars))

    def bracketed(self) -> bool:
        """Whether the innermost open bracket is that of a matrix, where a space may stand for a comma."""
        depth = 0
        for token in reversed(self.tokens[: self.at]):
            if token.kind == "operator" and token.text in "()[]{}⟦⟧":
                depth += 1 if token.text in ")]}⟧" else -1
                if depth < 0:
                    return token.text in "[⟦"
        return False

    def joined(self, left: Expression, binding: int, op: str) -> Expression:
        """Read what stands behind an operator, or behind no sign at all."""
        if self.token.kind == "operator" and self.token.text not in OPENS:
            if self.sees("@") and left.op == "divide" and self.matrix(left.args[1]):
                self.doubt = self.doubt or FROM_THE_LEFT
            self.next()
        elif left.op == "divide" and self.at != self.fraction and self.tokens[self.at - 1].text not in (")", "}"):
            self.divided(left.args[1])
        elif left.op == "divide" and self.at != self.fraction and self.adjoins() and self.sees("("):
            self.doubt = self.doubt or FROM_THE_LEFT
        elif (
            left.op == SYMBOL
            and self.adjoins()
            and self.sees("(")
            and (self.tokens[self.at + 1].kind in ("symbol", "number") or _function_letter(str(left.value)))
            and (self.tokens[self.at + 2].text == ")" or _function_letter(str(left.value)))
        ):
            self.doubt = (
                self.doubt or f"“{self.text[self.tokens[self.at - 1].start : self.token.end]}…” was read as a product."
            )
        right = self.expression(JUXTAPOSITION if op == "divide" else binding)
        return make(op, (left, right))

    def divided(self, below: Expression) -> None:
        """Note how sure it is that ``a / b c`` means (a / b) c: spaces, numbers and matrices tell."""
        loose = not self.adjoins()
        tight = self.text[self.tokens[self.at - 1].start - 1] == "/"
        matrix = self.token.kind == "symbol" and bool(self.vocabulary.shapes.get(self.token.text))
        if self.matrix(below):  # Nobody divides by a vector that a product follows.
            self.review = self.review or FROM_THE_LEFT
        elif matrix or (loose and below.op in (LITERAL, DEFINED)):
            return
        elif below.op == LITERAL or (loose and tight):
            self.doubt = self.doubt or FROM_THE_LEFT
        else:
            self.review = self.review or FROM_THE_LEFT

    def matrix(self, value: Expression) -> bool:
        """Whether a value is a symbol with axes, transposed perhaps."""
        while value.op in ("transpose", "index"):
            value = value.args[0]
        return value.op == SYMBOL and bool(self.vocabulary.shapes.get(str(value.value)))

    def compared(self, left: Expression) -> Expression:
        """Comparisons, one or a chain: ``0 < x < 1`` is 1 where both hold."""
        start, result = self.token.start, None
        while (power := self.infix()) is not None and power[0] == COMPARISON:
            self.next()
            right = self.expression(COMPARISON)
            found = self.made(call(power[1], left, right), start)
            result, left = found if result is None else call("multiply", result, found), right
        assert result is not None
        return result

    def prefix(self) -> Expression:
        """A sign, or a value with all that follows it."""
        start = self.token.start
        if self.sees("-", "+"):
            sign = self.next().text
            inner = self.expression(SIGN)
            return self.made(call("negative", inner), start) if sign == "-" else inner
        return self.powers(self.value(), start)

    def powers(self, value: Expression, start: int) -> Expression:
        """A value with its transposes, methods, indices, factorials and powers."""
        while True:
            kind = self.token.kind
            if kind == "transpose" or self.sees("'"):
                if self.sees("'") and value.op == SYMBOL and self.vocabulary.shapes.get(str(value.value)) == ():
                    self.review = (
                        self.review or "A prime behind a single number was read as a transpose, which changes nothing."
                    )
                if self.tokens[self.at - 1].kind == "number" and self.tokens[self.at - 1].text == "1":
                    place = (self.tokens[self.at - 1].start, self.token.end)
                    raise Unreadable("Write a vector of ones as ones(3) or ones((3, 1)).", place)
                inverted = self.next().text == "-T"
                value = self.made(call("transpose", value), start)
                if inverted:
                    value = self.made(call("inv", value), start)
            elif kind == "raised":
                value = self.made(make(CARET, (value, self.raised())), start)
            elif self.sees("^", "**"):
                value = self.made(self.power(value), start)
            elif self.sees("!"):
                self.next()
                if value.op in (CARET, "power") and self.tokens[self.at - 2].text not in (")", "}"):
                    self.review = self.review or "A factorial behind a power was read as that of the whole power."
                if self.sees("!") and self.adjoins():
                    raise Unreadable("A double factorial is not read here.", (start, self.token.end))
                value = self.made(call("factorial", value), start)
            elif (found := self.dotted(value, start)) is not value:
                value = found
            else:
                return value

    def dotted(self, value: Expression, start: int) -> Expression:
        """A value with what binds to it more closely than a power does in Python: methods, ``.T``, an index."""
        while True:
            if self.token.kind == "method":
                value = self.made(self.method(value), start)
            elif self.token.kind == "transpose" and self.token.text.startswith("."):
                self.next()
                value = self.made(call("transpose", value), start)
            elif self.indexed() and (found := self.index(value)):
                value = self.made(found, start)
            else:
                return value

    def indexed(self) -> bool:
        """Whether a bracket follows so closely that it may be an index."""
        return self.sees("[") and self.adjoins() and self.tokens[self.at - 1].kind != "number"

    def power(self, base: Expression) -> Expression:
        r"""A power behind its sign; ``^{\odot 2}`` and ``**`` are powers by entries."""
        op = CARET if self.next().text == "^" else "power"
        back = self.at
        if self.sees("{") and self.tokens[self.at + 1].text in ("(", "[") and self.tokens[self.at + 2].kind == "number":
            self.review = self.review or "A number in brackets above a letter was read as a power."
        if self.skips("{", "(") and self.skips("elementwise"):
            exponent = self.expression(0)
            self.close(self.tokens[back])
            return make("power", (base, exponent))
        self.go(back)
        if self.sees("-", "+") and not self.adjoins() and self.text[self.token.end : self.token.end + 1].isspace():
            raise Unreadable("Nothing stands above here.", (self.tokens[self.at - 1].start, self.token.start))
        exponent = self.exponent()
        if op == CARET and self.tokens[back].text not in ("{", "("):
            exponent = self.glued(base, exponent, back)
        if (
            self.sees("/")
            and self.adjoins()
            and self.tokens[back].text in ("1", "-")
            and abs(constant_number(exponent) or 0) == 1
        ):
            self.doubt = self.doubt or "The power was read before the division: x^1/2 as (x^1)/2."
        return make(op, (base, exponent))

    def glued(self, base: Expression, exponent: Expression, back: int) -> Expression:
        """What clings to a power without brackets: of ``e^2x`` all of it, of other bases a reason for doubt."""
        start = self.tokens[back].start
        natural = base.op == SYMBOL and base.value == "e"
        clung = False
        while natural and self.token.kind in STARTS - {"function"} and self.adjoins():
            clung = True
            factor = self.token.start
            exponent = self.made(make(JUXTAPOSED, (exponent, self.powers(self.value(), factor))), start)
        clings = self.adjoins() and (self.token.kind in STARTS or (self.sees("/") and natural))
        minus = (
            self.sees("-", "+")
            and self.adjoins()
            and exponent.op == SYMBOL
            and not self.text[self.token.end : self.token.end + 1].isspace()
        )
        if clings or minus or clung:
            self.doubt = self.doubt or "How far a power reaches was guessed; put brackets around it."
        return exponent

    def exponent(self) -> Expression:
        """What stands above: one signed value; powers of powers are read from the right."""
        self.enter()
        start = self.token.start
        if self.sees("-", "+"):
            sign = self.next().text
            if sign == "+":
                place = (self.tokens[self.at - 1].start, self.token.start)
                raise Unreadable("A plus sign in a superscript is not read here.", place)
            inner = self.exponent()
            value = self.made(call("negative", inner), start)
        else:
            value = self.dotted(self.value(), start)
            if self.sees("^", "**"):
                value = self.made(self.power(value), start)
        self.depth -= 1
        return value
