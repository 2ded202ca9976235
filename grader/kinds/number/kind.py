"""Kind ``number``: an answer is one number, compared exactly or within the author's tolerance."""

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
from grader.kinds.number.numerals import HOW, Exact, parse, shown

LONGEST = 200
UNIT = r"^[A-Za-zµΩ°€$£%][A-Za-z0-9µΩ°/^²³·*-]*$"
"""A unit as it may be declared, and typed after a number."""
DEGREE = Fraction(pi) / 180
SAME, CLOSE = Fraction(1, 1_000), Fraction(1, 50)
"""Relative differences: of what was worked out with pi, and of what was rounded on the way."""
WRONG = "This is not the number that is asked."


class Tolerance(FrozenModel):
    """How near is near enough: one of absolute, relative (of the key), significant figures, or decimal places."""

    absolute: Annotated[Exact, Field(ge=0)] | None = None
    relative: Annotated[Exact, Field(ge=0)] | None = None
    significant: Annotated[int, Field(ge=1, le=15)] | None = None
    decimals: Annotated[int, Field(ge=0, le=15)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Tolerance:
        given = [each for each in (self.absolute, self.relative, self.significant, self.decimals) if each is not None]
        if len(given) != 1:
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
        """Read the foreseen mistakes."""
        return _Number(self)

    def key_values(self, context: Context, points: Sequence[Mapping[str, Any]]) -> list[list[Value]]:
        """Return the number, the same everywhere."""
        return [[np.asarray(float(self.value))] * len(points)]

    def public(self, context: Context) -> Public:
        """Return how to answer, with the units."""
        units = f" Units: {', '.join(self.units)}." if self.units else ""
        return NumberPublic(kind=self.kind, how=HOW + units, label=self.label, units=self.units)


class NumberPublic(Public):
    """How to write a number, with the units that are read."""

    units: Mapping[str, Exact]

    def read_back(self, written: Written) -> Preview:
        """Return the number as it is read."""
        return Preview(read_as=_Reader(self.units).read(written).shown)


@dataclass(frozen=True)
class Answer:
    """The exact number that was read, how it was written, and why a person should look at the reading, if at all."""

    value: Fraction
    shown: str
    review: str | None = None


class _Reader:
    """Reads numbers with their units."""

    def __init__(self, units: Mapping[str, Fraction]) -> None:
        self.units = units

    def read(self, written: Written) -> Answer:
        """Read one number, with its unit where units are declared."""
        text = single_text(written)
        if len(text) > LONGEST:
            raise Unreadable(f"This answer has {len(text):,} characters; at most {LONGEST} are read. {HOW}")
        bare, factor, unit = self._unit(text.strip().strip("$").strip().rstrip(".;"))
        value, review = parse(bare)
        return Answer(value * factor, shown(value) + (f" {unit}" if unit else ""), review)

    def _unit(self, text: str) -> tuple[str, Fraction, str]:
        found = re.fullmatch(rf"(.*?[\d.)}}½¼¾⅓⅔⅕⅛⅙])\s*({UNIT[1:-1]})", text)
        if found and found[2] == "%" and "%" not in self.units:
            return text, Fraction(1), ""
        if found and found[2] in self.units:
            return found[1], self.units[found[2]], found[2]
        if found is None or re.fullmatch(r"[eE][-+−]?\d*", found[2]):
            return text, Fraction(1), ""
        near = nearest(found[2], self.units)
        hint = (
            f" Did you mean “{near}”?"
            if near
            else f" The units here are {', '.join(self.units)}."
            if self.units
            else " No unit is asked for here."
        )
        raise Unreadable(f"The unit “{found[2][:20]}” is not read here.{hint}")


class _Number(_Reader):
    """One number blank, ready to grade."""

    def __init__(self, spec: NumberSpec) -> None:
        super().__init__(spec.units)
        self.spec = spec
        self.mistakes = read_anticipated(
            spec.mistakes, lambda text: self.read(text).value, lambda value: self._near(value, spec.value)
        )

    def check(self, answer: Answer) -> Verdict:
        """Compare with the key, then look for what went wrong."""
        if self._near(answer.value, self.spec.value):
            return Verdict.correct(answer.shown, "", (), answer.review)
        for mistake, values in self.mistakes:
            if any(self._near(answer.value, value) for value in values):
                verdict = mistake.verdict(answer.shown, WRONG)
                break
        else:
            verdict = self.spec.incorrect_verdict(self._named(answer.value), answer.shown, WRONG)
        verdict = replace(verdict, meaning=str(answer.value))
        return verdict.reviewed(answer.review) if answer.review else verdict

    def _near(self, value: Fraction, key: Fraction) -> bool:
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

    def _like(self, value: Fraction) -> bool:
        """Whether a number would be accepted, and not only since the tolerance is wide beside the key."""
        return self._near(value, self.spec.value) and abs(value / self.spec.value - 1) <= CLOSE

    def _named(self, value: Fraction) -> Mistake | None:
        key = self.spec.value
        if key == 0 or value == 0:
            return None
        if self._like(-value):
            return mistake_messages.mistake_message("number", "sign-flipped")
        if self._like(1 / value):
            return mistake_messages.mistake_message("number", "reciprocal")
        for power in (2, -2, 1, -1, 3, -3, 6, -6):
            if self._like(value * Fraction(10) ** power):
                name = "percent" if abs(power) == 2 else "power-of-ten"
                return mistake_messages.mistake_message("number", name, f"{10 ** abs(power):,}")
        if any(abs(value * factor / key - 1) < SAME for factor in (DEGREE, 1 / DEGREE)):
            return mistake_messages.mistake_message("number", "degrees")
        if 0 < key < 1 and key != Fraction(1, 2) and self._like(1 - value):
            return mistake_messages.mistake_message("number", "complement")
        if abs(value / key - 1) <= CLOSE and not key.denominator == value.denominator == 1:
            return mistake_messages.mistake_message("number", "rounded-early")
        return None

    def official_answers(self) -> list[Written]:
        """Return the number."""
        return [str(self.spec.value)]

    def surviving_mutations(self) -> list[SurvivingMutation]:
        """Return numbers with a slip of the table in them that are accepted: −0, 1/1, 1 − 1/2, or within a wide tolerance."""
        value = self.spec.value
        made = {
            "sign-flipped": -value,
            "complement": 1 - value,
            "percent": value * 100,
            "power-of-ten": value * 10,
        }
        if value:
            made["reciprocal"] = 1 / value
        return [
            SurvivingMutation(
                str(each), slip, "it is the same number" if each == value else "it is within the tolerance"
            )
            for slip, each in made.items()
            if self.check(self.read(str(each))).outcome == "correct"
        ]

    def key(self) -> str:
        """Return the number."""
        return f"${shown(self.spec.value)}$" if "/" not in shown(self.spec.value) else shown(self.spec.value)


def _half_unit(key: Fraction, figures: int) -> Fraction:
    """Half a unit in the last of the significant figures of the key."""
    if key == 0:
        return Fraction(0)
    leading = floor(log10(abs(key.numerator)) - log10(key.denominator))
    while abs(key) >= Fraction(10) ** (leading + 1):
        leading += 1
    while abs(key) < Fraction(10) ** leading:
        leading -= 1
    return Fraction(10) ** (leading - figures + 1) / 2
