"""Parse one exact number as people write it: decimals, fractions, powers of ten, percent, decimal commas."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from grader.core.errors import Unreadable

MAX_DIGITS = 60
MAX_EXPONENT = 400
INSTRUCTIONS = "Write one number, such as 3, -0.25, 1/3 or 1.5e-3."
DECIMAL = r"(?:\d+(?:\.\d*)?|\.\d+)"
FLOATING_POINT = re.compile(
    rf"([+-]?)\s*({DECIMAL})(?:\s*[eE]\s*([+-]?\d+)|\s*[*×·x]\s*10\s*(?:\^|\*\*)\s*[({{]?\s*([+-]?\d+)\s*[)}}]?)?"
)
FRACTION = re.compile(rf"([+-]?)\s*({DECIMAL})\s*/\s*({DECIMAL})")
LATEX_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
LEFT_SIDE = re.compile(r"^\s*[A-Za-z][\w{}^\\ ]*(?:=|≈|≃|is|:)\s*")


def _as_fraction(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a number is needed here, not yes or no")
    if isinstance(value, str):
        try:
            return parse_number(value)[0]
        except Unreadable as error:
            raise ValueError(f"{value!r} is not a number such as 2, 0.5 or 1/3") from error
    if not isinstance(value, int | Decimal | Fraction):
        raise ValueError("a number is needed here, such as 2, 0.5 or 1/3")
    return Fraction(value)


Exact = Annotated[
    Fraction,
    BeforeValidator(_as_fraction),
    PlainSerializer(str),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]}),
]


def parse_number(text: str) -> tuple[Fraction, str | None]:
    """Return the exact number that a text says, and what is doubtful about it; raises Unreadable.

    >>> parse_number("-1.5e3")
    (Fraction(-1500, 1), None)
    >>> parse_number("1,234")
    (Fraction(1234, 1), 'A comma may separate thousands or decimals; it was read as thousands.')
    """
    plain = "".join(_ascii(character) for character in text)
    plain = LATEX_FRACTION.sub(r"(\1)/(\2)", plain).replace("\\cdot", "*").replace("\\times", "*").replace("\\,", "")
    plain = LEFT_SIDE.sub("", plain).replace("≈", "").replace("~", "").strip().rstrip(".")
    percent = bool(re.search(r"(?:\\?%|percent)$", plain))
    plain = re.sub(r"(?<!\s)\s*+(?:\\?%|percent)$", "", plain)
    plain, review = _commas(plain.strip())
    while plain.startswith("(") and plain.endswith(")") and plain.count("(") == 1:
        plain = plain[1:-1].strip()
    value = _parse_plain(plain)
    return (value / 100 if percent else value), review


def _ascii(character: str) -> str:
    """Write a sign, a raised digit, a fraction or a digit of another script in ASCII."""
    if character in "−–—":
        return "-"
    if character in "⁰¹²³⁴⁵⁶⁷⁸⁹":
        return f"^{unicodedata.digit(character)}"
    if character in "½¼¾⅓⅔⅕⅛⅙":
        fraction = Fraction(unicodedata.numeric(character)).limit_denominator(8)
        return f" {fraction.numerator}/{fraction.denominator}"
    return str(int(character)) if character.isdecimal() else character


def _commas(text: str) -> tuple[str, str | None]:
    """Read a comma as a decimal sign (0,5), or as a separator of thousands (1,234,567); 1,234 is either."""
    text = re.sub(r"(?<=\d)[\u00a0\u202f '_](?=\d{3}(?!\d))", "", text)
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}(?:,\d{3}){2,}(?:\.\d*)?|[+-]?[1-9]\d{0,2},\d{3}\.\d*", text):
        return text.replace(",", ""), None
    if re.fullmatch(r"[+-]?[1-9]\d*,\d{3}", text):
        return text.replace(",", ""), "A comma may separate thousands or decimals; it was read as thousands."
    return (text.replace(",", "."), None) if re.fullmatch(r"[+-]?\d*,\d+", text) else (text, None)


def _parse_plain(plain: str) -> Fraction:
    """Parse a fraction, a mixed number or a decimal number in ASCII; raises Unreadable."""
    unwrapped = re.sub(r"\(\s*+((?:[^()\s]|\s++(?!\)))*+)\s*+\)", r"\1", plain) if "/" in plain else plain
    if ratio := FRACTION.fullmatch(unwrapped):
        _check_length(ratio[2], ratio[3])
        if Fraction(_without_point(ratio[3])) == 0:
            raise Unreadable("A fraction over zero is not a number.")
        value = Fraction(_without_point(ratio[2])) / Fraction(_without_point(ratio[3]))
        return -value if ratio[1] == "-" else value
    if (mixed := re.fullmatch(r"([+-]?)\s*(\d{1,9})\s+(\d{1,9})/(\d{1,9})", plain)) and int(mixed[4]):
        value = int(mixed[2]) + Fraction(int(mixed[3]), int(mixed[4]))
        return -value if mixed[1] == "-" else value
    if (number := FLOATING_POINT.fullmatch(plain)) is None:
        raise Unreadable(f"This is not one number. {INSTRUCTIONS}")
    _check_length(number[2])
    exponent = number[3] or number[4] or "0"
    if len(exponent) > 5 or abs(int(exponent)) > MAX_EXPONENT:
        raise Unreadable(f"This number is too large or too small to work with. {INSTRUCTIONS}")
    value = Fraction(_without_point(number[2])) * Fraction(10) ** int(exponent)
    return -value if number[1] == "-" else value


def _check_length(*numerals: str) -> None:
    if any(len(numeral) > MAX_DIGITS for numeral in numerals):
        raise Unreadable(f"This number has more than {MAX_DIGITS} digits.")


def _without_point(digits: str) -> str:
    return digits.removesuffix(".") or "0"


def number_text(value: Fraction) -> str:
    """Write an exact number: whole, as a short decimal, or as a fraction."""
    if value.denominator == 1:
        digits = str(value.numerator)
        return digits if len(digits) <= 24 else f"{Decimal(value.numerator):.6e}"
    for places in range(1, 16):
        if (value * 10**places).denominator == 1:
            return f"{Decimal(int(value * 10**places)).scaleb(-places):f}"
    return f"{value.numerator}/{value.denominator}"
