"""Which side of an equation is the answer: ``x2 = p1`` is read as ``p1`` where the blank is named ``x2``."""

from __future__ import annotations

import re
from typing import NoReturn

from grader.core.errors import Unreadable
from grader.formula.functions.table import SPELLINGS
from grader.formula.parsing.lexing.tokens import Token
from grader.formula.parsing.lexing.vocabulary import Vocabulary, normalize

MAX_HEADING_CHARACTERS = 120
NAME = r"(?:[∂∇]|\\partial\s*|\\nabla\s*)?\\?[^\W\d][\w{}\\^*'’]{0,30}"
SENTENCE = re.compile(
    r"\s*((?:[A-Za-z]{2,15}\s+){0,4}[A-Za-z]{2,15})(?:\s+(?:is|equals)\s+|\s*:(?!=)\s*|\s+=(?!=)\s*)(?=\S)",
    re.IGNORECASE,
)
IN_BRACKETS = r"(?:\s*+\([\w\s,;|]{0,30}\))?"
NAMED = re.compile(
    rf"\s*+\$?+(?P<name>(?:\\[dt]?frac)?\s*+(?:\{{\s*+)?{NAME}{IN_BRACKETS}(?:\s*+/\s*+{NAME}|\s++{NAME}|\s*+(?:\}}\s*+)?\{{\s*+{NAME}\s*+\}})?)\s*+(?::?=(?!=)|←|<-(?=\s))"
)
"""The name of a thing before an equals sign: ``w* =``, ``f(x) =``, ``∂L/∂x =``."""

CLOSING = {"(": ")", "[": "]", "{": "}", "⟦": "⟧", "⟨": "⟩", "⌊": "⌋", "⌈": "⌉"}


def skip_heading(text: str, vocabulary: Vocabulary) -> tuple[int, str | None]:
    """Return where the formula begins behind a name of its own with an equals sign, and what to doubt about that.

    A symbol of the problem is no such name where the author says what the blank is called.
    """
    if begin := skip_sentence(text, vocabulary):
        return begin, f"“{text[:begin].strip()}” was read as a name for what follows."
    found = NAMED.match(text) if any(sign in text[:MAX_HEADING_CHARACTERS] for sign in ("=", "←", "<-")) else None
    if found is None or "=" in text[found.end() :] or not text[found.end() :].strip():
        return 0, None
    name = found["name"].strip()
    if name.count("{") != name.count("}"):
        return 0, None
    if normalize(name).casefold() in {normalize(each).casefold() for each in vocabulary.left}:
        return 0, None
    if vocabulary.left and vocabulary.lookup(name):
        return 0, None
    return found.end(), f"“{name} =” was read as a name for what follows."


def skip_sentence(text: str, vocabulary: Vocabulary) -> int:
    """Return where the formula begins behind words such as “the answer is”; 0 where there are none."""
    found = SENTENCE.match(text)
    words = found[1].split() if found else []
    if found is None or any(vocabulary.lookup(word) or word in SPELLINGS for word in words):
        return 0
    return found.end()


def answer_side(text: str, tokens: tuple[Token, ...], left: tuple[str, ...]) -> tuple[int, int]:
    """Return which tokens are the answer: all of them, or the side of an equation that does not name the blank."""
    equals, depth = [], 0
    for index, token in enumerate(tokens):
        depth += (token.text in CLOSING) - (token.text in CLOSING.values()) if token.kind == "operator" else 0
        if token.kind == "operator" and token.text in ("=", "==") and depth == 0:
            equals.append(index)
    if equals and equals[0] == 0:
        return (1, len(tokens)) if len(equals) == 1 else _refuse_second(tokens[equals[1]])
    if not equals:
        return 0, len(tokens)
    if len(equals) > 1:
        _refuse_second(tokens[equals[1]])
    [at_sign] = equals
    names = {normalize(name).casefold() for name in left}
    before = text[tokens[0].start : tokens[at_sign].start]
    after = text[tokens[at_sign].end : tokens[-1].end]
    if normalize(before).casefold() in names:
        return at_sign + 1, len(tokens)
    if normalize(after).casefold() in names:
        return 0, at_sign
    span = (tokens[at_sign].start, tokens[at_sign].end)
    wanted = f"; write {left[0]} = … or the right side alone" if left else "; write the formula alone"
    raise Unreadable(f"Neither side of this equation names what is asked{wanted}.", span)


def _refuse_second(sign: Token) -> NoReturn:
    raise Unreadable("There is more than one equals sign; write a single formula.", (sign.start, sign.end))
