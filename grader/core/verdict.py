"""The verdict on one blank, and the typed findings that explain it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar, Literal

Outcome = Literal["correct", "partial", "incorrect", "blank", "unreadable", "ungraded"]
Reveal = Literal["verdict", "hint", "full"]

FULL = Fraction(1)
NONE = Fraction(0)
GRADER_FAILED = "The grader failed on this answer"


class UngradedCause(StrEnum):
    """Why an answer has no mark. The values are stored."""

    GRADER_FAILED = "grader-failed"
    """An exception in the grader itself; ``Verdict.detail`` says which."""
    UNDECIDED = "undecided"
    """Whether the answer equals the key was not decided."""
    OUT_OF_TIME = "out-of-time"
    """Time on the clock ran out, which says more of the machine than of the answer."""
    NO_SANDBOX = "no-sandbox"
    """Students' programs are not run on this machine."""
    HELD = "held"
    """The whole submission is held back: a person has to look at it first."""
    WAITING = "waiting"
    """The answer is still in the job queue."""


@dataclass(frozen=True)
class Finding:
    """One typed observation about an answer; ``sentence`` says it at the level ``full``."""

    type: ClassVar[str]

    def at(self, reveal: Reveal) -> Finding | None:
        """Return what may be shown at ``reveal``: this finding, a reduced one, or nothing."""
        return self if reveal == "full" else None


@dataclass(frozen=True)
class Shape(Finding):
    """How the shapes of an answer fit; ``check`` is the shape check written out, in numbers and in letters."""

    type: ClassVar[str] = "shape"
    got: str | None
    expected: str | None = None
    check: str | None = None
    letters: str | None = None
    fits: bool = True
    span: tuple[int, int] | None = None
    sentence: str = ""
    hint: str = ""

    def at(self, reveal: Reveal) -> Finding | None:
        """At ``hint`` only the student's own shape is left; the expected one is the key's."""
        if reveal == "hint":
            return replace(self, expected=None, sentence=self.hint)
        return super().at(reveal)


@dataclass(frozen=True)
class Mistake(Finding):
    """A named mistake: ``hint`` may be shown before release, ``sentence`` names the place."""

    type: ClassVar[str] = "mistake"
    id: str
    sentence: str = ""
    hint: str = ""

    def at(self, reveal: Reveal) -> Finding | None:
        """At ``hint`` the author's or the general hint stands in for the sentence, and the name is hidden."""
        if reveal == "hint":
            return replace(self, id="", sentence=self.hint) if self.hint else None
        return super().at(reveal)


@dataclass(frozen=True)
class Counterexample(Finding):
    """Inputs at which answer and reference differ; the expected value is shown at ``full`` only."""

    type: ClassVar[str] = "counterexample"
    inputs: tuple[tuple[str, str], ...]
    yours: str
    expected: str | None = None
    sentence: str = ""

    def at(self, reveal: Reveal) -> Finding | None:
        """At ``hint`` the student's own value stays, the expected one goes."""
        return replace(self, expected=None) if reveal == "hint" else super().at(reveal)


@dataclass(frozen=True)
class Evidence(Finding):
    """What the decision on a formula rests on; for whoever may know the key.

    ``points`` and ``bits`` of agreement, how many more points a wide ``screen`` and the ``cells`` between kinks gave, and
    ``bound``, the base-2 logarithm of the chance of a false accept where that is known. ``point`` is where the formulas
    were told apart, if no counterexample is shown.
    """

    type: ClassVar[str] = "evidence"
    sentence: str
    method: Literal["same formula", "balls", "floats"]
    sizes: tuple[tuple[str, int], ...] = ()
    points: int = 0
    bits: int = 0
    screen: int = 0
    cells: int = 0
    bound: float | None = None
    tolerance: float | None = None
    point: tuple[tuple[str, tuple[float, ...]], ...] = ()


@dataclass(frozen=True)
class Options(Finding):
    """Which options were chosen and, for whoever may know, which are missing or too many (ids in the spec's order)."""

    type: ClassVar[str] = "options"
    chosen: tuple[str, ...]
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    arithmetic: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Note(Finding):
    """A plain remark that gives nothing of the key away."""

    type: ClassVar[str] = "note"
    sentence: str
    span: tuple[int, int] | None = None

    def at(self, reveal: Reveal) -> Finding | None:
        """A note is safe from ``hint`` on."""
        return None if reveal == "verdict" else self


@dataclass(frozen=True)
class PublicExample(Finding):
    """A public example: what a function was given, returned and printed, and what it should return. Nothing of it is hidden."""

    type: ClassVar[str] = "example"
    inputs: tuple[tuple[str, str], ...]
    yours: str | None
    expected: str
    right: bool
    printed: str = ""
    sentence: str = ""

    def at(self, reveal: Reveal) -> Finding | None:
        """An example is public from ``hint`` on."""
        return None if reveal == "verdict" else self


