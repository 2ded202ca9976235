"""The cursor over the tokens of a formula: what comes next, where each part stands, and how large a formula may be."""

from __future__ import annotations

import re

from grader.core.errors import Unreadable
from grader.formula.expression import DEFINED, Expression
from grader.formula.parsing.equation_sides import CLOSING
from grader.formula.parsing.lexing.tokens import Token
from grader.formula.parsing.lexing.vocabulary import Vocabulary

MAX_DEPTH = 60
MAX_NODES = 400
MAX_BACKTRACKS = 12
"""How often a formula may be read in another way: each time can double the work."""


class Cursor:
    """A place in a run of tokens; ``token`` is the next one.

    ``spans`` remembers where each expression was first met. ``review`` and ``doubt`` are as in ``Reading``; the first
    reason for each is kept.
    """

    def __init__(self, text: str, tokens: tuple[Token, ...], vocabulary: Vocabulary) -> None:
        last = tokens[-1].end if tokens else len(text)
        self.text = text
        self.vocabulary = vocabulary
        self.tokens = list(tokens)
        if not tokens or tokens[-1].kind != "end":
            self.tokens.append(Token("end", "", last, last))
        self.position = 0
        self.token = self.tokens[0]
        self.depth = 0
        self.nodes = 0
        self.backtracks = 0
        self.spans: dict[Expression, tuple[int, int]] = {}
        self.review: str | None = None
        self.doubt: str | None = None

    @property
    def previous(self) -> Token:
        """The token before the next; at the beginning the last of all, which is of kind ``end``."""
        return self.tokens[self.position - 1]

    def note_review(self, reason: str) -> None:
        """Say why a person should look at this reading, unless there is a reason already."""
        self.review = self.review or reason

    def note_doubt(self, reason: str) -> None:
        """Say why a person should look at this reading if the answer turns out wrong, unless there is a reason already."""
        self.doubt = self.doubt or reason

    def is_at_end(self) -> bool:
        """True if all tokens have been read."""
        return self.token.kind == "end"

    def peek(self, *texts: str) -> bool:
        """True if one of these operators comes next."""
        return self.token.kind == "operator" and self.token.text in texts

    def advance(self) -> Token:
        """Go past the next token, and return it."""
        token = self.token
        self.seek(min(self.position + 1, len(self.tokens) - 1))
        return token

    def seek(self, at: int) -> None:
        """Go to a token."""
        self.position = at
        self.token = self.tokens[at]

    def accept(self, *texts: str) -> bool:
        """Go past one of these operators if it comes next; True if it did."""
        return self.peek(*texts) and bool(self.advance())

    def is_adjacent(self) -> bool:
        """True if nothing, not even a space, stands between the previous token and the next."""
        return self.position > 0 and self.previous.end == self.token.start

    def with_span(self, expression: Expression, start: int) -> Expression:
        """Note where an expression stands, from ``start`` to the previous token, and return it; bounds the size of a formula."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise Unreadable(
                f"This formula has more than {MAX_NODES} parts, which is more than is read.",
                (start, self.token.start),
            )
        span = (start, self.previous.end)
        self.spans.setdefault(expression, span)
        if expression.op == DEFINED:
            self.spans.setdefault(expression.args[-1], span)
        return expression

    def enter(self) -> None:
        """Go one level deeper; raises Unreadable where that is too deep. Each is followed by ``leave``."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            place = (self.token.start, self.token.end)
            raise Unreadable(f"This formula is nested deeper than {MAX_DEPTH} levels.", place)

    def leave(self) -> None:
        """Come back from a level."""
        self.depth -= 1

    def expect_closing(self, opening: Token) -> None:
        """Go past the bracket that closes ``opening``; raises Unreadable where something else comes."""
        if not self.peek(CLOSING[opening.text]):
            if self.is_at_end():
                shown = self.text[opening.start : opening.end]
                raise Unreadable(f"The bracket “{shown}” is not closed.", (opening.start, opening.end))
            raise self.unexpected_token()
        self.advance()

    def unexpected_token(self) -> Unreadable:
        """Return the error that the next token cannot stand here."""
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

    def backtrack(self, back: int) -> None:
        """Go back to read something in another way; not so often that it takes long."""
        self.backtracks += 1
        if self.backtracks > MAX_BACKTRACKS:
            raise Unreadable(
                "This formula has too many brackets that could be read in several ways.",
                (self.tokens[back].start, self.token.start),
            )
        self.seek(back)
