"""A student's work at one problem: attempts and drafts, and the blanks of the page with what stands in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from grader.core.submission import Written, is_blank
from grader.web.domain.attempts import attempts
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.attempts.drafts import drafts_of
from grader.web.domain.attempts.marks import credit_for
from grader.web.domain.exams.exams import Phase
from grader.web.pages.student.views.attempt_view import AttemptView, attempt_views
from grader.web.pages.student.views.attempts_left import AttemptUse, attempt_use, attempts_left_text
from grader.web.pages.student.views.blank_view import BlankView, insert_buttons
from grader.web.pages.student.views.problem_context import ProblemContext

MAX_EARLIER_ATTEMPTS = 10
"""Shown on the page for one blank; the receipt has all."""


@dataclass(frozen=True)
class StudentWork:
    """Everything a student wrote at one problem: attempts in their order, and the latest draft by blank."""

    context: ProblemContext
    attempts: Sequence[Attempt]
    drafts: Mapping[str, Written]

    def attempts_at(self, address: str) -> list[Attempt]:
        """Return the attempts at one blank."""
        return [attempt for attempt in self.attempts if attempt.blank == address]

    def last_submitted(self, address: str) -> Written | None:
        """Return the answer that was submitted last in a blank."""
        attempts_there = self.attempts_at(address)
        return attempts_there[-1].written if attempts_there else None

    def current_answer(self, address: str) -> Written | None:
        """Return what stands in a blank: the draft, else the answer that was submitted last."""
        return self.drafts.get(address, self.last_submitted(address))

    def unsent_draft(self, address: str) -> Written | None:
        """Return the draft of a blank if it was never submitted."""
        return unsent_drafts(self.drafts, self.attempts).get(address)

    def attempt_use(self, address: str) -> AttemptUse:
        """Return which answers in a blank use up an attempt, as far as their student may know."""
        return attempt_use(self.context, address, self.attempts_at(address))

    def points_earned(self, address: str) -> Fraction | None:
        """Return the points of one blank so far, None where they may not be shown."""
        if self.context.reveal_level is None:
            return None
        credit = credit_for(self.attempts_at(address), self.context.exam, known_only=True).credit
        return credit * self.context.blank(address).spec.points

    @property
    def total_points(self) -> Fraction | None:
        """The points of the whole problem so far, None where they may not be shown."""
        points = [self.points_earned(blank.address) for blank in self.context.exam_problem.blanks]
        return None if None in points else sum((one for one in points if one is not None), Fraction(0))

    def is_pending(self, address: str) -> bool:
        """True if a blank's last attempt is still being graded, as far as its student may know."""
        attempts_there = self.attempts_at(address)
        return bool(attempts_there) and attempts_there[-1].state == "waiting" and self.context.reveal_level is not None

    def attempt_views(self, address: str) -> list[AttemptView]:
        """Return all attempts at one blank in their order, as their student may see them."""
        attempts_there = self.attempts_at(address)
        order = range(len(attempts_there))
        return attempt_views(self.context, address, attempts_there, self.attempt_use(address), order)

    def blank_view(self, address: str, error: str | None = None) -> BlankView:
        """Return one blank as it is on the page; raises NotFound."""
        context, attempts_there, use = self.context, self.attempts_at(address), self.attempt_use(address)
        accepts_answers = context.phase is Phase.OPEN and not use.is_used_up
        best = self._best_index(attempts_there)
        # The best attempt first where it is known, then the newest.
        order = sorted(range(len(attempts_there)), key=lambda index: (index != best, -index))[
            : MAX_EARLIER_ATTEMPTS + 1
        ]
        public = context.public(address)
        return BlankView(
            context.blank(address),
            public,
            self.current_answer(address) if accepts_answers else self.last_submitted(address),
            tuple(attempt_views(context, address, attempts_there, use, order)),
            self.points_earned(address),
            attempts_left_text(context.exam.policy, use),
            accepts_answers,
            use.is_used_up,
            self.unsent_draft(address),
            partial(context.preview, address),
            insert_buttons=tuple(insert_buttons(context.names, public)),
            has_more_attempts=len(attempts_there) > len(order),
            error=error,
        )

    def _best_index(self, attempts_there: Sequence[Attempt]) -> int | None:
        """Return the index of the first of the best attempts once the exam has closed; None leaves the newest in front."""
        if self.context.reveal_level is None or self.context.phase is Phase.OPEN:
            return None
        best = credit_for(attempts_there, self.context.exam, known_only=True).best
        settled = (
            index
            for index, attempt in enumerate(attempts_there)
            if attempt.decision is not None or not attempt.needs_review
        )
        return next((index for index in settled if best and attempts_there[index].score == best), None)


def unsent_drafts(drafts: Mapping[str, Written], attempts_there: Sequence[Attempt]) -> dict[str, Written]:
    """Return the drafts of one problem, by blank, that were never submitted."""
    submitted = {(attempt.blank, attempt.written) for attempt in attempts_there}
    return {blank: draft for blank, draft in drafts.items() if not is_blank(draft) and (blank, draft) not in submitted}


def load_work(context: ProblemContext) -> StudentWork:
    """Return the work of the person who looks at a problem."""
    problem = context.exam_problem.problem
    with context.service.database.reading() as connection:
        attempts_there = attempts.attempts_of(connection, context.exam, context.person, problem)
        return StudentWork(context, attempts_there, drafts_of(connection, context.person, context.exam, problem))
