"""Tokens that begin with a digit or a sign: numbers, superscripts, and what follows a full stop."""

from __future__ import annotations

from grader.core.errors import Unreadable
from grader.formula.parsing.lexing import patterns
from grader.formula.parsing.lexing.scanner import Scanner
from grader.formula.parsing.lexing.tokens import Token


def scan_number(scanner: Scanner) -> Token:
    """Read a number; its size is bounded here, before anything works with it."""
    found = patterns.NUMBER.match(scanner.text, scanner.position, scanner.end)
    if found is None:  # A digit of another script.
        raise Unreadable(
            f"Write numbers with the digits 0 to 9, not “{scanner.text[scanner.position]}”.",
            (scanner.position, scanner.position + 1),
        )
    digits, _, exponent = found[0].lower().partition("e")
    if len(digits) > patterns.MAX_DIGITS or len(exponent) > 5 or abs(int(exponent or 0)) > patterns.MAX_EXPONENT:
        raise Unreadable("This number is too large or too long to work with.", found.span())
    return scanner.take("number", found[0], found.end())


def scan_caret(scanner: Scanner) -> Token:
    """Read ``^``: a prime, a transpose where no symbol is apply_function T, H or t, or else a power."""
    after = scanner.position + 1
    if prime := patterns.PRIME.match(scanner.text, after):
        return scanner.take("operator", "'", prime.end())
    if inverse := patterns.SUPERSCRIPT_MINUS_T.match(scanner.text, after):
        return scanner.take("transpose", "-T", inverse.end())
    raised = patterns.SUPERSCRIPT_T.match(scanner.text, after)
    if raised and not (raised[0].strip(" {}") == "T" and "T" in scanner.vocabulary.names_by_spelling):
        return scanner.take("transpose", "^T", raised.end())
    if dagger := patterns.DAGGER.match(scanner.text, after):
        message = "† can mean a transpose or a pseudo-inverse; write X^T, or inv(X^T X) X^T."
        raise Unreadable(message, (scanner.position, dagger.end()))
    adjoint = patterns.SUPERSCRIPT_H.match(scanner.text, after)
    if adjoint and adjoint[0].strip(" {}") not in scanner.vocabulary.names_by_spelling:
        return scanner.take("transpose", "^T", adjoint.end())
    small = patterns.SUPERSCRIPT_SMALL_T.match(scanner.text, after)
    if small and "t" not in scanner.vocabulary.names_by_spelling:
        scanner.review = "A small t in a superscript was read as a transpose."
        return scanner.take("transpose", "^t", small.end())
    return scanner.take("operator", "^", after)


def scan_superscript(scanner: Scanner, character: str) -> Token:
    """Read small raised digits, or a small raised T."""
    if character in "ᵀᵗ":
        return scanner.take("transpose", character, scanner.position + 1)
    end = scanner.position
    while end < scanner.end and scanner.text[end] in patterns.SUPERSCRIPT_DIGITS:
        end += 1
    return scanner.take(
        "raised", "".join(patterns.SUPERSCRIPT_DIGITS[digit] for digit in scanner.text[scanner.position : end]), end
    )


def scan_dot(scanner: Scanner) -> Token | None:
    """Read a method or ``.T``; None for a conversion to floats, which changes nothing."""
    found = patterns.METHOD_NAME.match(scanner.text, scanner.position, scanner.end)
    if found is None:
        raise Unreadable("There is a full stop here that belongs to nothing.", (scanner.position, scanner.position + 1))
    if found[1] in ("T", "mT", "H") or found[1] == "t":
        apply_function = patterns.EMPTY_CALL.match(scanner.text, found.end())
        if found[1] == "t" and not apply_function:
            scanner.review = "A small t after a full stop was read as a transpose."
        return scanner.take("transpose", found[0], apply_function.end() if apply_function else found.end())
    if found[1] == "astype" and (behind := patterns.AS_FLOAT.match(scanner.text, found.end())):
        scanner.position = behind.end()
        return None
    return scanner.take("method", found[1], found.end())
