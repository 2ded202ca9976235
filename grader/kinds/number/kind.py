"""Kind ``number``, with unit parsing: an answer is one number, compared exactly or within the author's tolerance."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, log10, pi
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from grader.core.arrays import Value
from grader.core.errors import Unreadable, nearest
from grader.core.submission import Written
from grader.core.verdict import Mistake, Verdict
from grader.kinds.base import mistake_messages
from grader.kinds.base.anticipated_mistakes import read_anticipated
from grader.kinds.base.context import Context
from grader.kinds.base.frozen import FrozenModel
from grader.kinds.base.prepared import Prepared, SurvivingMutation
from grader.kinds.base.public import Preview, Public, single_text
from grader.kinds.base.spec import Spec
from grader.kinds.number.numerals import INSTRUCTIONS, Exact, number_text, parse_number

MAX_ANSWER_CHARACTERS = 200
UNIT = r"^[A-Za-zµΩ°€$£%][A-Za-z0-9µΩ°/^²³·*-]{0,40}$"
NUMBER_WITH_UNIT = re.compile(rf"(.*?[\d.)}}½¼¾⅓⅔⅕⅛⅙])\s*+({UNIT[1:-1]})")
"""A unit as it may be declared, and typed after a number."""
RADIANS_PER_DEGREE = Fraction(pi) / 180
DEGREES_DIFFERENCE = Fraction(1, 1_000)
"""How far, relative to the key, a number in the wrong unit of angle may be off: π is never typed exactly."""
ROUNDING_DIFFERENCE = Fraction(1, 50)
"""How far, relative to the key, a number that was rounded on the way may be off."""
WRONG_NUMBER = "That is not the expected number."


class Tolerance(FrozenModel):
    """How near is near enough: one of absolute, relative (of the key), significant figures, or decimal places."""

    absolute: Annotated[Exact, Field(ge=0)] | None = None
    relative: Annotated[Exact, Field(ge=0)] | None = None
    significant: Annotated[int, Field(ge=1, le=15)] | None = None
    decimals: Annotated[int, Field(ge=0, le=15)] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Tolerance:
        limits = (self.absolute, self.relative, self.significant, self.decimals)
        if sum(limit is not None for limit in limits) != 1:
            raise ValueError("give exactly one of absolute, relative, significant and decimals")
        return self


class NumberSpec(Spec):
    """A number. ``kind: number``, ``value: 1/3``; ``accept: exact`` or e.g. ``accept: {absolute: 0.01}``.

    ``units`` are the accepted units with the factor that turns each into the key's unit; without them none is read.
    """

    kind: Literal["number"] = "number"
    value: Exact
    accept: Literal["exact"] | Tolerance = "exact"
    units: Mapping[Annotated[str, Field(pattern=UNIT)], Annotated[Exact, Field(gt=0)]] = Field(default_factory=dict)

    def prepare(self, context: Context) -> Prepared[Answer]:
        """Read the anticipated mistakes."""
        return PreparedNumber(self)

    def key_values(self, context: Context, points: Sequence[Mapping[str, Any]]) -> list[list[Value]]:
        """Return the number, the same everywhere."""
        return [[np.asarray(float(self.value))] * len(points)]

    def public(self, context: Context) -> Public:
        """Return how to answer, with the units."""
        units = f" Units: {', '.join(self.units)}." if self.units else ""
        return NumberPublic(kind=self.kind, instructions=INSTRUCTIONS + units, label=self.label, units=self.units)


class NumberPublic(Public):
    """How to write a number, with the units that are read."""

    units: Mapping[str, Exact]

    def read_back(self, written: Written) -> Preview:
        """Return the number as it is read."""
        return Preview(read_as=NumberReader(self.units).read(written).text)


@dataclass(frozen=True)
class Answer:
    """The exact number in the key's unit, its ``text`` as it was read, and why a person should look at it, if at all."""

    value: Fraction
    text: str
    review: str | None = None


class NumberReader:
    """Reads numbers with their units; ``units`` maps each to the factor that turns it into the key's unit."""

    def __init__(self, units: Mapping[str, Fraction]) -> None:
        self.units = units

    def read(self, written: Written) -> Answer:
        """Read one number, with its unit where units are declared."""
        text = single_text(written, MAX_ANSWER_CHARACTERS, INSTRUCTIONS)
        digits, factor, unit = self._split_unit(text.strip().strip("$").strip().rstrip(".;"))
        value, review = parse_number(digits)
        return Answer(value * factor, number_text(value) + (f" {unit}" if unit else ""), review)

    def _split_unit(self, text: str) -> tuple[str, Fraction, str]:
        """Return a number without its unit, the unit's factor, and the unit; raises Unreadable for a unit of another blank."""
        match = NUMBER_WITH_UNIT.fullmatch(text)
        if match and match[2] == "%" and "%" not in self.units:  # Part of the number: it is read with it.
            return text, Fraction(1), ""
        if match and match[2] in self.units:
            return match[1], self.units[match[2]], match[2]
        if match is None or re.fullmatch(r"[eE][-+−]?\d*", match[2]):
            return text, Fraction(1), ""
        similar = nearest(match[2], self.units)
        hint = (
            f" Did you mean “{similar}”?"
            if similar
            else f" The units here are {', '.join(self.units)}."
            if self.units
            else " Write the number without a unit."
        )
        raise Unreadable(f"The unit “{match[2][:20]}” is not read here.{hint}")


