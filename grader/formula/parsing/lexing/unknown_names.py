"""What a student reads about a name that the question does not have: a look-alike letter, or the nearest right name."""

from __future__ import annotations

import unicodedata

from grader.core.errors import Unreadable, nearest
from grader.formula.functions.table import SPELLINGS
from grader.formula.parsing.lexing.vocabulary import Vocabulary

LOOKALIKES = dict(zip("аеорсхуіјѕАВЕКМНОРСТХοΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcxyijsABEKMHOPCTXoABEZHIKMNOPTYX", strict=True))
PYTHON = frozenset(
    (
        "import",
        "if",
        "else",
        "for",
        "while",
        "def",
        "return",
        "class",
        "lambda",
        "print",
        "exec",
        "eval",
        "open",
        "range",
        "not",
        "and",
        "or",
    )
)


def unknown_name(name: str, span: tuple[int, int], vocabulary: Vocabulary, quotient: str | None = None) -> Unreadable:
    """Say that a name is not known here, and which one may have been meant; ``quotient`` is it with what it is divided by."""
    if quotient and (near := nearest(quotient, _spelt(vocabulary, name))) and "/" in near:
        message = f"The name “{quotient}” is not known in this question. Did you mean “{near}”?"
        return Unreadable(message, (span[0], span[0] + len(quotient)))
    for each in name:
        if each in LOOKALIKES:
            called = unicodedata.name(each).capitalize()
            message = f"“{each}” in “{name}” is the {called}, which only looks like “{LOOKALIKES[each]}”. Please type it anew."
            return Unreadable(message, span)
    if name in PYTHON or name.startswith("__"):
        return Unreadable(f"“{name}” is a word of Python, not of a formula; write one formula alone.", span)
    own = [*vocabulary.symbols, *vocabulary.definitions]
    bare = {_bare(each): each for each in (*vocabulary.sizes, *own)}
    near = bare.get(_bare(name)) or nearest(name, own) or nearest(name, _spelt(vocabulary, name))
    shown = name if len(name) <= 40 else name[:40] + "…"
    hint = f" Did you mean “{near}”?" if near else f" You may use {', '.join(own)}." if own else ""
    return Unreadable(f"The name “{shown}” is not known in this question.{hint}", span)


def _bare(name: str) -> str:
    """Return a name without what may be forgotten of it: ``dk`` for ``d_k``."""
    return name.replace("_", "").casefold()


def _spelt(vocabulary: Vocabulary, name: str) -> list[str]:
    """Other names that may have been meant: spellings of symbols, and functions that begin alike."""
    spelt = [spelling for symbol, spelling in vocabulary.spellings if symbol not in vocabulary.left]
    alike = [each for each in SPELLINGS if len(name) > 3 and each[:2] == name[:2]]
    return spelt + alike
