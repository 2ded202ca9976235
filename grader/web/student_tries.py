"""Attempts as their student may see them: through ``shown`` alone, told in the words of the batch's pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from markupsafe import Markup

from grader.blank import Preview, Public
from grader.grading import BlankResult
from grader.reports.student import read_as_text, written
from grader.verdict import Options
from grader.web import shown as showing
from grader.web.attempts import Attempt
from grader.web.shown import Shown
from grader.web.student_inputs import chosen
from grader.web.student_place import Place


@dataclass(frozen=True)
class Try:
    """One attempt as its student may see it; ``told`` is the feedback of the batch's page, where there is a verdict."""

    attempt: Attempt
    shown: Shown
    written: Markup
    read_as: Markup | None
    told: Markup | None
    out_of: Fraction

    @property
    def points(self) -> Fraction | None:
        """What the answer alone is worth."""
        verdict = self.shown.verdict
        return None if verdict is None or verdict.credit is None else verdict.credit * self.out_of

    @property
    def may_ask(self) -> bool:
        """Whether its student may say that it was misread."""
        verdict, asked = self.shown.verdict, self.attempt.asked
        return self.shown.state == "graded" and not asked and verdict is not None and verdict.credit != 1


def tries(place: Place, address: str, own: Sequence[Attempt]) -> list[Try]:
    """Return attempts at one blank as their student may see them, the newest first."""
    return [_try(place, address, each) for each in reversed(own)]


def _try(place: Place, address: str, attempt: Attempt) -> Try:
    public, given = place.public(address), attempt.written
    seen = showing.shown(
        attempt, place.exam, place.sheet, lambda: Preview() if given is None else public.preview(given)
    )
    read_as = None if seen.read_as is None else read_as_text(seen.read_as)
    told = _told(place, public, attempt, seen)
    return Try(attempt, seen, written(given), read_as, told, place.blank(address).spec.points)


def _told(place: Place, public: Public, attempt: Attempt, seen: Shown) -> Markup | None:
    """Return the feedback as on the batch's page; which options were chosen is known from the reading, if not otherwise."""
    verdict, pages = seen.verdict, place.pages
    if verdict is None:
        return None
    if public.options and not any(isinstance(each, Options) for each in verdict.findings):
        known = Options(chosen(public, verdict.read_as or ""))
        verdict, pages = replace(verdict, findings=(*verdict.findings, known)), place.plain_pages
    return pages.answer(BlankResult(place.blank(attempt.blank), attempt.written, verdict), several=False)
