"""The state of the lexer while it walks through one text."""

from __future__ import annotations

from grader.formula.parsing.lexing.tokens import Kind, Token
from grader.formula.parsing.lexing.vocabulary import MAX_NAME_CHARACTERS, Vocabulary


class Scanner:
    """Walks one text from left to right; each function ``scan_…`` reads the token at its ``position``.

    A function that cuts two tokens at once returns the first and leaves the rest in ``pending``. ``last_text`` is the
    token before, for signs whose meaning it decides. ``review`` and ``doubt`` are as in ``Tokens``.
    """

    def __init__(self, text: str, end: int, vocabulary: Vocabulary, start: int) -> None:
        self.text = text
        self.end = end
        self.vocabulary = vocabulary
        self.position = start
        self.pending: tuple[Token, ...] = ()
        self.last_text = ""
        self.review: str | None = None
        self.doubt: str | None = None

    def take(self, kind: Kind, text: str, end: int) -> Token:
        """Return a token from here to ``end``, and go past it."""
        token = Token(kind, text, self.position, end)
        self.position = end
        return token

    def take_name(self, name: str, end: int) -> Token:
        """Return the token of a name of the question, and go past it."""
        return self.take("defined" if name in self.vocabulary.definitions else "symbol", name, min(end, self.end))


def brace_group_end(text: str, at: int) -> int | None:
    """Return the end of the brace group that begins at or after ``at``, if it is as short as a name."""
    while text[at : at + 1].isspace():
        at += 1
    if text[at : at + 1] != "{" or text.find("}", at, at + MAX_NAME_CHARACTERS) < 0:
        return None
    depth = 0
    for index in range(at, min(at + MAX_NAME_CHARACTERS, len(text))):
        depth += (text[index] == "{") - (text[index] == "}")
        if depth == 0:
            return index + 1
    return None
