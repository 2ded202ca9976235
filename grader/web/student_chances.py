"""How many attempts a student has at a blank, and what the next one pays, in words."""

from __future__ import annotations

from fractions import Fraction

from grader.points import shown
from grader.web.credit import weight
from grader.web.exams import Policy

FREE = "Answers that cannot be read, or equal one before, use up none."


def rule(policy: Policy) -> str:
    """Say how many attempts there are at each blank, and what they pay: the same for everybody."""
    told = [] if policy.attempts is None else [f"You have {_many(policy.attempts)} at each answer. {FREE}"]
    if len(set(policy.credits)) > 1:
        *first, last = map(share, policy.credits)
        told.append(f"They pay {', '.join(first)}, then {last} of what they improve.")
    return " ".join(told)


def chances(policy: Policy, used: int) -> str:
    """Say how many attempts at a blank were used up, and what the next one pays; nothing before the first.

    Not to be said before the release: it tells how the answers were judged.
    """
    most = policy.attempts
    if most is not None and used >= most:
        return f"{_many(most).capitalize()} used: none is left."
    told = [] if most is None or not used else [f"{used} of {_many(most)} used."]
    if used and len(set(policy.credits)) > 1:
        told.append(f"The next one pays {share(weight(policy.credits, used))} of what it improves.")
    return " ".join(told)


def share(value: Fraction) -> str:
    """Write a share in words: all of it, a percentage, or the fraction itself."""
    if value == 1:
        return "all"
    percent = value * 100
    return f"{shown(percent)}\u202f%" if percent.denominator == 1 else str(value)


def _many(count: int) -> str:
    return "one attempt" if count == 1 else f"{count} attempts"
