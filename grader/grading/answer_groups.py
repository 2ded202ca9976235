"""Equal answers of a class taken together: what is wrong most often, and what one decision of a person settles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grader.core.submission import Written
from grader.core.verdict import Mistake, Options, Outcome, Verdict
from grader.grading.results import BlankResult, Result

HELD = "all"
"""Stands for every blank of a submission that is held back whole."""


@dataclass(frozen=True)
class WrongAnswer:
    """Answers to one blank that earned less than full credit and mean the same, however they were written.

    ``spellings`` are up to three ways in which they were written; ``students`` all who gave them.
    """

    blank: str
    outcome: Outcome
    read_as: str | None
    spellings: tuple[str, ...]
    mistake: str | None
    sentence: str
    students: tuple[str, ...]


def wrong_answer_groups(results: Sequence[Result], part: int) -> tuple[WrongAnswer, ...]:
    """Return the answers to a part that earned less than full credit, the most common first."""
    groups: dict[tuple[str, Outcome, str], list[tuple[str, BlankResult]]] = {}
    for result in results:
        for each in result.parts[part].blanks:
            if each.verdict.outcome in ("partial", "incorrect", "unreadable"):
                found = each.verdict
                alike = found.meaning or mistake_of(found) or found.read_as or text_of(each.written)
                groups.setdefault((each.blank.address, each.verdict.outcome, alike), []).append(
                    (result.student.id, each)
                )
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(_group(blank, outcome, members) for (blank, outcome, _), members in ordered)


def mistake_of(verdict: Verdict) -> str | None:
    """Return the name of the mistake that a verdict names first."""
    return next((finding.id for finding in verdict.findings if isinstance(finding, Mistake)), None)


def _group(blank: str, outcome: Outcome, members: list[tuple[str, BlankResult]]) -> WrongAnswer:
    first = members[0][1].verdict
    named = next((finding for finding in first.findings if isinstance(finding, Mistake)), None)
    spellings = Counter(text_of(each.written) for _, each in members)
    common = tuple(text for text, _ in sorted(spellings.items(), key=lambda item: (-item[1], item[0]))[:3])
    alike = first.meaning is not None or len({each.verdict.read_as for _, each in members}) == 1
    sentence = named.sentence if named else _why(first) or first.reason
    students = tuple(who for who, _ in members)
    return WrongAnswer(
        blank,
        outcome,
        first.read_as if alike else None,
        common,
        named.id if named else None,
        sentence,
        students,
    )


@dataclass(frozen=True)
class ReviewItem:
    """Equal answers that a person should look at for the same reason; ``graded`` tells whether they have a mark."""

    blank: str
    written: str
    why: str
    graded: bool
    students: tuple[str, ...]


def review_items(results: Sequence[Result]) -> tuple[ReviewItem, ...]:
    """Return what needs a person: first what has no mark, then in exam order, the most common first."""
    groups: dict[tuple[bool, str, str, str], list[str]] = {}
    for result in results:
        for doubt in _doubts(result):
            groups.setdefault(doubt, []).append(result.student.id)
    places = [HELD, *(blank.address for blank in results[0].problem.blanks)] if results else []

    def order(each: ReviewItem) -> tuple[bool, int, int, str]:
        place = places.index(each.blank) if each.blank in places else len(places)
        return each.graded, place, -len(each.students), each.written

    found = (ReviewItem(blank, text, why, graded, tuple(who)) for (graded, blank, text, why), who in groups.items())
    return tuple(sorted(found, key=order))


def _doubts(result: Result) -> list[tuple[bool, str, str, str]]:
    """Whether it has a mark, address, what was written, and why, of all in a submission that needs a person."""
    if result.submission.held_reason:
        return [(False, HELD, "", result.submission.held_reason)]
    found = [
        (each.verdict.credit is not None, each.blank.address, text_of(each.written), why)
        for part in result.parts
        for each in part.blanks
        if (why := _why(each.verdict))
    ]
    stray = ((True, address, text_of(text), "There is no such part.") for address, text in result.unmatched.items())
    return [*found, *stray]


def _why(verdict: Verdict) -> str | None:
    review = verdict.staff_review
    return f"{review} {verdict.reason}" if review and verdict.outcome == "unreadable" else review


def text_of(written: Written | None) -> str:
    """Return what was written as one text; a list with commas."""
    if written == ():
        return "[none ticked]"
    return written if isinstance(written, str) else ", ".join(written or ())


def option_counts(results: Sequence[Result], blank: str) -> dict[str, int]:
    """Return how often each option of a blank was chosen."""
    counts: Counter[str] = Counter()
    for result in results:
        for part in result.parts:
            for each in part.blanks:
                if each.blank.address == blank:
                    chosen = [finding.chosen for finding in each.verdict.findings if isinstance(finding, Options)]
                    counts.update(option for options in chosen for option in options)
    return dict(counts)
