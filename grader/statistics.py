"""Item analysis of a class: plain values, from results to numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grader.grading import BlankResult, Result
from grader.submission import Written
from grader.verdict import Mistake, Options, Outcome

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
class WrongAnswer:
    """Answers to one blank that were read alike and earned less than full credit.

    ``spellings`` are up to three ways in which they were written; ``students`` all who gave them.
    """

    blank: str
    outcome: Outcome
    read_as: str | None
    spellings: tuple[str, ...]
    mistake: str | None
    sentence: str
    students: tuple[str, ...]


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
    bins: tuple[int, ...]
    parts: tuple[PartStatistics, ...]


def analyse(results: Sequence[Result]) -> ClassStatistics:
    """Return the statistics of one problem's results."""
    graded = [result for result in results if result.points is not None]
    totals = [float(result.points or 0) for result in graded]
    columns = [[float(result.parts[i].points or 0) for result in graded] for i in range(_width(results))]
    alpha = cronbach(columns)
    sd = deviation(totals)
    return ClassStatistics(
        len(results), len(graded), average(totals), median(totals), sd, alpha,
        None if alpha is None or sd is None or alpha > 1 else sd * math.sqrt(1 - alpha),
        bins(totals, float(results[0].out_of) if results else 0.0),
        tuple(_part(number, results, graded, columns) for number in range(len(columns))),
    )  # fmt: skip


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
    spread = math.fsum((x - a) ** 2 for x in left) * math.fsum((y - b) ** 2 for y in right)
    return across / math.sqrt(spread) if spread > 1e-18 else None


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


def bins(totals: Sequence[float], out_of: float, most: int = 12) -> tuple[int, ...]:
    """Count totals in equal bins over 0 … out_of, a bin for each point up to ``most``; the last one is closed."""
    count = max(1, min(most, math.ceil(out_of)))
    width = out_of / count if out_of else 1.0
    found = [0] * count
    for total in totals:
        found[min(count - 1, int(total / width + 1e-9))] += 1
    return tuple(found)


def wrong_answers(results: Sequence[Result], part: int, most: int = 5) -> tuple[WrongAnswer, ...]:
    """Return the most common answers to a part that earned less than full credit, read alike taken together."""
    groups: dict[tuple[str, Outcome, str], list[tuple[str, BlankResult]]] = {}
    for result in results:
        for each in result.parts[part].blanks:
            if each.verdict.outcome in ("partial", "incorrect", "unreadable", "ungraded"):
                key = (each.blank.address, each.verdict.outcome, each.verdict.read_as or str(each.written))
                groups.setdefault(key, []).append((result.student.id, each))
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(_group(blank, outcome, members) for (blank, outcome, _), members in ordered[:most])


def _group(blank: str, outcome: Outcome, members: list[tuple[str, BlankResult]]) -> WrongAnswer:
    first = members[0][1].verdict
    named = next((finding for finding in first.findings if isinstance(finding, Mistake)), None)
    spellings = Counter(text_of(each.written) for _, each in members)
    common = tuple(text for text, _ in sorted(spellings.items(), key=lambda item: (-item[1], item[0]))[:3])
    sentence = named.sentence if named else first.review or first.reason
    return WrongAnswer(
        blank,
        outcome,
        first.read_as,
        common,
        named.id if named else None,
        sentence,
        tuple(who for who, _ in members),
    )


@dataclass(frozen=True)
class Waiting:
    """Equal answers that a person should look at for the same reason: one decision for all of them."""

    blank: str
    written: str
    why: str
    students: tuple[str, ...]


def waiting(results: Sequence[Result]) -> tuple[Waiting, ...]:
    """Return what needs a person, in exam order, equal answers taken together, the most common first."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for result in results:
        for doubt in _doubts(result):
            groups.setdefault(doubt, []).append(result.student.id)
    addresses = [blank.address for blank in results[0].problem.blanks] if results else []

    def order(item: tuple[tuple[str, str, str], list[str]]) -> tuple[int, int, str]:
        (blank, text, _), students = item
        return (addresses.index(blank) if blank in addresses else len(addresses), -len(students), text)

    return tuple(
        Waiting(blank, text, why, tuple(who)) for (blank, text, why), who in sorted(groups.items(), key=order)
    )


def _doubts(result: Result) -> list[tuple[str, str, str]]:
    """Address, what was written, and why, for everything in a submission that needs a person."""
    if result.submission.held:
        return [("", "", result.submission.held)]
    found = []
    for part in result.parts:
        for each in part.blanks:
            verdict = each.verdict
            if verdict.review:
                reason = (
                    f"{verdict.review} {verdict.reason}"
                    if verdict.outcome == "unreadable"
                    else verdict.review
                )
                found.append((each.blank.address, text_of(each.written), reason))
    stray = ((address, text_of(text), "There is no such part.") for address, text in result.unmatched.items())
    return [*found, *stray]


def text_of(written: Written | None) -> str:
    """Return what was written as one text; a list with commas."""
    return written if isinstance(written, str) else ", ".join(written or ())


def option_counts(results: Sequence[Result], blank: str) -> dict[str, int]:
    """Return how often each option of a blank was chosen."""
    counts: Counter[str] = Counter()
    for result in results:
        for part in result.parts:
            for each in part.blanks:
                if each.blank.address == blank:
                    chosen = [f.chosen for f in each.verdict.findings if isinstance(f, Options)]
                    counts.update(option for options in chosen for option in options)
    return dict(counts)
