"""Class statistics (item analysis): plain values, from results to numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grader.core.verdict import Outcome
from grader.grading.results import Result

OUTCOMES: tuple[Outcome, ...] = ("correct", "partial", "incorrect", "unreadable", "blank", "ungraded")
FEW = 10
"""Below this many results a correlation says little, and pages say so."""


@dataclass(frozen=True)
class PartStatistics:
    """One part over the whole class; ungraded results are left out of all but ``outcomes``.

    ``facility`` is the mean share of the points; ``item_rest`` the correlation of the part with the rest of the exam
    (with the total it would be inflated by the part itself), None without variance or below 3 results.
    """

    part: str
    n: int
    facility: float | None
    sd: float | None
    item_rest: float | None
    outcomes: tuple[tuple[Outcome, int], ...]


@dataclass(frozen=True)
class ClassStatistics:
    """The whole exam: ``n`` graded of ``handed_in``; points are floats, bins count totals from 0 to the maximum.

    ``alpha`` is Cronbach's alpha over the parts, ``sem`` the standard error of measurement sd·√(1 − alpha).
    """

    handed_in: int
    n: int
    mean: float | None
    median: float | None
    sd: float | None
    alpha: float | None
    sem: float | None
    bins: tuple[Bin, ...]
    parts: tuple[PartStatistics, ...]


def analyse(results: Sequence[Result]) -> ClassStatistics:
    """Return the statistics of one problem's results."""
    graded = [result for result in results if result.points is not None]
    totals = [float(result.points or 0) for result in graded]
    columns = [[float(result.parts[i].points or 0) for result in graded] for i in range(_width(results))]
    alpha = cronbach(columns)
    sd = deviation(totals)
    return ClassStatistics(
        len(results),
        len(graded),
        average(totals),
        median(totals),
        sd,
        alpha,
        None if alpha is None or sd is None or alpha > 1 else sd * math.sqrt(1 - alpha),
        bins(totals, float(results[0].out_of) if results else 0.0),
        tuple(_part(number, results, graded, columns) for number in range(len(columns))),
    )


def _width(results: Sequence[Result]) -> int:
    return len(results[0].parts) if results else 0


def _part(
    number: int, results: Sequence[Result], graded: Sequence[Result], columns: list[list[float]]
) -> PartStatistics:
    own = columns[number]
    rest = [sum(column[i] for column in columns) - own[i] for i in range(len(own))]
    counts = Counter(result.parts[number].outcome for result in results)
    out_of = float(results[0].parts[number].out_of)
    mean = average(own)
    return PartStatistics(
        results[0].parts[number].part.id,
        len(graded),
        None if mean is None or not out_of else mean / out_of,
        deviation(own),
        correlation(own, rest),
        tuple((outcome, counts[outcome]) for outcome in OUTCOMES),
    )


def average(values: Sequence[float]) -> float | None:
    """Return the mean, None of nothing."""
    return math.fsum(values) / len(values) if values else None


def median(values: Sequence[float]) -> float | None:
    """Return the middle value, or the mean of the two in the middle; None of nothing."""
    ordered = sorted(values)
    half = len(ordered) // 2
    if not ordered:
        return None
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def deviation(values: Sequence[float]) -> float | None:
    """Return the sample standard deviation (n − 1), None below two values."""
    mean = average(values)
    if mean is None or len(values) < 2:
        return None
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def correlation(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Return Pearson's correlation, None below three pairs or where one side does not vary."""
    a, b = average(left), average(right)
    if a is None or b is None or len(left) < 3:
        return None
    across = math.fsum((x - a) * (y - b) for x, y in zip(left, right, strict=True))
    one, other = math.fsum((x - a) ** 2 for x in left), math.fsum((y - b) ** 2 for y in right)
    if one <= _noise(left) or other <= _noise(right):
        return None
    return across / math.sqrt(one * other)


def _noise(values: Sequence[float]) -> float:
    """The sum of squares that rounding alone may leave where nothing varies."""
    return 1e-20 * len(values) * max(1.0, *(value * value for value in values))


def cronbach(columns: Sequence[Sequence[float]]) -> float | None:
    """Return Cronbach's alpha, k/(k−1)·(1 − Σ var(item)/var(total)) (Cronbach, Psychometrika 16, 1951).

    None below two parts, below two results, or where totals do not vary. With few parts it is low for that reason
    alone.
    """
    if len(columns) < 2 or len(columns[0]) < 2:
        return None
    totals = [math.fsum(row) for row in zip(*columns, strict=True)]
    whole = deviation(totals) or 0.0
    if whole < 1e-9:
        return None
    parts = math.fsum((deviation(column) or 0.0) ** 2 for column in columns)
    return len(columns) / (len(columns) - 1) * (1 - parts / whole**2)


@dataclass(frozen=True)
class Bin:
    """Totals from ``low`` to less than ``high``; with ``high`` None those that are exactly ``low``: full marks."""

    low: float
    high: float | None
    count: int


WIDTHS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


def bins(totals: Sequence[float], out_of: float, most: int = 12) -> tuple[Bin, ...]:
    """Count totals in at most ``most`` bins of a round width, and full marks in a bin of their own."""
    width = next((each for each in WIDTHS if out_of <= each * most), out_of / most)
    count = max(1, math.ceil(out_of / width - 1e-9))
    found = [0] * count
    full = sum(total >= out_of - 1e-9 for total in totals)
    for total in totals:
        if total < out_of - 1e-9:
            found[min(count - 1, int(total / width + 1e-9))] += 1
    edges = [*(number * width for number in range(count)), out_of]
    return (*map(Bin, edges, edges[1:], found), Bin(out_of, None, full))
