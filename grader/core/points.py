"""Exact points and credits: fractions inside, two decimals only where they are shown."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

_FRACTION = re.compile(r"\s*[+-]?\d{1,9}(?:\.\d{1,9})?(?:\s*/\s*\d{1,9})?\s*")


def _exact(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a number is needed here, not yes or no")
    if isinstance(value, str):
        if not _FRACTION.fullmatch(value):
            raise ValueError(f"{value!r} is not a number such as 2, 0.5 or 1/3")
        numerator, _, denominator = value.partition("/")
        if denominator and int(denominator) == 0:
            raise ValueError("a fraction over zero")
        return Fraction(numerator.strip()) / Fraction(denominator.strip() or 1)
    if not isinstance(value, int | Decimal | Fraction):
        raise ValueError("a number is needed here, such as 2, 0.5 or 1/3")
    return Fraction(value)


_SCHEMA = WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\d+/\d+$"}]})
_Exact = Annotated[Fraction, BeforeValidator(_exact), PlainSerializer(str), _SCHEMA]
Points = Annotated[_Exact, Field(ge=0)]
"""Points of a blank: 0 or more, exact (``2``, ``0.5``, ``1/3``)."""
Credit = Annotated[_Exact, Field(ge=0, le=1)]
"""A share of the points, from 0 to 1, exact."""


@lru_cache(maxsize=10_000)
def round_points(value: Fraction) -> Decimal:
    """Round half up to two decimals: the only rounding there is, done once, where a value is shown."""
    hundred = abs(value) * 100
    cents = (hundred.numerator * 2 + hundred.denominator) // (hundred.denominator * 2)
    return Decimal(cents if value >= 0 else -cents).scaleb(-2)


def format_points(value: Fraction | None) -> str:
    """Write points for people: ``2``, ``1.5``, ``0.67``; a dash when there are none yet."""
    if value is None:
        return "–"
    return f"{round_points(value):f}".rstrip("0").rstrip(".")
