"""Toy kinds that say what they are told to say: the road is tested with them before any real kind."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from grader.core.errors import Fault, Unreadable
from grader.core.submission import Written
from grader.core.verdict import Verdict
from grader.grading.problem import Blank, Part, Problem
from grader.kinds.base.context import Context
from grader.kinds.base.prepared import Prepared
from grader.kinds.base.public import Public, single_text
from grader.kinds.base.spec import Spec


class ToySpec(Spec):
    """Answers are instructions: ``correct``, ``half``, ``wrong``, ``garbled``, ``undecided``, ``fault``, ``crash``.

    A ``?`` at the end asks for a person besides.
    """

    kind: Literal["toy"] = "toy"

    def prepare(self, context: Context) -> Prepared[str]:
        return Toy()

    def public(self, context: Context) -> Public:
        return Public(kind=self.kind, instructions="Write what should come out.", label=self.label)


class Toy:
    """Does as it is told."""

    def read(self, written: Written) -> str:
        text = single_text(written)
        if text.startswith("garbled"):
            raise Unreadable("The word “garbled” cannot be read.", (0, 7))
        return text

    def check(self, answer: str) -> Verdict:
        word, _, asked = answer.partition("?")
        review = "A toy asks for a person." if answer.endswith("?") and not asked else None
        match word:
            case "correct":
                return Verdict.correct("correct", review=review)
            case "half":
                return Verdict.partial(Fraction(1, 2), "half", "Only half of it.", review=review)
            case "third":
                return Verdict.partial(Fraction(1, 3), "third", "Only a third of it.", review=review)
            case "wrong":
                return Verdict.incorrect("wrong", "That is wrong.", review=review)
            case "undecided":
                return Verdict.ungraded("The toy cannot decide this.", read_as="undecided")
            case "fault":
                raise Fault("the toy's clockwork is broken")
        raise ZeroDivisionError("the toy crashed")

    def key(self) -> str:
        return "correct"


def toy_problem(**points: int | str) -> Problem:
    """Make a problem with one part for each keyword; ``a__x`` and ``a__y`` are two blanks of part a."""
    blanks: dict[str, list[Blank]] = {}
    for name, worth in points.items():
        part, _, blank = name.partition("__")
        address = f"{part}.{blank}" if blank else part
        blanks.setdefault(part, []).append(Blank(address, ToySpec(points=Fraction(worth))))
    parts = tuple(Part(part, f"Part {part}?", tuple(each)) for part, each in blanks.items())
    return Problem("toys", "Toys", parts, hash="0" * 64)
