"""The parser, from text to expression: one Pratt parser for NumPy, ordinary maths typing and LaTeX.

Binding, from loose to tight: comparisons; sums; ⊙; * @ and / from the left; products with a dot or without a sign; a
sign in front; powers, from the right; what follows a value (transpose, method, index). So ``f ⊙ W g`` and ``f * W g``
are f ⊙ (W g), while ``f * W @ g`` is (f * W) @ g as in NumPy, and ``a / b c`` is (a / b) c.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.core.errors import Unreadable
from grader.core.text_limits import check_length
from grader.formula.expression import CROSSED, DEFINED, JUXTAPOSED, LITERAL, POINTED, SYMBOL, Expression, call, make
from grader.formula.functions.table import COMPARISONS
from grader.formula.parsing import atoms
from grader.formula.parsing.brackets import is_cell_boundary, read_bracket, read_opened
from grader.formula.parsing.calls import read_function
from grader.formula.parsing.disambiguate import Spans, resolve
from grader.formula.parsing.equation_sides import answer_side, skip_heading
from grader.formula.parsing.grammar import (
    COMPARISON,
    HADAMARD,
    JUXTAPOSITION,
    OPENS,
    PRODUCT,
    SIGN,
    STARTS,
    SUM,
    Grammar,
)
from grader.formula.parsing.lexing.lexer import tokenize
from grader.formula.parsing.lexing.tokens import Token
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.postfix import read_exponent, read_postfix

MAX_FORMULA_CHARACTERS = 2_000
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
READERS: Mapping[str, Callable[[Grammar, Token], Expression]] = {
    "number": atoms.read_number,
    "symbol": atoms.read_symbol,
    "constant": atoms.read_constant,
    "size": atoms.read_size,
    "defined": atoms.read_defined,
    "identity": atoms.read_identity,
    "frac": atoms.read_fraction,
    "function": read_function,
}
"""What reads a value, by the kind of token that begins it."""
CLOSING_BARS = ("|", "‖", "||")
SIGN_LEFT_OUT = (JUXTAPOSITION, JUXTAPOSED)
READ_FROM_THE_LEFT = "A product after a division was read from the left: a / b c as (a / b) c."


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


def parse(text: str, vocabulary: Vocabulary) -> Reading:
    """Read a formula; raises Unreadable with a message and a place for the student.

    >>> from grader.formula.symbols import Symbol
    >>> vocabulary = Vocabulary({"A": Symbol(shape=(2, 3)), "x": Symbol(shape=(3,)), "b": Symbol()},
    ...                         {"A": (2, 3), "x": (3,), "b": ()})
    >>> parse("A x + 2b", vocabulary).expression  # A product without a sign is what the shapes say: (2×3)(3,) is (2,).
    add(matmul(A, x), multiply(2, b))
    >>> parse(r"\\frac{1}{2} b", vocabulary).expression is parse("1/2 * b", vocabulary).expression
    True
    >>> parse("1/2b", vocabulary).doubt
    'A product after a division was read from the left: a / b c as (a / b) c.'

    Where the vocabulary names the blank, ``x2 = …`` and ``… = x2`` are read as what stands on the other side.
    """
    check_length(text, MAX_FORMULA_CHARACTERS)
    begin, heading_doubt = skip_heading(text, vocabulary)
    lexed = tokenize(text, vocabulary, begin)
    start, end = answer_side(text, lexed.tokens, vocabulary.left)
    parser = Parser(text, lexed.tokens[start:end], vocabulary)
    expression = parser.formula()
    resolved, spans, shape_doubt = resolve(expression, parser.spans, vocabulary)
    return Reading(
        resolved,
        spans,
        lexed.dropped,
        lexed.review or parser.review,
        heading_doubt or lexed.doubt or parser.doubt or shape_doubt,
    )


def _is_function_letter(name: str) -> bool:
    """True if a symbol is called as a function often is: σ, or Γ."""
    return name in ("sigma", "σ", "Gamma", "Γ")


class Parser(Grammar):
    """Joins values with operators; what values are made of, the functions of the other modules read."""

    def __init__(self, text: str, tokens: tuple[Token, ...], vocabulary: Vocabulary) -> None:
        super().__init__(text, tokens, vocabulary)
        self.star_infix = (PRODUCT, "multiply" if vocabulary.star == "elementwise" else JUXTAPOSED)

    def formula(self) -> Expression:
        """Read all tokens; raises Unreadable where they are not one formula."""
        if self.is_at_end():
            raise Unreadable("There is no formula here.")
        expression = self.expression(0)
        if not self.is_at_end():
            raise self.unexpected_token()
        return expression

    def expression(self, binding: int) -> Expression:
        """Read as much as binds more strongly than ``binding``: Pratt's loop."""
        self.enter()
        start = self.token.start
        left = self._prefix()
        while (power := self._infix()) is not None and power[0] > binding:
            left = (
                self._comparisons(left)
                if power[0] == COMPARISON
                else self.with_span(self._operation(left, *power), start)
            )
        self.leave()
        return left

    def _infix(self) -> tuple[int, str] | None:
        """How strongly the next operator binds, or a sign left out, and what it does; None where the value ends."""
        kind, text = self.token.kind, self.token.text
        if kind == "operator":
            if text == "*":
                return self.star_infix
            if text in INFIX:
                return None if text in "+-" and is_cell_boundary(self) and self._is_in_matrix() else INFIX[text]
            if text == "=" and self.bracket_depth:
                return INFIX["=="]
            return SIGN_LEFT_OUT if text in OPENS and not self._closes(text) else None
        if kind == "number" and self.position and self.previous.kind == "number":
            if is_cell_boundary(self) and self._is_in_matrix():
                return None
            raise Unreadable("Two numbers stand side by side.", (self.previous.start, self.token.end))
        if kind not in STARTS or (self.space_separates and is_cell_boundary(self)):
            return None
        return SIGN_LEFT_OUT

    def _closes(self, bar: str) -> bool:
        """True if a bar closes one that is open."""
        return bar in CLOSING_BARS and (bar in self.open_bars or (bar == "||" and "|" in self.open_bars))

    def _is_in_matrix(self) -> bool:
        """True if the innermost open bracket is that of a matrix, where a space may stand for a comma."""
        depth = 0
        for token in reversed(self.tokens[: self.position]):
            if token.kind == "operator" and token.text in "()[]{}⟦⟧":
                depth += 1 if token.text in ")]}⟧" else -1
                if depth < 0:
                    return token.text in "[⟦"
        return False

    def _operation(self, left: Expression, binding: int, op: str) -> Expression:
        """Read what stands behind an operator, or behind no sign at all."""
        if self.token.kind == "operator" and self.token.text not in OPENS:
            if self.peek("@") and left.op == "divide" and self._is_array(left.args[1]):
                self.note_doubt(READ_FROM_THE_LEFT)
            self.advance()
        elif left.op == "divide" and self.position != self.fraction_end and self.previous.text not in (")", "}"):
            self._note_division(left.args[1])
        elif left.op == "divide" and self.position != self.fraction_end and self.is_adjacent() and self.peek("("):
            self.note_doubt(READ_FROM_THE_LEFT)
        elif (
            left.op == SYMBOL
            and self.is_adjacent()
            and self.peek("(")
            and (self.tokens[self.position + 1].kind in ("symbol", "number") or _is_function_letter(str(left.value)))
            and (self.tokens[self.position + 2].text == ")" or _is_function_letter(str(left.value)))
        ):
            self.note_doubt(f"“{self.text[self.previous.start : self.token.end]}…” was read as a product.")
        right = self.expression(JUXTAPOSITION if op == "divide" else binding)
        return make(op, (left, right))

    def _note_division(self, below: Expression) -> None:
        """Note how sure it is that ``a / b c`` means (a / b) c: spaces, numbers and matrices tell."""
        loose = not self.is_adjacent()
        tight = self.text[self.previous.start - 1] == "/"
        matrix = self.token.kind == "symbol" and bool(self.vocabulary.shapes.get(self.token.text))
        if self._is_array(below):  # Nobody divides by a vector that a product follows.
            self.note_review(READ_FROM_THE_LEFT)
        elif matrix or (loose and below.op in (LITERAL, DEFINED)):
            return
        elif below.op == LITERAL or (loose and tight):
            self.note_doubt(READ_FROM_THE_LEFT)
        else:
            self.note_review(READ_FROM_THE_LEFT)

    def _is_array(self, value: Expression) -> bool:
        """True if a value is a symbol with axes, transposed perhaps."""
        while value.op in ("transpose", "index"):
            value = value.args[0]
        return value.op == SYMBOL and bool(self.vocabulary.shapes.get(str(value.value)))

    def _comparisons(self, left: Expression) -> Expression:
        """Comparisons, one or a chain: ``0 < x < 1`` is 1 where both hold."""
        start, result = self.token.start, None
        while (power := self._infix()) is not None and power[0] == COMPARISON:
            self.advance()
            right = self.expression(COMPARISON)
            found = self.with_span(call(power[1], left, right), start)
            result, left = found if result is None else call("multiply", result, found), right
        assert result is not None
        return result

    def _prefix(self) -> Expression:
        """A sign, or a value with all that follows it."""
        start = self.token.start
        if self.peek("-", "+"):
            sign = self.advance().text
            inner = self.expression(SIGN)
            return self.with_span(call("negative", inner), start) if sign == "-" else inner
        return self.postfix(self.value(), start)

    def postfix(self, value: Expression, start: int) -> Expression:
        """Read all that follows a value that begins at ``start``."""
        return read_postfix(self, value, start)

    def exponent(self) -> Expression:
        """Read what stands in a superscript."""
        return read_exponent(self)

    def value(self) -> Expression:
        """Read a number, a name, a function or a bracket with what is in it."""
        start, kind = self.token.start, self.token.kind
        if kind in STARTS:
            return self.with_span(READERS[kind](self, self.advance()), start)
        if kind == "operator" and (self.token.text in OPENS or self.token.text == "<"):
            opening = self.advance()
            if opening.text in ("(", "{"):
                return read_bracket(self, opening)
            self.enter()
            value = read_opened(self, opening)
            self.leave()
            return self.with_span(value, start)
        raise self.unexpected_token()
