"""The points of a screening: small whole numbers exhaustively, corners, numbers that occur, crossings, every size.

What is drawn, and in which order, decides which points are proposed: to draw otherwise may change verdicts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
from flint import fmpq

from grader.formula.equality.sampling.domains import (
    STRUCTURED,
    TINY,
    interval,
    map_into,
    sample,
    short_name,
    to_floats,
    whole_numbers,
)
from grader.formula.equality.sampling.sample_points import Point, SampleSpace
from grader.formula.symbols import Domain

POINTS_PURPOSE, LARGE_PURPOSE, CROSSINGS_PURPOSE = 10_001, 10_002, 10_003
"""What the random numbers are derived with; part of the seed, so never to be changed."""
MAX_CORNERS = 512
LARGE_WHOLE_POINTS = 40
RANGES = 6
LANDMARKS = (np.pi / 2, np.pi, 2 * np.pi, 3 * np.pi)
"""Numbers around which functions change whatever is in the formulas."""
POWERS = (7, 8, 15, 16, 23, 24, 31, 32, 52, 53, 54, 62)
WHOLE_DOMAINS = frozenset(("int", "posint"))


class ScreeningPoints:
    """Many points together: wide in every domain, all corners of small discrete ones, whole numbers one by one.

    ``values`` holds for each symbol an array of shape ``points × shape``. ``numbers`` are those that occur in the formulas,
    with the multiples of π last; with ``crossings`` points are put first that are made of these numbers alone.

    >>> from grader.formula.symbols import Symbol
    >>> space = SampleSpace({"A": Symbol(shape=(2, 3)), "b": Symbol(domain="binary")}, {}, seed=1)
    >>> points = ScreeningPoints(space, 10, [1.0, np.pi, 2 * np.pi, 3 * np.pi, 4 * np.pi])
    >>> points.values["A"].shape, points.values["b"].shape, points.values["b"][:4]
    ((10, 2, 3), (10,), array([0., 1., 0., 1.]))
    """

    def __init__(self, sample_space: SampleSpace, count: int, numbers: list[float], crossings: int = 0) -> None:
        generator = sample_space.generator(POINTS_PURPOSE)
        self.values: dict[str, Any] = {}
        entries = {
            name: int(np.prod(sample_space.size(name), dtype=int)) or 1
            for name, symbol in sample_space.symbols.items()
            if short_name(symbol.domain) in WHOLE_DOMAINS
        }
        side = max(2, int((count / 2) ** (1 / max(sum(entries.values()), 1))))
        corners = _corners(sample_space, MAX_CORNERS)
        self.count = max(count, len(next(iter(corners.values()), ())))
        taken = 0
        for name, symbol in sample_space.symbols.items():
            size, domain = sample_space.size(name), short_name(symbol.domain)
            if name in corners:
                self.values[name] = _repeated(corners[name], self.count)
            elif domain in WHOLE_DOMAINS:
                low = 1 if domain == "posint" else -(side // 2)
                self.values[name] = _whole_numbers(generator, self.count, size, low, side, taken, numbers)
                self.values[name] = np.maximum(self.values[name], 1) if domain == "posint" else self.values[name]
                taken += entries[name]
            elif domain in STRUCTURED or domain == "binary":
                scales = 2.0 ** generator.integers(-16, 17, size=self.count)
                self.values[name] = np.stack([sample(symbol.domain, size, generator, scale) for scale in scales])
            else:
                values = np.empty((self.count, *size))
                for kind in range(RANGES):
                    part = values[kind::RANGES]  # A view: the ranges take turns, point by point.
                    part[...] = _wide_values(generator, part.shape, kind, numbers)
                self.values[name] = map_into(symbol.domain, values)

        self._cross(sample_space, numbers[: -len(LANDMARKS)], crossings)

    def _cross(self, sample_space: SampleSpace, numbers: list[float], most: int) -> None:
        """Put points first at which every coordinate is a number that occurs.

        What is around one point of a plane only, as in ``where(abs(x - 3) + abs(y - 5) < 1, …)``, random points miss nearly
        always: they would have to come near it in all coordinates at once.
        """
        free = {
            name: sample_space.size(name)
            for name, symbol in sample_space.symbols.items()
            if short_name(symbol.domain) not in STRUCTURED and short_name(symbol.domain) != "binary"
        }
        rows = crossings_of(
            numbers,
            sum(int(np.prod(size, dtype=int)) for size in free.values()),
            most,
            sample_space.generator(CROSSINGS_PURPOSE),
        )
        taken = 0
        for name in self.values:
            drawn = self.values[name]
            if name in free:
                number = int(np.prod(free[name], dtype=int))
                coordinates = rows[:, taken : taken + number].reshape(len(rows), *free[name])
                taken += number
                first = nearest_in(sample_space.symbols[name].domain, coordinates)
            else:
                first = drawn[np.arange(len(rows)) % len(drawn)]
            self.values[name] = np.concatenate([first, drawn])
        self.count += len(rows)

    def floats(self) -> Mapping[str, Any]:
        """Return all points at once."""
        return {name: to_floats(values) for name, values in self.values.items()}

    def __getitem__(self, place: int) -> Point:
        return Point({name: values[place] for name, values in self.values.items()})


def crossings_of(numbers: list[float], entries: int, most: int, generator: np.random.Generator) -> Any:
    """Return ``points × entries`` numbers that occur: all combinations if there are few, then what two of them make."""
    half = most // 2
    if not numbers or not entries or not half:
        return np.empty((0, entries))
    plain = np.array(numbers)
    if len(plain) ** entries <= half:
        places = np.arange(len(plain) ** entries)[:, None] // len(plain) ** np.arange(entries) % len(plain)
        first = plain[places]
    else:
        first = generator.choice(plain, size=(half, entries))
    one, other = (generator.choice(plain, size=(half, entries)) for _ in range(2))
    with np.errstate(all="ignore"):
        combined = np.stack(
            [one, -one, 0 * one, np.sqrt(np.abs(one)), one + other, one - other, one * other, one / other]
        )
    second = np.take_along_axis(combined, generator.integers(len(combined), size=(1, half, entries)), axis=0)[0]
    return np.concatenate([first, np.where(np.isfinite(second), second, 0.0)])


def nearest_in(domain: Domain, values: Any) -> Any:
    """Return the values, or what of the domain is nearest to them."""
    if ends := interval(domain):
        aside = TINY * (ends[1] - ends[0])  # The ends of an interval have no extent: nothing is decided there alone.
        return np.clip(values, ends[0] + aside, ends[1] - aside)
    if short_name(domain) in WHOLE_DOMAINS:
        values = np.round(np.clip(values, -(2.0**53), 2.0**53))
        return np.maximum(values, 1) if short_name(domain) == "posint" else values
    return map_into(domain, values)


def _wide_values(generator: np.random.Generator, size: tuple[int, ...], kind: int, numbers: list[float]) -> Any:
    """Return values of shape ``size`` (the points first) in one of six ranges.

    Near 0, to a few hundred, of every size, around the numbers that occur, all of one sign, and either all entries of a
    point equal or small and whole.
    """
    sign = generator.choice([-1.0, 1.0], size=size)
    one_per_point = (size[0], *(1,) * (len(size) - 1))
    if kind == 0:
        return generator.uniform(-3, 3, size=size)
    if kind == 1:
        return generator.uniform(-400, 400, size=size)
    if kind == 2:
        return sign * 10.0 ** generator.uniform(-12, 12, size=size)
    if kind == 3:
        aside = 10.0 ** generator.uniform(-8, 1, size=size) * generator.choice([-1.0, 1.0], size=size)
        return generator.choice(numbers, size=size) * generator.choice([1, 1, 1, 1, -1, 2, 0.5, 3], size=size) + aside
    if kind == 4:
        return generator.choice([-1.0, 1.0], size=one_per_point) * 10.0 ** generator.uniform(0, 6, size=size)
    equal = np.broadcast_to(generator.normal(size=one_per_point), size)
    return np.where(generator.integers(2, size=one_per_point), equal, generator.integers(-2, 3, size=size))


def _corners(sample_space: SampleSpace, most: int) -> dict[str, Any]:
    """Return all values of the symbols that have few, in every combination, if there are not too many.

    Each is an array of shape ``points × shape``; if there are too many together, the first symbol has all its values.
    """
    choices = {}
    for name, symbol in sample_space.symbols.items():
        size, domain = sample_space.size(name), short_name(symbol.domain)
        number = int(np.prod(size, dtype=int)) or 1
        if domain == "binary" and 2**number <= most:
            bits = (np.arange(2**number)[:, None] >> np.arange(number)) & 1
            choices[name] = bits.reshape(-1, *size).astype(float)
        elif domain == "binary":
            one = np.eye(number).reshape(-1, *size)
            choices[name] = np.concatenate([np.zeros((1, *size)), np.ones((1, *size)), one, 1 - one])
        elif domain == "onehot":
            choices[name] = np.eye(number).reshape(-1, *size)
    if not choices or np.prod([float(len(values)) for values in choices.values()]) > most:
        return {name: values for name, values in list(choices.items())[:1] if len(values) <= most}
    rows = list(product(*(range(len(values)) for values in choices.values())))
    return {name: values[[row[column] for row in rows]] for column, (name, values) in enumerate(choices.items())}


def _repeated(values: Any, count: int) -> Any:
    return values[np.arange(count) % len(values)]


def _whole_numbers(
    generator: np.random.Generator,
    count: int,
    size: tuple[int, ...],
    low: int,
    side: int,
    taken: int,
    numbers: list[float],
) -> Any:
    """Return whole numbers in every combination as far as ``side`` goes, then around the numbers that occur or of every size.

    A point's number, written to the base ``side``, has one digit for each entry of each symbol; ``taken`` digits belong to
    the symbols before this one.
    """
    entries = int(np.prod(size, dtype=int)) or 1
    digits = np.arange(count)[:, None] // side ** np.arange(taken, taken + entries, dtype=float) % side
    values = np.floor(digits) + low
    rest = count - min(count // 2, count)
    around = generator.choice(
        np.round([number for number in numbers if abs(number) < 2**53]), size=(rest, entries)
    ) + generator.integers(-2, 3, size=(rest, entries))
    other = np.round(10.0 ** generator.uniform(0, 5, size=(rest, entries))) * (
        1.0 if low == 1 else generator.choice([-1.0, 1.0], size=(rest, entries))
    )
    values[count - rest :] = np.where(generator.integers(2, size=(rest, entries)), around, other)
    return values.reshape(count, *size)


def large_whole_numbers(sample_space: SampleSpace) -> Iterator[Point]:
    """Yield points of whole numbers that floats cannot hold: around powers of two, and of every size."""
    generator = sample_space.generator(LARGE_PURPOSE)
    edges = [fmpq(2**power + off) for power in POWERS for off in (-1, 0, 1)]
    for number in range(len(edges) + LARGE_WHOLE_POINTS):
        values = {}
        for name, symbol in sample_space.symbols.items():
            domain, size = short_name(symbol.domain), sample_space.size(name)
            if domain not in WHOLE_DOMAINS:
                values[name] = sample(symbol.domain, size, generator, 4.0)
                continue
            value = _filled(size, edges[number]) if number < len(edges) else whole_numbers(size, generator)
            values[name] = -value if domain == "int" and generator.integers(2) else value
        yield Point(values)


def _filled(size: tuple[int, ...], value: fmpq) -> Any:
    """Return the same fraction in every entry."""
    filled: Any = np.empty(size, dtype=object)
    filled.fill(value)
    return filled[()]
