"""A wide look in floats, which proposes points where two formulas may differ; balls decide at exactly those points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from flint import fmpq

from grader.formula.equality.domains import (
    STRUCTURED,
    TINY,
    interval,
    map_into,
    sample,
    short_name,
    to_floats,
    whole_numbers,
)
from grader.formula.equality.sample_points import Point, SampleSpace
from grader.formula.evaluation.evaluate import in_floats
from grader.formula.evaluation.shapes import shapes
from grader.formula.evaluation.value import cost
from grader.formula.expression import Expression, postorder
from grader.formula.symbols import Domain

SCALAR_POINTS, SCALAR_WHOLE_POINTS = 1_200, 2_000
"""Points for formulas of single numbers, which are worked out all at once; of whole numbers more."""
ARRAY_POINTS, ARRAY_WHOLE_POINTS, MIN_ARRAY_POINTS, ARRAY_OPERATIONS = 72, 600, 8, 400_000
"""Points for formulas with arrays, and the operations that they may take in all."""
MAX_CORNERS = 512
PROPOSED_POINTS, LARGE_WHOLE_POINTS = 8, 40
RANGES = 6
MAX_CROSSINGS = 600
"""Points whose every coordinate is a number that occurs, or made of two of them."""
LANDMARKS = (np.pi / 2, np.pi, 2 * np.pi, 3 * np.pi)
POWERS = (7, 8, 15, 16, 23, 24, 31, 32, 52, 53, 54, 62)
WHOLE_DOMAINS = frozenset(("int", "posint"))


def propose_points(reference: Expression, answer: Expression, sample_space: SampleSpace) -> Iterator[Point]:
    """Yield the points at which the floats of two formulas differ most, and some that floats cannot judge."""
    if not sample_space.symbols:
        return
    single = is_scalar_only((reference, answer), sample_space)
    whole_numbers = any(short_name(symbol.domain) in WHOLE_DOMAINS for symbol in sample_space.symbols.values())
    many, few = (SCALAR_WHOLE_POINTS, ARRAY_WHOLE_POINTS) if whole_numbers else (SCALAR_POINTS, ARRAY_POINTS)
    count = many if single else affordable_points((reference, answer), sample_space, few, MIN_ARRAY_POINTS)
    crossings = MAX_CROSSINGS if single else affordable_points((reference, answer), sample_space, MAX_CROSSINGS, 0)
    points = ScreeningPoints(sample_space, count, landmarks(reference, answer), crossings)
    if single:
        together = points.floats()
        off = _relative_difference(in_floats(reference, together)[-1], in_floats(answer, together)[-1], points.count)
    else:
        off = np.array([_largest_difference(reference, answer, points[at]) for at in range(points.count)])
    for at in np.argsort(-off, kind="stable")[:PROPOSED_POINTS]:
        if off[at] > 0:
            yield points[at]
    yield from (points[at] for at in range(points.count - PROPOSED_POINTS // 2, points.count))
    if whole_numbers:
        yield from _large_whole_numbers(sample_space)


def points_with_a_value(reference: Expression, sample_space: SampleSpace) -> Iterator[Point]:
    """Yield points far and near at which the floats of a reference have a value, for one that has few."""
    points = ScreeningPoints(sample_space, SCALAR_POINTS, landmarks(reference))
    for at in range(points.count):
        if np.isfinite(in_floats(reference, points[at].floats)[-1]).all():
            yield points[at]


def is_scalar_only(expressions: tuple[Expression, ...], sample_space: SampleSpace) -> bool:
    """Whether no array occurs in formulas, not even in between: then they can be worked out at many points at once."""
    return not any(shape for each in expressions for shape in shapes(each, sample_space.shapes, mixing=True).values())


def affordable_points(expressions: tuple[Expression, ...], sample_space: SampleSpace, most: int, least: int) -> int:
    """Return how often formulas with arrays are worked out: less often the more they cost."""
    total = sum(cost(each, shapes(each, sample_space.shapes, mixing=True)) for each in expressions)
    return max(least, min(most, ARRAY_OPERATIONS // max(total, 1)))


def landmarks(*expressions: Expression) -> list[float]:
    """Return the numbers that occur, and small multiples of π: functions change around them."""
    values = [node.value for each in expressions for node in postorder(each)]
    numbers = {float(value) for value in values if isinstance(value, Fraction) and abs(value) < 10**30}
    return [*sorted(numbers), *LANDMARKS]


def _largest_difference(reference: Expression, answer: Expression, point: Point) -> float:
    expected, given = (in_floats(each, point.floats)[-1] for each in (reference, answer))
    return float(_relative_difference(expected, given, 1).max(initial=0.0))


def _relative_difference(expected: Any, given: Any, count: int) -> Any:
    """How much two values differ, relative to their size; infinite where only the answer has no value."""
    with np.errstate(all="ignore"):
        expected, given = (np.broadcast_to(each, np.shape(each) or (count,)) for each in (expected, given))
        off = np.abs(given - expected) / (np.abs(expected) + np.abs(given) + 1e-300)
        off = np.where(np.isfinite(expected) & ~np.isfinite(given), np.inf, off)
        return np.where(np.isfinite(expected), np.where(np.isnan(off), 0.0, off), 0.0)


class ScreeningPoints:
    """Many points together: wide in every domain, all corners of small discrete ones, whole numbers one by one."""

    def __init__(self, sample_space: SampleSpace, count: int, near: list[float], crossings: int = 0) -> None:
        draw = sample_space.generator(10_001)
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
                self.values[name] = _whole_numbers(draw, self.count, size, low, side, taken, near)
                self.values[name] = np.maximum(self.values[name], 1) if domain == "posint" else self.values[name]
                taken += entries[name]
            elif domain in STRUCTURED or domain == "binary":
                scales = 2.0 ** draw.integers(-16, 17, size=self.count)
                self.values[name] = np.stack([sample(symbol.domain, size, draw, scale) for scale in scales])
            else:
                values = np.empty((self.count, *size))
                for kind in range(RANGES):
                    part = values[kind::RANGES]
                    part[...] = _wide_values(draw, part.shape, kind, near)
                self.values[name] = map_into(symbol.domain, values)

        self._cross(sample_space, near[: -len(LANDMARKS)], crossings)

    def _cross(self, sample_space: SampleSpace, numbers: list[float], most: int) -> None:
        """Put points first at which every coordinate is a number that occurs: what is there only, is seen from nowhere else."""
        free = {
            name: sample_space.size(name)
            for name, symbol in sample_space.symbols.items()
            if short_name(symbol.domain) not in STRUCTURED and short_name(symbol.domain) != "binary"
        }
        rows = crossings_of(
            numbers, sum(int(np.prod(size, dtype=int)) for size in free.values()), most, sample_space.generator(10_003)
        )
        taken = 0
        for name in self.values:
            drawn = self.values[name]
            if name in free:
                number = int(np.prod(free[name], dtype=int))
                made = rows[:, taken : taken + number].reshape(len(rows), *free[name])
                taken += number
                first = nearest_in(sample_space.symbols[name].domain, made)
            else:
                first = drawn[np.arange(len(rows)) % len(drawn)]
            self.values[name] = np.concatenate([first, drawn])
        self.count += len(rows)

    def floats(self) -> Mapping[str, Any]:
        """Return all points at once."""
        return {name: to_floats(values) for name, values in self.values.items()}

    def __getitem__(self, at: int) -> Point:
        return Point({name: values[at] for name, values in self.values.items()})


def crossings_of(numbers: list[float], entries: int, most: int, draw: np.random.Generator) -> Any:
    """Return rows of numbers that occur: all combinations if there are few, and others of what two of them make."""
    half = most // 2
    if not numbers or not entries or not half:
        return np.empty((0, entries))
    plain = np.array(numbers)
    if len(plain) ** entries <= half:
        places = np.arange(len(plain) ** entries)[:, None] // len(plain) ** np.arange(entries) % len(plain)
        first = plain[places]
    else:
        first = draw.choice(plain, size=(half, entries))
    one, other = (draw.choice(plain, size=(half, entries)) for _ in range(2))
    with np.errstate(all="ignore"):
        made = np.stack([one, -one, 0 * one, np.sqrt(np.abs(one)), one + other, one - other, one * other, one / other])
    second = np.take_along_axis(made, draw.integers(len(made), size=(1, half, entries)), axis=0)[0]
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


def _wide_values(draw: np.random.Generator, size: tuple[int, ...], kind: int, near: list[float]) -> Any:
    """Near 0, to a few hundred, of every size, around the numbers that occur, all of one sign, all entries equal or small and whole."""
    sign = draw.choice([-1.0, 1.0], size=size)
    each = (size[0], *(1,) * (len(size) - 1))
    if kind == 0:
        return draw.uniform(-3, 3, size=size)
    if kind == 1:
        return draw.uniform(-400, 400, size=size)
    if kind == 2:
        return sign * 10.0 ** draw.uniform(-12, 12, size=size)
    if kind == 3:
        aside = 10.0 ** draw.uniform(-8, 1, size=size) * draw.choice([-1.0, 1.0], size=size)
        return draw.choice(near, size=size) * draw.choice([1, 1, 1, 1, -1, 2, 0.5, 3], size=size) + aside
    if kind == 4:
        return draw.choice([-1.0, 1.0], size=each) * 10.0 ** draw.uniform(0, 6, size=size)
    equal = np.broadcast_to(draw.normal(size=each), size)
    return np.where(draw.integers(2, size=each), equal, draw.integers(-2, 3, size=size))


def _corners(sample_space: SampleSpace, most: int) -> dict[str, Any]:
    """Return all values of the symbols that have few, in every combination, if there are not too many."""
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
    if not choices or np.prod([float(len(each)) for each in choices.values()]) > most:
        return {name: each for name, each in list(choices.items())[:1] if len(each) <= most}
    rows = list(product(*(range(len(each)) for each in choices.values())))
    return {name: each[[row[at] for row in rows]] for at, (name, each) in enumerate(choices.items())}


def _repeated(values: Any, count: int) -> Any:
    return values[np.arange(count) % len(values)]


def _whole_numbers(
    draw: np.random.Generator, count: int, size: tuple[int, ...], low: int, side: int, taken: int, near: list[float]
) -> Any:
    """Whole numbers in every combination as far as ``side`` goes, then around the numbers that occur, then of every size."""
    number = int(np.prod(size, dtype=int)) or 1
    places = np.arange(count)[:, None] // side ** np.arange(taken, taken + number, dtype=float) % side
    values = np.floor(places) + low
    rest = count - min(count // 2, count)
    around = draw.choice(np.round([each for each in near if abs(each) < 2**53]), size=(rest, number)) + draw.integers(
        -2, 3, size=(rest, number)
    )
    other = np.round(10.0 ** draw.uniform(0, 5, size=(rest, number))) * (
        1.0 if low == 1 else draw.choice([-1.0, 1.0], size=(rest, number))
    )
    values[count - rest :] = np.where(draw.integers(2, size=(rest, number)), around, other)
    return values.reshape(count, *size)


def _large_whole_numbers(sample_space: SampleSpace) -> Iterator[Point]:
    """Whole numbers that floats cannot hold: around powers of two, and of every size."""
    draw = sample_space.generator(10_002)
    edges = [fmpq(2**power + off) for power in POWERS for off in (-1, 0, 1)]
    for number in range(len(edges) + LARGE_WHOLE_POINTS):
        values = {}
        for name, symbol in sample_space.symbols.items():
            domain, size = short_name(symbol.domain), sample_space.size(name)
            if domain not in WHOLE_DOMAINS:
                values[name] = sample(symbol.domain, size, draw, 4.0)
                continue
            value = _filled(size, edges[number]) if number < len(edges) else whole_numbers(size, draw)
            values[name] = -value if domain == "int" and draw.integers(2) else value
        yield Point(values)


def _filled(size: tuple[int, ...], value: fmpq) -> Any:
    """The same fraction everywhere."""
    made: Any = np.empty(size, dtype=object)
    made.fill(value)
    return made[()]
