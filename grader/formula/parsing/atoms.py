"""Primary expressions: numbers, names, identity matrices and fractions. Functions are in ``calls``."""

from __future__ import annotations

from grader.core.errors import Unreadable
from grader.formula.differentiate import NotDifferentiable
from grader.formula.expression import IDENTITY, Expression, call, literal, make, symbol
from grader.formula.functions.call_arguments import ArgumentError, apply_function
from grader.formula.functions.table import COMPARISONS
from grader.formula.parsing.brackets import read_cells
from grader.formula.parsing.grammar import Grammar
from grader.formula.parsing.lexing.definitions import size_definition
from grader.formula.parsing.lexing.tokens import Token, exact_number

MAX_PRIMES = 3


def read_number(parser: Grammar, token: Token) -> Expression:
    """Read an exact number; ``1[x > 0]`` is 1 where that holds, else 0."""
    if token.text == "1" and parser.peek("[", "{") and (condition := _condition(parser)):
        return condition
    return literal(exact_number(token.text))


def _condition(parser: Grammar) -> Expression | None:
    """Read a comparison in brackets; None, at the same place as before, where something else stands there."""
    back = parser.position
    cells = read_cells(parser, parser.advance())
    found = cells[0]
    factors = found.args if found.op == "multiply" else (found,)
    if len(cells) == 1 and all(each.op in COMPARISONS for each in factors):
        return found
    parser.backtrack(back)
    return None


def read_symbol(parser: Grammar, token: Token) -> Expression:
    """Read a declared symbol."""
    if token.text not in parser.vocabulary.symbols:
        shown = parser.text[token.start : token.end]
        raise Unreadable(f"“{shown}” is what is asked for; write what it equals.", (token.start, token.end))
    return symbol(token.text)


def read_constant(parser: Grammar, token: Token) -> Expression:
    """Read ``pi`` or ``e``."""
    return symbol(token.text)


def read_size(parser: Grammar, token: Token) -> Expression:
    """Read a letter of the problem's sizes."""
    return size_definition(token.text, parser.vocabulary.sizes[token.text]).as_expression()


def read_defined(parser: Grammar, token: Token) -> Expression:
    """Read a name that the author defined, as a value or as a function with its derivatives."""
    definition = parser.vocabulary.definitions[token.text]
    if definition.parameter is None:
        return definition.as_expression()
    primes = count_primes(parser, token)
    if not parser.peek("(", "{", "["):
        raise Unreadable(f"The function “{token.text}” needs something in brackets.", (token.start, token.end))
    [argument] = read_cells(parser, parser.advance(), 1)
    try:
        return definition.apply(argument, primes)
    except NotDifferentiable as error:
        raise Unreadable(str(error), (token.start, token.end)) from None


def count_primes(parser: Grammar, token: Token) -> int:
    """Return how often a function is differentiated."""
    count = 0
    while parser.accept("'"):
        count += 1
    if count > MAX_PRIMES:
        raise Unreadable("At most three derivatives are read here.", (token.start, parser.token.start))
    return count


def read_identity(parser: Grammar, token: Token) -> Expression:
    """Read ``I`` or ``I_3``; before a comparison in brackets it is 1 where that holds, else 0."""
    if parser.peek("(", "[", "{") and token.text in ("", "𝟙") and (condition := _condition(parser)):
        return condition
    if token.text == "𝟙":
        raise Unreadable("Write a vector of ones as ones(3) or ones((3, 1)).", (token.start, token.end))
    if not token.text:
        return make(IDENTITY)
    length = parser.vocabulary.sizes.get(token.text, token.text)
    try:
        return apply_function("eye", [literal(int(length))], {})
    except (ValueError, ArgumentError):
        span = (token.start, token.end)
        raise Unreadable("The size of this identity matrix is not known; write it as in I_3.", span) from None


def read_fraction(parser: Grammar, token: Token) -> Expression:
    r"""Read ``\frac{a}{b}``, ``\binom{n}{k}``."""
    parser.enter()
    top, bottom = parser.value(), parser.value()
    parser.leave()
    parser.fraction_end = parser.position
    return call("binomial" if token.text == "binomial" else "divide", top, bottom)
