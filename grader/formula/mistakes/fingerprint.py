"""Fingerprints: what a formula means, as a key that is the same for every way of writing it, from its values at secret points.

Of every entry the key holds its exponent and the first 64 bits of its mantissa, after it was multiplied by a secret factor and
moved by a secret offset: so no round number lies on the edge between two keys, where balls could not tell which is meant.
Keys group formulas and look them up; whether two are equal is for ``decide`` to say, since differences below 2^-64, or
in a region without a secret point, do not show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import prod
from typing import Any

import numpy as np
from flint import arb, fmpq

from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.decide import EXACT_POINTS, MAX_BASE_POINTS
from grader.formula.equality.sampling.sample_points import Point
from grader.formula.evaluation.evaluate import ball_entries, in_balls, run_steps_in_balls, steps_of
from grader.formula.expression import Expression
from grader.formula.functions.ball_precision import working_precision
from grader.formula.symbols import Shape

PRECISIONS = (128, 640, 2560)
"""Bits; each is tried where the one before leaves a key open."""
MANTISSA_BITS = 64
MIN_EXPONENT = -(PRECISIONS[-1] // 2)
"""The exponent below which a value counts as 0: a small difference of large numbers cannot be told from it."""
PURPOSE = 40_001
"""What the random numbers are derived with; part of stored meanings, so never to be changed."""
NO_VALUE = "no value"
MAX_ENTRIES = 24
"""Entries of one value that are read."""
ONE_POINT_ENTRIES = 400
"""Entries of all symbols from which on one point is enough."""

PointReading = tuple[Shape, tuple[tuple[int, int], ...]] | str
"""The shape at one point with exponent and digits of each entry, or that there is no value."""
FingerprintKey = tuple[PointReading, ...]
"""What was read at each point."""


@dataclass(frozen=True)
class Fingerprint:
    """The key of a formula, None where it stays open, and the values that were read, as floats."""

    key: FingerprintKey | None
    values: Sequence[float]


@dataclass(eq=False)
class Fingerprints:
    """The fingerprints of formulas in one space, where a reference has values.

    A space with the same seed gives the same ones, in every process.
    """

    space: ComparisonSpace
    reference: Expression | None = None

    @cached_property
    def points(self) -> Sequence[Point]:
        """The random points at which formulas are decided too."""
        points = []
        for number in range(MAX_BASE_POINTS):
            point = self.space.base_point(number)
            value = self.space.reference_value(self.reference, point, PRECISIONS[0]) if self.reference else []
            if all(map(arb.is_finite, value)):
                points.append(point)
            if len(points) == (EXACT_POINTS if self._is_small else 1):
                break
        return points

    @property
    def _is_small(self) -> bool:
        """True if there are few entries in all; of many, those of one point tell as much."""
        return sum(prod(map(int, shape)) for shape in self.space.shapes.values()) <= ONE_POINT_ENTRIES

    @cached_property
    def secret_scale(self) -> tuple[arb, arb]:
        """The factor, from 1 to 2, and the offset, from 0 to 1, by which digits are read."""
        factor, offset = (
            sum(int(word) << (32 * position) for position, word in enumerate(words))
            for words in self.space.sample_space.generator(PURPOSE).integers(0, 2**32, size=(2, 4))
        )
        with working_precision(2 * MANTISSA_BITS + 2):
            return 1 + arb(fmpq(factor, 2**128)), arb(fmpq(offset, 2**128))

    def fingerprint(self, formula: Expression) -> Fingerprint:
        """Return the fingerprint of one formula."""
        readings: list[PointReading | None] = []
        values: list[float] = []
        for point in self.points:
            with working_precision(PRECISIONS[0]):
                value = in_balls(formula, point.balls())[-1]
                reading = self._read(value, PRECISIONS[0])
            values += map(float, self._entries_read(value))
            readings.append(reading or self._read_at(point, [formula], PRECISIONS[1:]).get(formula))
        return Fingerprint(_key(readings), values)

    def keys(self, formulas: Sequence[Expression]) -> dict[Expression, FingerprintKey]:
        """Return the keys of those formulas that have one; what the formulas share is worked out once."""
        readings = [self._read_at(point, formulas, PRECISIONS) for point in self.points]
        keys = {formula: _key([at_point.get(formula) for at_point in readings]) for formula in formulas}
        return {formula: key for formula, key in keys.items() if key is not None}

    def _read_at(
        self, point: Point, formulas: Sequence[Expression], precisions: Sequence[int]
    ) -> dict[Expression, PointReading]:
        """Read the values at one point; what stays open is left out."""
        readings: dict[Expression, PointReading] = {}
        for precision in precisions:
            open_formulas = [formula for formula in formulas if formula not in readings]
            steps, places = steps_of(open_formulas)
            with working_precision(precision):
                values = run_steps_in_balls(steps, point.balls())
                read = {formula: self._read(values[places[formula]], precision) for formula in open_formulas}
            readings |= {formula: reading for formula, reading in read.items() if reading is not None}
        return readings

    def _entries_read(self, value: Any) -> list[arb]:
        """Return the entries that are read: of a large array a few, at secret places."""
        values = ball_entries(value)
        return values if len(values) <= MAX_ENTRIES else [values[place] for place in self._places(len(values))]

    @cached_property
    def _places(self) -> Callable[[int], list[int]]:
        generator = self.space.sample_space.generator
        return cache(lambda size: sorted(map(int, generator(PURPOSE + size).permutation(size)[:MAX_ENTRIES])))

    def _read(self, value: Any, precision: int) -> PointReading | None:
        """Read exponents and digits off a value; None where its balls are too wide for it.

        At the lowest precision “not finite” may only mean “too wide”, so it is read as “no value” from the next one on.
        """
        factor, offset = self.secret_scale
        digits_of_entries = []
        for ball in self._entries_read(value):
            if not ball.is_finite():
                return None if precision == PRECISIONS[0] else NO_VALUE
            scaled = ball * factor
            mantissa, power = scaled.mid().man_exp()
            exponent = int(power) + mantissa.bit_length()
            if exponent < MIN_EXPONENT and abs(scaled) < arb(2) ** MIN_EXPONENT:
                digits_of_entries.append((0, 0))
                continue
            # The offset moves the edges between two readings to places that no round number has.
            digits = (scaled * arb(2) ** (MANTISSA_BITS - exponent) + offset).floor().unique_fmpz()
            if digits is None or scaled.rel_accuracy_bits() < MANTISSA_BITS:
                return None
            digits_of_entries.append((exponent, int(digits)))
        return np.shape(value), tuple(digits_of_entries)


def _key(readings: Sequence[PointReading | None]) -> FingerprintKey | None:
    """Return the key of all readings; None if one is open, or the formula has no value anywhere."""
    key = tuple(reading for reading in readings if reading is not None)
    return key if len(key) == len(readings) and any(reading != NO_VALUE for reading in key) else None


def fingerprint_digest(key: FingerprintKey, seed: int) -> str:
    """Return a key as a short text that tells nothing without the seed; it is stored as the meaning of an answer."""
    return hashlib.blake2b(repr(key).encode(), digest_size=10, key=seed.to_bytes(32)).hexdigest()
