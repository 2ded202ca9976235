"""The decision on two formulas: whether they are equal, the reason, and the evidence that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from grader.formula.equality.sample_points import Point


class Reason(Enum):
    """Why two formulas are equal, are not, or could not be decided; ``describe`` makes the sentence."""

    SAME_FORMULA = auto()
    VALUES_AGREE = auto()
    VALUES_DIFFER = auto()
    NO_VALUE = auto()
    SHAPES_DIFFER = auto()
    SHAPES_DO_NOT_FIT = auto()
    TOO_EXPENSIVE = auto()
    REFERENCE_WITHOUT_VALUE = auto()


_SENTENCES: Mapping[Reason, str] = {
    Reason.SAME_FORMULA: "The same formula.",
    Reason.VALUES_AGREE: "The values agree.",
    Reason.VALUES_DIFFER: "The values differ.",
    Reason.NO_VALUE: "The answer has no value in a region where the reference has one.",
    Reason.SHAPES_DIFFER: "The shapes differ.",
    Reason.TOO_EXPENSIVE: "This formula takes too long to work out.",
    Reason.REFERENCE_WITHOUT_VALUE: "The reference has no value that could be worked out at any sample point.",
}


@dataclass(frozen=True)
class DecisionEvidence:
    """What a decision rests on: points of agreement, bits, how much more than random points was needed, and the bound.

    ``false_accept_log2`` is the base-2 logarithm of the chance that formulas which are polynomials and differ agree at
    all points (Schwartz and Zippel); None where that does not apply. ``bits`` is the highest precision, 0 where the same
    formula was compared, or floats.
    """

    points: int = 0
    bits: int = 0
    screened_points: int = 0
    cells: int = 0
    false_accept_log2: float | None = None
    tolerance: float | None = None


@dataclass(frozen=True)
class Decision:
    """Whether two formulas are equal: True, False, or None when that could not be decided.

    ``point`` is where they were seen to differ. ``misfit`` is the sentence on shapes that do not fit within the answer.
    """

    equal: bool | None
    reason: Reason
    evidence: DecisionEvidence = DecisionEvidence()
    point: Point | None = None
    misfit: str = ""

    @property
    def is_undefined(self) -> bool:
        """True if the answer is wrong because it has no value where the reference has one."""
        return self.equal is False and self.reason is Reason.NO_VALUE


def describe(decision: Decision) -> str:
    """Return the reason of a decision as a sentence.

    >>> describe(Decision(True, Reason.VALUES_AGREE))
    'The values agree.'
    """
    return decision.misfit if decision.reason is Reason.SHAPES_DO_NOT_FIT else _SENTENCES[decision.reason]
