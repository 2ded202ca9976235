"""What attempts earn together: each pays what it improves, times the credit of its place; points are never lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

WHOLE = (Fraction(1),)


@dataclass(frozen=True)
class Scored:
    """One attempt: its score from 0 to 1, None while nobody knows it, and whether it uses up an attempt."""

    score: Fraction | None
    counts: bool = True


@dataclass(frozen=True)
class Earned:
    """What attempts earned so far, the best score among them, and how many attempts they used up."""

    credit: Fraction = Fraction(0)
    best: Fraction = Fraction(0)
    used: int = 0


def weight(weights: Sequence[Fraction], used: int) -> Fraction:
    """Return the credit of the attempt after ``used`` ones; the last one stated holds for all further attempts."""
    return weights[min(used, len(weights) - 1)]


def earned(attempts: Iterable[Scored], weights: Sequence[Fraction] = WHOLE) -> Earned:
    """Return what attempts earn, in their order: ``(s - best) * a_k`` each, where that is more than nothing.

    One that uses up no attempt is paid like the attempt that it might have been; one without a score is left out.
    """
    so_far = Earned()
    for each in attempts:
        gain = max(Fraction(0), (each.score or Fraction(0)) - so_far.best)
        paid = so_far.credit + gain * weight(weights, so_far.used)
        so_far = Earned(paid, so_far.best + gain, so_far.used + each.counts)
    return so_far
