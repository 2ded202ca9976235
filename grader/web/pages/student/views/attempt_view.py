"""Attempts as their student may see them: through ``shown`` alone, told in the words of the batch's pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from markupsafe import Markup

from grader.core.verdict import Options
from grader.grading.results import BlankResult
from grader.kinds.base.public import Preview, Public
from grader.reports.pages.student import read_as_text, written
from grader.web.domain.attempts import visibility
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.attempts.visibility import VisibleAttempt
from grader.web.pages.student.views.attempts_left import Counts, counted
from grader.web.pages.student.views.inputs import chosen
from grader.web.pages.student.views.problem_context import Place


@dataclass(frozen=True)
class Try:
    """One attempt as its student may see it.

    ``told`` is the feedback of the batch's page, where there is a verdict; ``counted`` says whether it uses up an attempt.
    """

    attempt: Attempt
    shown: VisibleAttempt
    written: Markup
    read_as: Markup | None
    told: Markup | None
    out_of: Fraction
    counted: str
    guest: bool

    @property
    def points(self) -> Fraction | None:
        """What the answer alone is worth."""
        verdict = self.shown.verdict
        return None if verdict is None or verdict.credit is None else verdict.credit * self.out_of

    @property
    def may_ask(self) -> bool:
        """Whether its student may say that it was misread; nobody looks at what guests try."""
        if self.guest:
            return False
        verdict, asked = self.shown.verdict, self.attempt.review_requested
        return self.shown.state == "graded" and not asked and verdict is not None and verdict.credit != 1


def tries(place: Place, address: str, own: Sequence[Attempt], counts: Counts, which: Iterable[int]) -> list[Try]:
    """Return the attempts at one blank that stand at ``which`` places, as their student may see them; ``counts`` is of all."""
    policy, hidden = place.exam.policy, place.level is None
    return [_try(place, address, own[index], counted(policy, counts, index, hidden)) for index in which]


def _try(place: Place, address: str, attempt: Attempt, counted: str) -> Try:
    public, given = place.public(address), attempt.written
    seen = visibility.visible_attempt(
        attempt,
        place.exam,
        place.sheet,
        lambda: Preview() if given is None else place.preview(address, given),
    )
    read_as = None if seen.read_as is None else read_as_text(seen.read_as)
    told, out_of = _told(place, public, attempt, seen), place.blank(address).spec.points
    return Try(attempt, seen, written(given), read_as, told, out_of, counted, place.is_guest)


def _told(place: Place, public: Public, attempt: Attempt, seen: VisibleAttempt) -> Markup | None:
    """Return the feedback as on the batch's page; which options were chosen is known from the reading, if not otherwise."""
    verdict, pages = seen.verdict, place.pages
    if verdict is None:
        return None
    if public.options and not any(isinstance(each, Options) for each in verdict.findings):
        known = Options(chosen(public, verdict.read_as or ""))
        verdict, pages = replace(verdict, findings=(*verdict.findings, known)), place.plain_pages
    return pages.answer(BlankResult(place.blank(attempt.blank), attempt.written, verdict), several=False)
