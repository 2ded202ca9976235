"""How many attempts a student has at a blank, which answers use up one, and what the next one pays, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.core.points import format_points
from grader.core.submission import Written
from grader.kinds.base.public import Preview, Public
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.exams.attempt_rules import attempt_weight
from grader.web.domain.exams.exams import Policy
from grader.web.pages.student.views.problem_context import Place

FREE = "Answers that cannot be read, or equal one before, use up none."
IMPROVES = "of what it improves"
PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
SHARES = {Fraction(0): "nothing", Fraction(1, 2): "half", Fraction(1): "in full"}
NOT_COUNTED = "not counted"
UNSURE = "counts unless it cannot be read"


def rule(policy: Policy) -> str:
    """Say how many attempts there are at each blank, and what they pay: the same for everybody."""
    told = [] if policy.attempts is None else [f"You have {_many(policy.attempts)} at each answer. {FREE}"]
    known = list(policy.credits[: policy.attempts])
    while len(known) > 1 and known[-1] == known[-2]:  # The last one holds for all further attempts.
        known.pop()
    if len(known) > 1:
        more = policy.attempts is None or policy.attempts > len(known)
        told.append(f"The first attempt pays {', '.join(_paid(known, more))}.")
    elif known != [1]:
        told.append(f"Every attempt pays {_improving(known[0])}.")
    return " ".join(told)


def _paid(credits: list[Fraction], more: bool) -> Iterator[str]:
    """Yield what each attempt pays; ``more`` says that the last credit is that of several."""
    for place, credit in enumerate(credits):
        which = f"the {PLACES[place]}" if place < len(PLACES) else f"attempt {place + 1}"
        if more and place + 1 == len(credits):
            which = "every later one"
        yield f"{which} {_improving(credit)}" if place else _improving(credit)


def chances(policy: Policy, counts: Counts) -> str:
    """Say how many attempts at a blank were used up, and what the next one pays; nothing before the first answer."""
    if counts.used_up:
        most = "your one attempt" if counts.most == 1 else f"all {counts.most} attempts"
        return f"You have used {most}: no more answers are taken here."
    if not counts.each:
        return ""
    told = []
    if counts.most is not None:
        told.append(_used(counts, counts.most))
    if counts.used and not counts.unsure and len(set(policy.credits)) > 1:
        told.append(f"The next one pays {_improving(attempt_weight(policy.credits, counts.used))}.")
    return " ".join(told)


def _used(counts: Counts, most: int) -> str:
    if counts.unsure:
        return f"{counts.used} to {min(counts.used + counts.unsure, most)} of {_many(most)} used."
    left = most - counts.used
    return f"{counts.used} of {_many(most)} used: {'one is' if left == 1 else f'{left} are'} left."


def counted(policy: Policy, counts: Counts, index: int, hidden: bool) -> str:
    """Say whether one answer uses up an attempt, which one, and what that pays; nothing where it makes no difference."""
    if policy.attempts is None and len(set(policy.credits)) == 1:
        return ""
    if counts.each[index] is None:
        return UNSURE if hidden else ""
    if not counts.each[index]:
        return NOT_COUNTED
    if None in counts.each[:index]:
        return "counts"
    place = counts.place(index)
    of = "" if policy.attempts is None else f" of {policy.attempts}"
    paid = attempt_weight(policy.credits, place - 1)
    return f"counts as attempt {place}{of}" + ("" if paid == 1 else f", pays {share(paid)}")


def share(value: Fraction) -> str:
    """Write in words what an attempt pays: all, half, a percentage, the fraction itself, or nothing."""
    if value in SHARES:
        return SHARES[value]
    percent = value * 100
    return f"{format_points(percent)}\u202f%" if percent.denominator == 1 else str(value)


def _improving(value: Fraction) -> str:
    """The same with what it is a share of."""
    return share(value) if value in (0, 1) else f"{share(value)} {IMPROVES}"


def _many(count: int) -> str:
    return "one attempt" if count == 1 else f"{count} attempts"


@dataclass(frozen=True)
class Counts:
    """For each attempt, in their order, whether it counts, None where that is not known yet; ``most`` is the limit."""

    each: tuple[bool | None, ...]
    most: int | None

    @property
    def used(self) -> int:
        """How many attempts are used up for sure."""
        return self.each.count(True)

    @property
    def unsure(self) -> int:
        """How many may be used up besides."""
        return self.each.count(None)

    @property
    def used_up(self) -> bool:
        """Whether no attempt is left."""
        return self.most is not None and self.used >= self.most

    def place(self, index: int) -> int:
        """Return the how-manyeth attempt that counts this one is, from 1."""
        return self.each[: index + 1].count(True)


def counts(place: Place, address: str, own: Sequence[Attempt]) -> Counts:
    """Count a student's attempts at one blank: as they were judged, or while that is hidden as they are read in public."""
    if place.level is not None:
        return Counts(tuple(map(_judged, own)), place.exam.policy.attempts)
    return Counts(tuple(_public(place, address, own)), place.exam.policy.attempts)


def _judged(attempt: Attempt) -> bool | None:
    if attempt.outcome == "unreadable":
        return False  # Whatever a person decides on it.
    open_yet = attempt.state == "waiting" or (attempt.needs_review and attempt.decision is None)
    return None if open_yet else attempt.uses_attempt


def _public(place: Place, address: str, own: Sequence[Attempt]) -> Iterator[bool | None]:
    """Yield whether each text counts; nothing here depends on a verdict, nor on whether there is one."""
    seen: set[Written | None] = set()
    for each in own:
        yield False if each.written is None or each.written in seen else _read(place, address, each.written)
        seen.add(each.written)


def _read(place: Place, address: str, given: Written) -> bool | None:
    """Whether a text can be read; None where that shows only when it is judged."""
    public, preview = place.public(address), place.preview(address, given)
    if preview.read_as is None:
        return False
    return None if preview.complaint or is_program(public, preview) else True


def is_program(public: Public, preview: Preview) -> bool:
    """Whether an answer was read as a program, which may not load."""
    signature: Any = getattr(public, "signature", None)
    return signature is not None and not (preview.read_as or "").startswith("$")
