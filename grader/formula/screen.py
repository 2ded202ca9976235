"""A wide look in floats, which proposes points where two formulas may differ; balls decide at exactly those points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq

from grader.formula.domains import STRUCTURED, into, sample, short, whole
from grader.formula.expression import Expression, postorder
from grader.formula.points import Place, Point
from grader.formula.program import in_floats

WIDE = 480
"""Points for formulas of single numbers, which are worked out all at once."""
FEW = 72
"""Points for formulas with arrays."""
PROPOSED = 8
KINDS = 6
WHOLE_SMALL = 80
WHOLE_LARGE = 60
LANDMARKS = (np.pi / 2, np.pi, 2 * np.pi, 3 * np.pi)


def proposals(reference: Expression, answer: Expression, place: Place) -> Iterator[Point]:
    """Yield the points at which the floats of two formulas differ most, and some that floats cannot judge."""
    names = list(place.symbols)
    if any(short(symbol.domain) in ("int", "posint") for symbol in place.symbols.values()):
        yield from _whole_numbers(place)
        return
    if not names:
        return
    scalar = all(not place.size(name) for name in names)
    count = WIDE if scalar else FEW
    together = _values(place, count, _landmarks(reference, answer))
    points = _Apart(together, count)
    if scalar:
        off = _off(in_floats(reference, together)[-1], in_floats(answer, together)[-1], count)
    else:
        off = np.array(
            [
                _off(in_floats(reference, each.floats)[-1], in_floats(answer, each.floats)[-1], 1).max()
                for each in points
            ]
        )
    for at in np.argsort(-off, kind="stable")[:PROPOSED]:
        if off[at] > 0:
            yield points[at]
    yield from (points[at] for at in range(count - PROPOSED // 2, count))


def defined(reference: Expression, place: Place) -> Iterator[Point]:
    """Yield points far and near at which the floats of a reference have a value, for one that has few."""
    for point in _Apart(_values(place, WIDE, _landmarks(reference)), WIDE):
        with np.errstate(all="ignore"):
            if np.isfinite(in_floats(reference, point.floats)[-1]).all():
                yield point


def _off(expected: Any, given: Any, count: int) -> Any:
    """How much two values differ, relative to their size; infinite where only the answer has no value."""
    with np.errstate(all="ignore"):
        expected, given = (
            np.broadcast_to(expected, np.shape(expected) or (count,)),
            np.broadcast_to(given, np.shape(given) or (count,)),
        )
        off = np.abs(given - expected) / (np.abs(expected) + np.abs(given) + 1e-300)
        off = np.where(np.isfinite(expected) & ~np.isfinite(given), np.inf, off)
        return np.where(np.isfinite(expected), np.where(np.isnan(off), 0.0, off), 0.0)


def _landmarks(*expressions: Expression) -> list[float]:
    """The numbers that occur, and small multiples of π: functions change around them."""
    values = [node.value for each in expressions for node in postorder(each)]
    numbers = {float(value) for value in values if isinstance(value, Fraction) and abs(value) < 10**15}
    return [*sorted(numbers), *LANDMARKS]


class _Apart(Sequence[Point]):
    """Values of many points together, taken apart."""

    def __init__(self, together: Mapping[str, Any], count: int) -> None:
        self.together = together
        self.number = count

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, at: Any) -> Any:
        if at >= self.number:
            raise IndexError(at)
        return Point({name: values[at] for name, values in self.together.items()})


def _values(place: Place, count: int, landmarks: list[float]) -> dict[str, Any]:
    """Return values of every symbol at many points; the first axis counts the points."""
    draw = place.draw(10_001)
    found: dict[str, Any] = {}
    for name, symbol in place.symbols.items():
        size = place.size(name)
        if short(symbol.domain) in STRUCTURED or short(symbol.domain) == "binary":
            scales = 2.0 ** draw.integers(-8, 9, size=count)
            found[name] = np.stack([sample(symbol.domain, size, draw, scale) for scale in scales])
        else:
            values = np.empty((count, *size))
            for kind in range(KINDS):
                part = values[kind::KINDS]
                part[...] = _wide(draw, part.shape, kind, landmarks)
            found[name] = into(symbol.domain, values)
    return found


def _wide(draw: np.random.Generator, size: tuple[int, ...], kind: int, landmarks: list[float]) -> Any:
    """Near 0, to a few hundred, of every size, around the numbers that occur, all entries equal, or small and whole."""
    sign = draw.choice([-1.0, 1.0], size=size)
    if kind == 0:
        return draw.uniform(-3, 3, size=size)
    if kind == 1:
        return draw.uniform(-400, 400, size=size)
    if kind == 2:
        return sign * 10.0 ** draw.uniform(-12, 12, size=size)
    if kind == 3:
        aside = 10.0 ** draw.uniform(-8, 1, size=size) * draw.choice([-1.0, 1.0], size=size)
        return sign * draw.choice(landmarks, size=size) * draw.choice([1, 2, 0.5, 3], size=size) + aside
    if kind == 4:
        return sign * 10.0 ** draw.uniform(0, 6, size=size)
    equal = np.broadcast_to(draw.normal(size=(size[0], *(1,) * (len(size) - 1))), size)
    chosen = draw.integers(2, size=(size[0], *(1,) * (len(size) - 1)))
    return np.where(chosen, equal, draw.integers(-2, 3, size=size))


def _whole_numbers(place: Place) -> Iterator[Point]:
    """Small whole numbers, all of them one by one, and large ones: around powers of two, and of every size."""
    draw = place.draw(10_002)
    edges = [
        fmpq(2**power + off) for power in (7, 8, 15, 16, 23, 24, 31, 32, 52, 53, 54, 62) for off in (-1, 0, 1)
    ]
    for number in range(WHOLE_SMALL + len(edges) + WHOLE_LARGE):
        values = {}
        for name, symbol in place.symbols.items():
            domain, size = short(symbol.domain), place.size(name)
            if domain not in ("int", "posint"):
                values[name] = sample(symbol.domain, size, draw, 4.0)
                continue
            if number < WHOLE_SMALL:
                value = (
                    np.full(size, number + 1.0)[()]
                    if len(place.symbols) == 1
                    else draw.integers(1, 2 + number, size=size) + 0.0
                )
            elif number < WHOLE_SMALL + len(edges):
                value = _filled(size, edges[number - WHOLE_SMALL])
            else:
                value = whole(size, draw)
            negative = domain == "int" and number % 2
            values[name] = -value + (1 if number < WHOLE_SMALL else 0) if negative else value
        yield Point(values)


def _filled(size: tuple[int, ...], value: fmpq) -> Any:
    """The same fraction everywhere."""
    made: Any = np.empty(size, dtype=object)
    made.fill(value)
    return made[()]
