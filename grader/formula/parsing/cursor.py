"""Walking over the tokens of a formula: what comes next, what was met where, and how large a formula may be."""

from __future__ import annotations

import re

from grader.core.errors import Unreadable
from grader.formula.expression import DEFINED, Expression
from grader.formula.parsing.equation_sides import CLOSING
from grader.formula.parsing.lexing.tokens import Token
from grader.formula.parsing.lexing.vocabulary import Vocabulary

DEEPEST = 60
MOST_NODES = 400


class Cursor:
    """A place in a run of tokens; ``spans`` remembers where each expression was first met."""

    def __init__(self, text: str, tokens: tuple[Token, ...], vocabulary: Vocabulary) -> None:
        last = tokens[-1].end if tokens else len(text)
        self.text = text
        self.vocabulary = vocabulary
        self.tokens = list(tokens)
        if not tokens or tokens[-1].kind != "end":
            self.tokens.append(Token("end", "", last, last))
        self.at = 0
        self.token = self.tokens[0]
        self.depth = 0
        self.nodes = 0
        self.spans: dict[Expression, tuple[int, int]] = {}
        self.review: str | None = None
        self.doubt: str | None = None

    def ended(self) -> bool:
        """Whether nothing comes any more."""
        return self.token.kind == "end"

    def sees(self, *texts: str) -> bool:
        """Whether one of these operators comes next."""
        return self.token.kind == "operator" and self.token.text in texts

    def next(self) -> Token:
        """Go past the next token, and return it."""
        token = self.token
        self.go(min(self.at + 1, len(self.tokens) - 1))
        return token

    def go(self, at: int) -> None:
        """Go to a token."""
        self.at = at
        self.token = self.tokens[at]

    def skips(self, *texts: str) -> bool:
        """Go past one of these operators if it comes next."""
        return self.sees(*texts) and bool(self.next())

    def adjoins(self) -> bool:
        """Whether nothing stands between the last token and the next."""
        return self.at > 0 and self.tokens[self.at - 1].end == self.token.start

    def made(self, expression: Expression, start: int) -> Expression:
        """Note where an expression stands: from ``start`` to the last token."""
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise Unreadable(
                f"This formula has more than {MOST_NODES} parts, which is more than is read.",
                (start, self.token.start),
            )
        span = (start, self.tokens[self.at - 1].end)
        self.spans.setdefault(expression, span)
        if expression.op == DEFINED:
            self.spans.setdefault(expression.args[-1], span)
        return expression

    def enter(self) -> None:
        """Go one level deeper, or refuse to."""
        self.depth += 1
        if self.depth > DEEPEST:
            place = (self.token.start, self.token.end)
            raise Unreadable(f"This formula is nested deeper than {DEEPEST} levels.", place)

    def close(self, opening: Token) -> None:
        """Go past the bracket that closes an open one."""
        if not self.sees(CLOSING[opening.text]):
            if self.ended():
                shown = self.text[opening.start : opening.end]
                raise Unreadable(f"The bracket “{shown}” is not closed.", (opening.start, opening.end))
            raise self.unexpected()
        self.next()

    def unexpected(self) -> Unreadable:
        """Say that the next token cannot stand here."""
        token = self.token
        span = (token.start, token.end)
        if token.kind == "end":
            return Unreadable("The formula breaks off at the end.", span)
        shown = self.text[token.start : token.end]
        if token.text == "," and re.search(r"\d,\d", self.text[max(token.start - 1, 0) : token.end + 1]):
            return Unreadable("Write decimals with a point, as in 3.5, and long numbers without commas.", span)
        if token.kind == "operator" and token.text in CLOSING.values():
            return Unreadable(f"The bracket “{shown}” closes nothing.", span)
        return Unreadable(f"“{shown}” is not expected here.", span)
