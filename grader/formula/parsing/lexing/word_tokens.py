"""Tokens that begin with a letter: names of the question, functions, constants, and several of them glued into one word."""

from __future__ import annotations

import re
import unicodedata

from grader.core.errors import Unreadable
from grader.formula.functions.table import CONSTANTS, FOLDED_SPELLINGS, SPELLINGS
from grader.formula.parsing.lexing import patterns
from grader.formula.parsing.lexing.scanner import Scanner
from grader.formula.parsing.lexing.tokens import Kind, Token
from grader.formula.parsing.lexing.unknown_names import unknown_name
from grader.formula.parsing.lexing.vocabulary import GREEK


def scan_word(scanner: Scanner) -> Token:
    """Read what begins with a letter: the longest name of the question that fits, or else a name of the language.

    Names of the question come first, so that an author may call a symbol ``e``, ``I`` or ``sum``.
    """
    known = scanner.vocabulary.longest_name(scanner.text, scanner.position)
    if known is None and (prefix := patterns.MODULE_PREFIX.match(scanner.text, scanner.position, scanner.end)):
        scanner.position = prefix.end()
        return (
            scan_word(scanner)
            if patterns.SUBMODULE_PREFIX.match(scanner.text, scanner.position, scanner.end)
            else _scan_after_module(scanner)
        )
    if known:
        if (
            scanner.position
            and patterns.LETTER_X_AS_TIMES.match(scanner.text, scanner.position)
            and scanner.text[scanner.position - 1] == " "
        ):
            scanner.doubt = "The letter x may have been meant as a times sign."
        return scanner.take_name(known.name, known.end)
    if scanner.text[scanner.position] == "π":
        return scanner.take("constant", "pi", scanner.position + 1)
    if special := _scan_transpose_before_subscript(scanner) or scan_identity_or_logarithm(scanner):
        return special
    if equals := patterns.EQUALS_IN_WORDS.match(scanner.text, scanner.position, scanner.end):
        return scanner.take("operator", "=", equals.end())
    found = patterns.WORD.match(scanner.text, scanner.position, scanner.end) or patterns.DUNDER.match(
        scanner.text, scanner.position, scanner.end
    )
    if found is None:
        raise Unreadable("This subscript belongs to no name of the question.", (scanner.position, scanner.position + 1))
    whole = (
        found[0] in SPELLINGS
        or found[0] in CONSTANTS
        or len(found[0]) > patterns.MAX_WORD_CHARACTERS
        or scanner.vocabulary.lookup_size(found[0])
    )
    return (None if whole else _first_of_glued_word(scanner, found)) or scan_builtin_name(
        scanner, found[0], found.end()
    )


def _scan_after_module(scanner: Scanner) -> Token:
    """Read a name behind ``np.``: one that the table or Python has, never a symbol."""
    found = patterns.WORD.match(scanner.text, scanner.position, scanner.end)
    return scan_builtin_name(scanner, found[0] if found else "", found.end() if found else scanner.position)


def scan_identity_or_logarithm(scanner: Scanner) -> Token | None:
    """Read an identity matrix, or a logarithm with its base."""
    if identity := patterns.IDENTITY_MATRIX.match(scanner.text, scanner.position, scanner.end):
        ones = "1" in identity[1] or "𝟙" in identity[1]
        return scanner.take("identity", "𝟙" if ones else identity[2] or identity[3] or "", identity.end())
    if logarithm := patterns.LOGARITHM.match(scanner.text, scanner.position, scanner.end):
        base = logarithm[1] or logarithm[2] or logarithm[3]
        return scanner.take("function", "log" if base == "e" else f"log{base}", logarithm.end())
    return None


def _scan_transpose_before_subscript(scanner: Scanner) -> Token | None:
    """Read a name with a transpose or a prime before its subscript, ``W^T_{sx}``: the name, and then the transpose."""
    found = patterns.TRANSPOSE_BEFORE_SUBSCRIPT.match(scanner.text, scanner.position, scanner.end)
    name = scanner.vocabulary.lookup(found[1] + found[3]) if found else None
    if found is None or name is None:
        return None
    prime = found[2] in "'′’"
    scanner.pending = (Token("operator" if prime else "transpose", "'" if prime else "^T", found.end(), found.end()),)
    return scanner.take_name(name, found.end())


