"""One exact number as people write it: decimals, fractions, powers of ten, percent, decimal commas."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from grader.core.errors import Unreadable

DIGITS = 60
LARGEST_EXPONENT = 400
HOW = "Write one number, such as 3, -0.25, 1/3 or 1.5e-3."
DECIMAL = r"(?:\d+(?:\.\d*)?|\.\d+)"
PLAIN = re.compile(
    rf"([+-]?)\s*({DECIMAL})(?:\s*[eE]\s*([+-]?\d+)|\s*[*×·x]\s*10\s*(?:\^|\*\*)\s*[({{]?\s*([+-]?\d+)\s*[)}}]?)?"
)
RATIO = re.compile(rf"([+-]?)\s*({DECIMAL})\s*/\s*({DECIMAL})")
FRAC = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
NAMED = re.compile(r"^\s*[A-Za-z][\w{}^\\ ]*(?:=|≈|≃|is|:)\s*")


def _exact(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a number is needed here, not yes or no")
    if isinstance(value, str):
        try:
            return parse(value)[0]
        except Unreadable as error:
            raise ValueError(f"{value!r} is not a number such as 2, 0.5 or 1/3") from error
    if not isinstance(value, int | Decimal | Fraction):
        raise ValueError("a number is needed here, such as 2, 0.5 or 1/3")
    return Fraction(value)


Exact = Annotated[
    Fraction,
    BeforeValidator(_exact),
    PlainSerializer(str),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]}),
]


def parse(text: str) -> tuple[Fraction, str | None]:
    """Return the exact number that a text says, and what is doubtful about it; raises Unreadable."""
    plain = "".join(_plain(each) for each in text)
    plain = FRAC.sub(r"(\1)/(\2)", plain).replace("\\cdot", "*").replace("\\times", "*").replace("\\,", "")
    plain = NAMED.sub("", plain).replace("≈", "").replace("~", "").strip().rstrip(".")
    percent = bool(re.search(r"(?:\\?%|percent)$", plain))
    plain = re.sub(r"\s*(?:\\?%|percent)$", "", plain)
    plain, review = _commas(plain.strip())
    while plain.startswith("(") and plain.endswith(")") and plain.count("(") == 1:
        plain = plain[1:-1].strip()
    value = _number(plain)
    return (value / 100 if percent else value), review


def _plain(each: str) -> str:
    if each in "−–—":
        return "-"
    if each in "⁰¹²³⁴⁵⁶⁷⁸⁹":
        return f"^{unicodedata.digit(each)}"
    if each in "½¼¾⅓⅔⅕⅛⅙":
        fraction = Fraction(unicodedata.numeric(each)).limit_denominator(8)
        return f" {fraction.numerator}/{fraction.denominator}"
    return str(int(each)) if each.isdecimal() else each


def _commas(text: str) -> tuple[str, str | None]:
    """Read a comma as a decimal sign (0,5), or as a separator of thousands (1,234,567); 1,234 is either."""
    text = re.sub(r"(?<=\d)[\u00a0\u202f '_](?=\d{3}(?!\d))", "", text)
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}(?:,\d{3}){2,}(?:\.\d*)?|[+-]?[1-9]\d{0,2},\d{3}\.\d*", text):
        return text.replace(",", ""), None
    if re.fullmatch(r"[+-]?[1-9]\d*,\d{3}", text):
        return text.replace(",", ""), "A comma may separate thousands or decimals; it was read as thousands."
    return (text.replace(",", "."), None) if re.fullmatch(r"[+-]?\d*,\d+", text) else (text, None)


def _number(plain: str) -> Fraction:
    unwrapped = re.sub(r"\(\s*([^()]*?)\s*\)", r"\1", plain) if "/" in plain else plain
    if ratio := RATIO.fullmatch(unwrapped):
        _short(ratio[2], ratio[3])
        if Fraction(_tidy(ratio[3])) == 0:
            raise Unreadable("A fraction over zero is no number.")
        value = Fraction(_tidy(ratio[2])) / Fraction(_tidy(ratio[3]))
        return -value if ratio[1] == "-" else value
    if (mixed := re.fullmatch(r"([+-]?)\s*(\d{1,9})\s+(\d{1,9})/(\d{1,9})", plain)) and int(mixed[4]):
        value = int(mixed[2]) + Fraction(int(mixed[3]), int(mixed[4]))
        return -value if mixed[1] == "-" else value
    if (found := PLAIN.fullmatch(plain)) is None:
        raise Unreadable(f"This is not one number. {HOW}")
    _short(found[2])
    exponent = found[3] or found[4] or "0"
    if len(exponent) > 5 or abs(int(exponent)) > LARGEST_EXPONENT:
        raise Unreadable(f"This number is too large or too small to work with. {HOW}")
    value = Fraction(_tidy(found[2])) * Fraction(10) ** int(exponent)
    return -value if found[1] == "-" else value


def _short(*digits: str) -> None:
    if any(len(each) > DIGITS for each in digits):
        raise Unreadable(f"This number has more than {DIGITS} digits.")


def _tidy(digits: str) -> str:
    return digits.removesuffix(".") or "0"


def shown(value: Fraction) -> str:
    """Write an exact number: whole, as a short decimal, or as a fraction."""
    if value.denominator == 1:
        digits = str(value.numerator)
        return digits if len(digits) <= 24 else f"{Decimal(value.numerator):.6e}"
    for places in range(1, 16):
        if (value * 10**places).denominator == 1:
            return f"{Decimal(int(value * 10**places)).scaleb(-places):f}"
    return f"{value.numerator}/{value.denominator}"
