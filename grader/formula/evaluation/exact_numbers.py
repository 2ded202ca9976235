"""Numbers as an author meant them: 0.1 is one tenth, 1/3 a third, and what was worked out in floating point is refused."""

from __future__ import annotations

from contextvars import ContextVar
from decimal import Decimal
from fractions import Fraction

import numpy as np

from grader.formula.expression import Expression, call, literal, symbol
from grader.formula.functions.table import CONSTANTS

MAX_DECIMAL_DIGITS = 15
"""Significant digits up to which a float is taken for the decimal that was typed."""
MAX_DENOMINATOR = 10_000
"""Up to which a longer float is taken for a quotient of whole numbers, such as 1/3."""
CONSTANT_NAMES = {value: name for name, (value, _) in CONSTANTS.items()}
NUMBER_TYPES = (int, float, np.integer, np.floating, np.bool_, Fraction, Decimal)


class Untraceable(BaseException):
    """A BaseException: a function that cannot be turned into a formula; the message is for its author.

    Not an ``Exception``, so that an author's own ``except Exception`` does not swallow it.
    """


traced_symbols: ContextVar[frozenset[str]] = ContextVar("traced_symbols", default=frozenset())
"""The symbols of the problem whose function is being traced: one of them may be called e or pi.

``trace`` sets it for as long as the function runs. It is no parameter, because NumPy and the author's program stand
between ``trace`` and whoever needs it.
"""


def constant_expression(name: str) -> Expression:
    """Return ``pi`` or ``e``, in other words where the problem has a symbol of that name."""
    if name not in traced_symbols.get():
        return symbol(name)
    return call("exp", literal(1)) if name == "e" else call("multiply", literal(4), call("arctan", literal(1)))


def quotient(value: Fraction) -> Expression:
    """Return a number as it is typed: with its sign in front, and as a quotient where it has no end as a decimal."""
    if value < 0:
        return call("negative", quotient(-value))
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return literal(value) if rest == 1 else call("divide", literal(value.numerator), literal(value.denominator))


def exact_fraction(value: float) -> Fraction:
    """Return the number that was meant by a float: a short decimal, or a quotient of small whole numbers.

    >>> exact_fraction(0.1), exact_fraction(1 / 3)
    (Fraction(1, 10), Fraction(1, 3))

    Raises Untraceable for any other float: it can only have come out of a computation.
    """
    if not np.isfinite(value):
        raise Untraceable("it uses a number that is not finite")
    decimal = Decimal(repr(value)).normalize()
    if len(decimal.as_tuple().digits) <= MAX_DECIMAL_DIGITS:
        return Fraction(decimal)
    quotient = Fraction(value).limit_denominator(MAX_DENOMINATOR)
    if float(quotient) != value:
        raise Untraceable(
            f"it uses the number {value!r}, which was worked out in floating point: let np.sqrt, np.exp, … of a plain"
            " number stand in the formula"
        )
    return quotient