class PreparedNumber(NumberReader):
    """One number blank, ready to grade."""

    def __init__(self, spec: NumberSpec) -> None:
        super().__init__(spec.units)
        self.spec = spec
        self.mistakes = read_anticipated(
            spec.mistakes, lambda text: self.read(text).value, lambda value: self._is_accepted(value, spec.value)
        )

    def check(self, answer: Answer) -> Verdict:
        """Compare with the key, then look for what went wrong."""
        if self._is_accepted(answer.value, self.spec.value):
            return Verdict.correct(answer.text, "", (), answer.review)
        for mistake, values in self.mistakes:
            if any(self._is_accepted(answer.value, value) for value in values):
                verdict = mistake.verdict(answer.text, WRONG_NUMBER)
                break
        else:
            verdict = self.spec.incorrect_verdict(self._recognize(answer.value), answer.text, WRONG_NUMBER)
        verdict = replace(verdict, meaning=str(answer.value))
        return verdict.reviewed(answer.review) if answer.review else verdict

    def _is_accepted(self, value: Fraction, key: Fraction) -> bool:
        """True if a number is within the tolerance of another."""
        accept = self.spec.accept
        if accept == "exact" or not isinstance(accept, Tolerance):
            return value == key
        if accept.relative is not None:
            return abs(value - key) <= accept.relative * abs(key)
        if accept.decimals is not None:
            return abs(value - key) <= Fraction(1, 2 * 10**accept.decimals)
        if accept.significant is not None:
            return abs(value - key) <= _half_unit(key, accept.significant)
        return abs(value - key) <= (accept.absolute or 0)

    def _is_the_key(self, value: Fraction) -> bool:
        """True if a number would be accepted, and not only because the tolerance is wide beside the key."""
        return self._is_accepted(value, self.spec.value) and abs(value / self.spec.value - 1) <= ROUNDING_DIFFERENCE

    def _recognize(self, value: Fraction) -> Mistake | None:
        """Return the mistake that makes the key of a wrong number when it is undone, if any."""
        key = self.spec.value
        if key == 0 or value == 0:
            return None
        if self._is_the_key(-value):
            return mistake_messages.mistake_message("number", "sign-flipped")
        if self._is_the_key(1 / value):
            return mistake_messages.mistake_message("number", "reciprocal")
        for power in (2, -2, 1, -1, 3, -3, 6, -6):
            if self._is_the_key(value * Fraction(10) ** power):
                name = "percent" if abs(power) == 2 else "power-of-ten"
                return mistake_messages.mistake_message("number", name, f"{10 ** abs(power):,}")
        factors = (RADIANS_PER_DEGREE, 1 / RADIANS_PER_DEGREE)
        if any(abs(value * factor / key - 1) < DEGREES_DIFFERENCE for factor in factors):
            return mistake_messages.mistake_message("number", "degrees")
        if 0 < key < 1 and key != Fraction(1, 2) and self._is_the_key(1 - value):
            return mistake_messages.mistake_message("number", "complement")
        if abs(value / key - 1) <= ROUNDING_DIFFERENCE and not key.denominator == value.denominator == 1:
            return mistake_messages.mistake_message("number", "rounded-early")
        return None

    def official_answers(self) -> list[Written]:
        """Return the number."""
        return [str(self.spec.value)]

    def surviving_mutations(self) -> list[SurvivingMutation]:
        """Return numbers with a slip in them that are accepted all the same: −0, 1/1, 1 − 1/2, or within a wide tolerance."""
        value = self.spec.value
        numbers = {
            "sign-flipped": -value,
            "complement": 1 - value,
            "percent": value * 100,
            "power-of-ten": value * 10,
        }
        if value:
            numbers["reciprocal"] = 1 / value
        return [
            SurvivingMutation(
                str(number), slip, "it is the same number" if number == value else "it is within the tolerance"
            )
            for slip, number in numbers.items()
            if self.check(self.read(str(number))).outcome == "correct"
        ]

    def key(self) -> str:
        """Return the number."""
        text = number_text(self.spec.value)
        return text if "/" in text else f"${text}$"


def _half_unit(key: Fraction, figures: int) -> Fraction:
    """Return half a unit in the last of the significant figures of the key."""
    if key == 0:
        return Fraction(0)
    leading = floor(log10(abs(key.numerator)) - log10(key.denominator))
    # The logarithm of floats may be off by one beside a power of ten.
    while abs(key) >= Fraction(10) ** (leading + 1):
        leading += 1
    while abs(key) < Fraction(10) ** leading:
        leading -= 1
    return Fraction(10) ** (leading - figures + 1) / 2
