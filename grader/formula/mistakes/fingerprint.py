"""What a formula means, as a key that is the same for every way of writing it: a digest of its values at secret points.

Of every entry the key holds its exponent and the first 64 bits of its mantissa, after it was multiplied by a secret factor and
moved by a secret offset: so no round number lies on the edge between two keys, where balls could not tell which is meant.
Keys group formulas and look them up; whether two are equal is for ``equal`` to say, since differences below 2^-64, or
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
from flint import arb, ctx, fmpq

from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.decide import EXACT_POINTS, MAX_BASE_POINTS
from grader.formula.equality.sample_points import Point
from grader.formula.evaluation.evaluate import entries, in_balls, run_in_balls, steps_of
from grader.formula.expression import Expression
from grader.formula.symbols import Shape

PRECISIONS = (128, 640, 2560)
"""Bits; each is tried where the one before leaves a key open."""
MANTISSA_BITS = 64
MIN_EXPONENT = -(PRECISIONS[-1] // 2)
"""The exponent below which a value counts as 0: a small difference of large numbers cannot be told from it."""
PURPOSE = 40_001
NOWHERE = "no value"
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
    """Takes the fingerprints of formulas in one space, where a reference has values.

    The same space, made again from the same secret, gives the same ones.
    """

    space: ComparisonSpace
    reference: Expression | None = None

    @cached_property
    def points(self) -> Sequence[Point]:
        """The random points at which formulas are decided too."""
        found = []
        for number in range(MAX_BASE_POINTS):
            point = self.space.base_point(number)
            value = self.space.reference_value(self.reference, point, PRECISIONS[0]) if self.reference else []
            if all(map(arb.is_finite, value)):
                found.append(point)
            if len(found) == (EXACT_POINTS if self._small else 1):
                break
        return found

    @property
    def _small(self) -> bool:
        """Whether there are few entries in all; of many, those of one point tell as much."""
        return sum(prod(map(int, shape)) for shape in self.space.shapes.values()) <= ONE_POINT_ENTRIES

    @cached_property
    def secret_scale(self) -> tuple[arb, arb]:
        """The factor, from 1 to 2, and the offset, from 0 to 1."""
        factor, offset = (
            sum(int(word) << (32 * place) for place, word in enumerate(words))
            for words in self.space.sample_space.generator(PURPOSE).integers(0, 2**32, size=(2, 4))
        )
        with ctx.workprec(2 * MANTISSA_BITS + 2):
            return 1 + arb(fmpq(factor, 2**128)), arb(fmpq(offset, 2**128))

    def fingerprint(self, formula: Expression) -> Fingerprint:
        """Return the fingerprint of one formula."""
        read: list[PointReading | None] = []
        values: list[float] = []
        for point in self.points:
            with ctx.workprec(PRECISIONS[0]):
                value = in_balls(formula, point.balls())[-1]
                reading = self._read(value, PRECISIONS[0])
            values += map(float, self._some(value))
            read.append(reading or self._at(point, [formula], PRECISIONS[1:]).get(formula))
        return Fingerprint(_key(read), values)

    def keys(self, formulas: Sequence[Expression]) -> dict[Expression, FingerprintKey]:
        """Return the keys of those formulas that have one; what the formulas share is worked out once."""
        read = [self._at(point, formulas, PRECISIONS) for point in self.points]
        keys = {each: _key([found.get(each) for found in read]) for each in formulas}
        return {each: key for each, key in keys.items() if key is not None}

    def _at(
        self, point: Point, formulas: Sequence[Expression], precisions: Sequence[int]
    ) -> dict[Expression, PointReading]:
        """Read the values at one point; what stays open is left out."""
        found: dict[Expression, PointReading] = {}
        for precision in precisions:
            left = [each for each in formulas if each not in found]
            steps, places = steps_of(left)
            with ctx.workprec(precision):
                values = run_in_balls(steps, point.balls())
                read = {each: self._read(values[places[each]], precision) for each in left}
            found |= {each: what for each, what in read.items() if what is not None}
        return found

    def _some(self, value: Any) -> list[arb]:
        """Return the entries that are read: of a large array a few, at secret places."""
        found = entries(value)
        return found if len(found) <= MAX_ENTRIES else [found[place] for place in self._places(len(found))]

    @cached_property
    def _places(self) -> Callable[[int], list[int]]:
        draw = self.space.sample_space.generator
        return cache(lambda size: sorted(map(int, draw(PURPOSE + size).permutation(size)[:MAX_ENTRIES])))

    def _read(self, value: Any, precision: int) -> PointReading | None:
        factor, offset = self.secret_scale
        read = []
        for ball in self._some(value):
            if not ball.is_finite():
                return None if precision == PRECISIONS[0] else NOWHERE
            scaled = ball * factor
            mantissa, power = scaled.mid().man_exp()
            exponent = int(power) + mantissa.bit_length()
            if exponent < MIN_EXPONENT and abs(scaled) < arb(2) ** MIN_EXPONENT:
                read.append((0, 0))
                continue
            digits = (scaled * arb(2) ** (MANTISSA_BITS - exponent) + offset).floor().unique_fmpz()
            if digits is None or scaled.rel_accuracy_bits() < MANTISSA_BITS:
                return None
            read.append((exponent, int(digits)))
        return np.shape(value), tuple(read)


def _key(read: Sequence[PointReading | None]) -> FingerprintKey | None:
    known = tuple(each for each in read if each is not None)
    return known if len(known) == len(read) and any(each != NOWHERE for each in known) else None


def fingerprint_digest(key: FingerprintKey, seed: int) -> str:
    """Return a key as a short text that says nothing to whoever does not know the seed."""
    return hashlib.blake2b(repr(key).encode(), digest_size=10, key=seed.to_bytes(32)).hexdigest()
