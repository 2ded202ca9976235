"""Attempts as their student may see them: through ``visibility`` alone, with the feedback of the batch's pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from markupsafe import Markup

from grader.core.verdict import Options
from grader.grading.results import BlankResult
from grader.kinds.base.public import Preview, Public
from grader.reports.pages.feedback_page import read_as_text, written
from grader.web.domain.attempts import visibility
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.attempts.visibility import VisibleAttempt
from grader.web.pages.student.views.attempts_left import AttemptUse, use_text
from grader.web.pages.student.views.inputs import ticked_ids
from grader.web.pages.student.views.problem_context import ProblemContext


@dataclass(frozen=True)
class AttemptView:
    """One attempt as its student may see it.

    ``feedback_html`` is the feedback of the batch's page, where there is a verdict; ``use_text`` says whether it uses up an attempt.
    """

    attempt: Attempt
    visible: VisibleAttempt
    answer_html: Markup
    read_as_html: Markup | None
    feedback_html: Markup | None
    out_of: Fraction
    use_text: str
    is_guest: bool

    @property
    def points(self) -> Fraction | None:
        """The points of this answer alone, without the rule of attempts."""
        verdict = self.visible.verdict
        return None if verdict is None or verdict.credit is None else verdict.credit * self.out_of

    @property
    def can_ask_for_review(self) -> bool:
        """True if its student may say that it was misread; answers of guests are never reviewed."""
        if self.is_guest:
            return False
        verdict, requested = self.visible.verdict, self.attempt.review_requested
        return self.visible.state == "graded" and not requested and verdict is not None and verdict.credit != 1


def attempt_views(
    context: ProblemContext, address: str, attempts: Sequence[Attempt], use: AttemptUse, order: Iterable[int]
) -> list[AttemptView]:
    """Return the attempts at one blank with the indices in ``order``, as their student may see them; ``use`` is of all."""
    policy, hidden = context.exam.policy, context.reveal_level is None
    return [_attempt_view(context, address, attempts[index], use_text(policy, use, index, hidden)) for index in order]


def _attempt_view(context: ProblemContext, address: str, attempt: Attempt, use: str) -> AttemptView:
    public, answer = context.public(address), attempt.written
    visible = visibility.visible_attempt(
        attempt,
        context.exam,
        context.exam_problem,
        lambda: Preview() if answer is None else context.preview(address, answer),
    )
    return AttemptView(
        attempt,
        visible,
        written(answer),
        None if visible.read_as is None else read_as_text(visible.read_as),
        _feedback(context, public, attempt, visible),
        context.blank(address).spec.points,
        use,
        context.is_guest,
    )


def _feedback(context: ProblemContext, public: Public, attempt: Attempt, visible: VisibleAttempt) -> Markup | None:
    """Return the feedback as on the batch's page; the ticked options come from the reading where no finding has them."""
    verdict, pages = visible.verdict, context.answer_pages
    if verdict is None:
        return None
    if public.options and not any(isinstance(finding, Options) for finding in verdict.findings):
        ticked = Options(ticked_ids(public, verdict.read_as or ""))
        verdict = replace(verdict, findings=(*verdict.findings, ticked))
        pages = context.answer_pages_without_key
    return pages.answer(BlankResult(context.blank(attempt.blank), attempt.written, verdict), several=False)