@dataclass(frozen=True)
class Check:
    """One check of a function on hidden inputs: what it is about, whether it passed, why not, and what shape was asked."""

    says: str
    passed: bool
    why: str = ""
    asked: str = ""


@dataclass(frozen=True)
class Checks(Finding):
    """How a function did on hidden inputs, check by check; of the inputs it says nothing at any level."""

    type: ClassVar[str] = "checks"
    checks: tuple[Check, ...]
    arithmetic: str = ""

    def at(self, reveal: Reveal) -> Finding | None:
        """At ``hint`` only the student's own shapes are left; the expected ones are the key's."""
        if reveal == "hint":
            return replace(self, checks=tuple(replace(each, asked="") for each in self.checks))
        return super().at(reveal)


@dataclass(frozen=True)
class Verdict:
    """What one answer earns and why; make one by the class methods only.

    ``credit`` is an exact fraction from 0 to 1, or None when ungraded. ``review`` is None, or why a person should
    look; it does not depend on the outcome. ``read_as`` is LaTeX between ``$`` signs or plain text. ``reason`` is one
    sentence that is safe at the level ``hint``: what would give the key away belongs in ``findings``. ``meaning`` is the
    same for every way of writing one answer, where the kind can tell. ``cause`` says to code why an answer is ungraded;
    ``detail`` is an exception's text, which may quote the key: for staff, and for no student at any level.
    """

    outcome: Outcome
    credit: Fraction | None
    review: str | None = None
    read_as: str | None = None
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    meaning: str | None = None
    cause: UngradedCause | None = None
    detail: str | None = None

    @classmethod
    def correct(
        cls, read_as: str, reason: str = "", findings: Iterable[Finding] = (), review: str | None = None
    ) -> Verdict:
        """Full credit."""
        return cls("correct", FULL, review, read_as, reason, tuple(findings))

    @classmethod
    def partial(
        cls,
        credit: Fraction,
        read_as: str,
        reason: str,
        findings: Iterable[Finding] = (),
        review: str | None = None,
    ) -> Verdict:
        """Some credit; at the ends of the scale this is ``correct`` or ``incorrect``."""
        if credit >= 1:
            return cls.correct(read_as, reason, findings, review)
        if credit <= 0:
            return cls.incorrect(read_as, reason, findings, review)
        return cls("partial", credit, review, read_as, reason, tuple(findings))

    @classmethod
    def incorrect(
        cls, read_as: str | None, reason: str, findings: Iterable[Finding] = (), review: str | None = None
    ) -> Verdict:
        """Readable, and earns nothing."""
        return cls("incorrect", NONE, review, read_as, reason, tuple(findings))

    @classmethod
    def blank(cls) -> Verdict:
        """Nothing was written."""
        return cls("blank", NONE, reason="Nothing was written here.")

    @classmethod
    def unreadable(cls, reason: str, findings: Iterable[Finding] = (), review: str | None = None) -> Verdict:
        """Something was written that could not be read: not the same as wrong."""
        return cls("unreadable", NONE, review, None, reason, tuple(findings))

    @classmethod
    def ungraded(
        cls,
        review: str,
        read_as: str | None = None,
        findings: Iterable[Finding] = (),
        *,
        cause: UngradedCause | None = None,
        detail: str | None = None,
    ) -> Verdict:
        """No mark yet: a person must decide; ``review`` says why, to code ``cause``."""
        reason = "This answer has not been graded: a person will look at it."
        return cls("ungraded", None, review, read_as, reason, tuple(findings), cause=cause, detail=detail)

    @classmethod
    def failed(cls, detail: str) -> Verdict:
        """No mark because of a fault in the grader itself; ``detail`` is for staff, a sentence's end without its full stop."""
        return cls.ungraded(f"{GRADER_FAILED}.", cause=UngradedCause.GRADER_FAILED, detail=detail)

    def reviewed(self, why: str) -> Verdict:
        """Return the same verdict with a reason for a person to look, unless it has one already."""
        return self if self.review else replace(self, review=why)

    @property
    def staff_review(self) -> str | None:
        """Why a person should look, with the detail that only staff may see."""
        return with_detail(self.review, self.detail)

    def at(self, reveal: Reveal) -> Verdict:
        """Return what may be shown to a student at ``reveal``; at ``verdict`` only the outcome and how the answer was read."""
        shown = tuple(finding for finding in (each.at(reveal) for each in self.findings) if finding)
        keep = reveal != "verdict" or self.outcome in ("blank", "unreadable", "ungraded")
        meaning = self.meaning if reveal == "full" else None
        return replace(self, reason=self.reason if keep else "", findings=shown, meaning=meaning, detail=None)


def with_detail(review: str | None, detail: str | None) -> str | None:
    """Put a detail behind a reason for review: “It failed.” and “no disk” become “It failed: no disk.”"""
    return review if review is None or detail is None else f"{review.removesuffix('.')}: {detail}."