def _first_of_glued_word(scanner: Scanner, word: re.Match[str]) -> Token | None:
    """Read the first of the names, functions and numbers that make up a word, as in ``W_oW_sx``, ``xlogx``, ``λI``."""
    if first := scanner.vocabulary.first_of_glued(scanner.text, scanner.position, word.end()):
        if first.end - scanner.position == 1 and len(word[0]) > 2 and word[0].islower():
            scanner.doubt = f"“{word[0]}” was read as a product of single letters."
        return scanner.take_name(first.name, first.end)
    pieces = _split_glued_word(scanner, scanner.position, word.end())
    if not pieces:
        return None
    kind, name, end = pieces[0]
    if any(each[0] in ("function", "size") for each in pieces):
        scanner.doubt = scanner.doubt or f"“{word[0]}” was read as a product."
    return scanner.take(kind, name, end)


def _split_glued_word(scanner: Scanner, start: int, end: int) -> list[tuple[Kind, str, int]] | None:
    """Cut a word into names, sizes, well-known functions, ``e`` before a power and ``I``; None where that cannot be."""
    if start == end:
        return []
    options: list[tuple[Kind, str, int]] = []
    if known := scanner.vocabulary.longest_name(scanner.text, start, glued=True):
        kind: Kind = "defined" if known.name in scanner.vocabulary.definitions else "symbol"
        options.append((kind, known.name, known.end))
    if (glued := patterns.GLUED_FUNCTION.match(scanner.text, start, end)) and scanner.text[
        glued.end() : glued.end() + 1
    ] != "_":
        options.append(("function", SPELLINGS[glued[0]], glued.end()))
    if scanner.text[start] in scanner.vocabulary.sizes and scanner.text[start] != "d":  # dx is no product of a size.
        options.append(("size", scanner.text[start], start + 1))
    if scanner.text[start] == "e" and start + 1 == end and scanner.text[end : end + 1] == "^":
        options.append(("constant", "e", end))
    if digits := patterns.GLUED_DIGITS.match(scanner.text, start, end):
        options.append(("number", digits[0], digits.end()))
    if scanner.text[start] == "I" and not known:
        options.append(("identity", "", start + 1))
    for option in options:
        if option[2] <= end and (rest := _split_glued_word(scanner, option[2], end)) is not None:
            return [option, *rest]
    return None


def scan_builtin_name(scanner: Scanner, name: str, end: int) -> Token:
    """Read a function, a constant, a size or a keyword; raises Unreadable for any other name, with the nearest one."""
    if name == "choose" and scanner.text[end : end + 1] != "(":
        return scanner.take("operator", "choose", end)
    if name in ("C", "nCr") and scanner.text[end : end + 1] == "(":
        return scanner.take("function", "binomial", end)
    name = unicodedata.normalize("NFKC", name)
    if name in patterns.PYTHON_CONSTANTS or (
        name in patterns.KEYWORDS and patterns.KEYWORD_ASSIGNMENT.match(scanner.text, end)
    ):
        return scanner.take("word", name, end)
    if size := scanner.vocabulary.lookup_size(name):
        return scanner.take("size", size, end)
    greek = name if name in SPELLINGS or scanner.text[end : end + 1] not in ("(", "'") else GREEK.get(name, name)
    if function := function_named(greek):
        return scanner.take("function", function, end)
    if name in patterns.ARRAY_CONSTRUCTORS and scanner.text[end : end + 1] == "(":
        return scanner.take("function", name if name in ("block", "len") else "array", end)
    if name in CONSTANTS or name == "π":
        return scanner.take("constant", "pi" if name == "π" else name, end)
    quotient = patterns.QUOTIENT.match(scanner.text, scanner.position, scanner.end)
    raise unknown_name(name, (scanner.position, end), scanner.vocabulary, quotient[0] if quotient else None)


def function_named(name: str) -> str | None:
    """Return the function of the table that a word spells."""
    return SPELLINGS.get(name) or (FOLDED_SPELLINGS.get(name.replace("_", "").casefold()) if name.isascii() else None)
