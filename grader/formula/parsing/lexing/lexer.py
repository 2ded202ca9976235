"""The lexer (tokenizer): cut a typed formula (NumPy, ordinary maths or simple LaTeX) into tokens, each with its place."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from grader.core.errors import Unreadable
from grader.formula.parsing.lexing import patterns
from grader.formula.parsing.lexing.latex_tokens import refuse_big_operator, scan_command
from grader.formula.parsing.lexing.scanner import Scanner, brace_group_end
from grader.formula.parsing.lexing.sign_tokens import scan_caret, scan_dot, scan_number, scan_superscript
from grader.formula.parsing.lexing.tokens import Token, Tokens
from grader.formula.parsing.lexing.vocabulary import SUPERSCRIPTS, Vocabulary
from grader.formula.parsing.lexing.word_tokens import scan_word


def tokenize(text: str, vocabulary: Vocabulary, begin: int = 0) -> Tokens:
    """Cut a formula that begins at ``begin`` into tokens; raises Unreadable at the first place that is none.

    >>> from grader.formula.symbols import Symbol
    >>> vocabulary = Vocabulary({"W_o": Symbol(shape=(2, 2)), "x": Symbol(shape=(2,))}, {"W_o": (2, 2), "x": (2,)})
    >>> [(token.kind, token.text) for token in tokenize("W_{o}^T x", vocabulary).tokens]
    [('symbol', 'W_o'), ('transpose', '^T'), ('symbol', 'x'), ('end', '')]
    >>> [(token.kind, token.text) for token in tokenize("2sin W_ox", vocabulary).tokens]  # Glued names are told apart.
    [('number', '2'), ('function', 'sin'), ('symbol', 'W_o'), ('symbol', 'x'), ('end', '')]
    """
    start, end = _inside(text, begin, _end(text))
    scanner = Scanner(text, end, vocabulary, start)
    if "?" in text[end:]:
        scanner.review = "There is a question mark after this answer."
    elif patterns.LOOKS_LIKE_A_FORMULA.search(text[end:]) or (
        not patterns.REASON_START.match(text, end) and any(map(vocabulary.lookup, patterns.WORD.findall(text[end:])))
    ):
        raise Unreadable(
            "The words after the formula hold more of a formula; write one formula alone.", (end, len(text))
        )
    tokens = tuple(_scan_all(scanner))
    return Tokens(
        (*tokens, Token("end", "", end, end)),
        text[end:].strip(" .,;$`'\"\t\n"),
        scanner.review,
        scanner.doubt,
    )


def _end(text: str) -> int:
    """Return where the formula ends: before a reason in words, a full stop and white space."""
    reason = patterns.TRAILING_REASON.search(text)
    end = reason.start() if reason and text[: reason.start()].strip() else len(text)
    while end and (text[end - 1].isspace() or (text[end - 1] in ".;$,?" and text[: end - 1].strip())):
        end -= 1
    return end


def _inside(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out quotation marks or backticks around the whole."""
    start = len(text) - len(text[start:].lstrip())
    while end - start > 2 and patterns.QUOTATION_MARKS.get(text[start]) == text[end - 1]:
        start, end = start + 1, end - 1
    return start, end


def _scan_all(scanner: Scanner) -> Iterator[Token]:
    """Yield all tokens; white space, dollar signs and zero-width characters part them."""
    while scanner.position < scanner.end:
        character = scanner.text[scanner.position]
        if character.isspace() or character in "$~\u200b\u2060\ufeff":
            scanner.position += 1
            continue
        token = _next_token(scanner, character)
        if token is not None:
            scanner.last_text = token.text
            yield token
            yield from scanner.pending
            scanner.pending = ()


def _next_token(scanner: Scanner, character: str) -> Token | None:
    """Read the token that begins with ``character``; None where it is only to be skipped, as a space of LaTeX.

    The order matters: a full stop begins a number, a MATLAB operator or a method, in this order.
    """
    text, at = scanner.text, scanner.position
    following = text[at + 1 : at + 2]
    if character in SUPERSCRIPTS:
        return scan_superscript(scanner, character)
    if character == "𝟙":
        return scan_word(scanner)
    if character.isdigit() or (character == "." and following.isdigit()):
        return scan_number(scanner)
    if character == "\\":
        return scan_command(scanner)
    if character == "." and following in patterns.MATLAB_DOT_OPERATORS:
        return scanner.take("operator", patterns.MATLAB_DOT_OPERATORS[following], at + 2)
    if character == "." and not text.startswith("...", at):
        return scan_dot(scanner)
    if (
        character in "'\""
        and (quoted := patterns.QUOTED_TEXT.match(text, at))
        and text[:at].rstrip()[-1:] in tuple("(,=")
    ):
        return scanner.take("text", quoted[2], quoted.end())
    if character in patterns.UNICODE_SIGNS:
        sign = patterns.UNICODE_SIGNS[character]
        return scanner.take("transpose" if sign == "transpose" else "operator", sign, at + 1)
    if character == "^":
        return scan_caret(scanner)
    if character == "{" and (group := brace_group_end(text, at)) and text[group : group + 1] == "_":
        known = scanner.vocabulary.longest_name(text, at)
        if known and known.end > group:  # A name whose letter stands in braces: {W}_2.
            return scanner.take_name(known.name, known.end)
    if character in patterns.VULGAR_FRACTIONS:
        return scanner.take("number", patterns.VULGAR_FRACTIONS[character], at + 1)
    if (
        character == "_"
        and scanner.last_text in patterns.CLOSING_BARS
        and (norm := patterns.NORM_SUBSCRIPT.match(text, at))
    ):
        which = str(norm[norm.lastindex or 0])
        return scanner.take("subscript", "F" if which == "fro" else which, norm.end())
    if character == "_" and scanner.last_text in ("1", "𝟙") and following == "{":
        scanner.position += 1
        return _next_token(scanner, "{")
    if character.isalpha() or character in "∂∇_∆":
        return scan_word(scanner)
    refuse_big_operator(scanner)
    if assigns := patterns.ASSIGNMENT.match(text, at):
        return scanner.take("operator", "=", assigns.end())
    for operator in patterns.OPERATORS:
        if text.startswith(operator, at):
            return scanner.take("operator", operator, at + len(operator))
    name = unicodedata.name(character, f"U+{ord(character):04X}").lower()
    shown = f" “{character}”" if character.isprintable() else ""
    raise Unreadable(f"The character{shown} ({name}) is not part of a formula here.", (at, at + 1))
