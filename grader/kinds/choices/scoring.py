"""How much a set of ticked options earns: the policies of the field, exactly.

With n options, the true set T and the chosen set C: t = |C∩T|, f = |C∖T|, e = f + |T∖C|.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Policy = Literal["all-or-nothing", "per-option", "net-correct", "balanced", "halves", "coverage", "weights"]


def credit(
    policy: Policy,
    true: Collection[str],
    chosen: Collection[str],
    options: Sequence[str],
    weights: Mapping[str, Fraction] | None = None,
) -> Fraction:
    """Return the credit, from 0 to 1.

    Where nothing is true (or everything), an empty denominator is replaced as follows: T empty gives 1 for C empty
    and 0 otherwise, except that per-option and balanced give 1 − f/n; T full makes balanced t/n; C empty gives
    coverage 0.
    """
    n, right = len(options), frozenset(true)
    picked = frozenset(chosen)
    t, f, missed = len(picked & right), len(picked - right), len(right - picked)
    if policy == "all-or-nothing":
        return Fraction(picked == right)
    if policy == "per-option":
        return 1 - Fraction(f + missed, n)
    if policy == "halves":
        return _halves(f + missed, n)
    if policy == "weights" and not right and not picked:
        return Fraction(1)
    if policy == "weights":
        total = sum(((weights or {}).get(option, Fraction(0)) for option in picked), Fraction(0))
        return min(max(total, Fraction(0)), Fraction(1))
    if policy == "balanced":
        return _balanced(t, f, len(right), n)
    if not right:
        return Fraction(not picked)
    if policy == "net-correct":
        return max(Fraction(0), Fraction(t - f, len(right)))
    return Fraction(t * t, len(right) * len(picked)) if picked else Fraction(0)


def arithmetic(policy: Policy, true: Collection[str], chosen: Collection[str], options: Sequence[str]) -> str:
    """Write out how the credit comes about, such as ``2/3 of the true options − 1/1 of the others, at least 0``."""
    n, right, picked = len(options), frozenset(true), frozenset(chosen)
    t, f, missed = len(picked & right), len(picked - right), len(right - picked)
    if policy == "balanced" and 0 < len(right) < n:
        return f"{t}/{len(right)} of the true options − {f}/{n - len(right)} of the others, at least 0"
    if policy == "balanced":
        return f"{t}/{n} of the options" if right else f"1 − {f}/{n} of the options"
    if policy == "net-correct" and right:
        return f"({t} right − {f} wrong) / {len(right)}, at least 0"
    if policy == "per-option":
        return f"{n - f - missed} of {n} options as they should be"
    if policy == "coverage" and right and picked:
        return f"{t}/{len(right)} of the true options × {t}/{len(picked)} of the chosen ones"
    if policy == "halves":
        return f"{f + missed} {'error' if f + missed == 1 else 'errors'} in {n} options"
    return "the weights of the chosen options added up, from 0 to 1" if policy == "weights" else "all or nothing"


def _balanced(t: int, f: int, true: int, n: int) -> Fraction:
    if true == 0:
        return 1 - Fraction(f, n)
    if true == n:
        return Fraction(t, n)
    return max(Fraction(0), Fraction(t, true) - Fraction(f, n - true))


def _halves(errors: int, n: int) -> Fraction:
    if errors == 0:
        return Fraction(1)
    if errors == 1 and n > 2:
        return Fraction(1, 2)
    return Fraction(1, 4) if errors == 2 and n > 4 else Fraction(0)


@dataclass(frozen=True)
class Guessing:
    """What a policy pays without knowledge: for ticking nothing, everything, and on average at random."""

    nothing: Fraction
    everything: Fraction
    random: Fraction


def guessing(
    policy: Policy,
    true: Collection[str],
    options: Sequence[str],
    weights: Mapping[str, Fraction] | None = None,
) -> Guessing:
    """Return what guessing pays; the random tick is a fair coin for each option, summed over every set.

    At most 16 options are summed over: 2^16 sets.
    """
    if len(options) > 16:
        raise ValueError(f"{len(options)} options are too many to sum over every set; at most 16")
    every = [[option for bit, option in enumerate(options) if number >> bit & 1] for number in range(2 ** len(options))]
    total = sum((credit(policy, true, chosen, options, weights) for chosen in every), Fraction(0))
    return Guessing(
        credit(policy, true, (), options, weights),
        credit(policy, true, options, options, weights),
        total / len(every),
    )
