"""Where a student is: one problem of an exam, its phase for this person, and how much of it may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from grader.core.submission import Written
from grader.core.verdict import Reveal
from grader.grading.problem import Blank, Problem
from grader.kinds.base.public import Preview, Public
from grader.reports.pages.feedback_page import StudentPages
from grader.reports.pages.notation import Named, names
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import visibility
from grader.web.domain.exams import enrolments, exams
from grader.web.domain.exams.exams import Exam, ExamProblem, Phase
from grader.web.http.auth import Visitor, signed_in_person
from grader.web.pages.student.views.time_left import TimeLeft, time_left
from grader.web.service import Service


@dataclass(frozen=True)
class ProblemContext:
    """One problem of an exam, and who looks at it; ``closes_at`` is when the exam closes for this person."""

    service: Service
    person: Person
    exam: Exam
    exam_problem: ExamProblem
    closes_at: datetime | None

    @cached_property
    def problem(self) -> Problem:
        """The problem as in its snapshot."""
        return self.service.problem(self.exam_problem)

    @property
    def phase(self) -> Phase:
        """The phase of the exam now, for this person."""
        return self.exam.phase(self.closes_at)

    @property
    def time_left(self) -> TimeLeft | None:
        """The time left to answer, None where there is no end or the exam is not open."""
        return time_left(self.closes_at) if self.phase is Phase.OPEN else None

    @property
    def is_guest(self) -> bool:
        """True for a guest, who has no account, in an exam for practice."""
        return self.person.is_guest and self.exam.policy.mode == "practice"

    @property
    def reveal_level(self) -> Reveal | None:
        """How much may be shown now; None is nothing at all."""
        return visibility.reveal_level(self.exam, self.exam_problem)

    @cached_property
    def names(self) -> tuple[Named, ...]:
        """The names that the problem declares."""
        return names(self.problem)

    @cached_property
    def answer_pages(self) -> StudentPages:
        """The feedback of the batch's pages, with solutions where the reveal level is ``full``."""
        keys = self.service.official_answers(self.exam_problem) if self.reveal_level == "full" else {}
        return StudentPages(self.problem, keys, reveal=self.reveal_level or "verdict")

    @cached_property
    def answer_pages_without_key(self) -> StudentPages:
        """The same feedback, without a word on which options are right."""
        level = min("hint", self.reveal_level or "verdict", key=visibility.LEVELS.index)
        return StudentPages(self.problem, {}, reveal=level)

    def blank(self, address: str) -> Blank:
        """Return one blank; raises NotFound."""
        self.exam_problem.blank(address)
        return next(blank for blank in self.problem.blanks if blank.address == address)

    def public(self, address: str) -> Public:
        """Return the public part of a blank; raises NotFound."""
        return self.service.public(self.exam_problem, address)

    def preview(self, address: str, written: Written) -> Preview:
        """Return how an answer is read in a blank; raises NotFound."""
        return self.service.preview(self.exam_problem, address, written)


def find(visitor: Visitor, slug: str, problem: str) -> ProblemContext:
    """Return a problem of an exam for its visitor.

    Raises: NotFound, NotOpenYet, ShutInPractice.
    """
    person = signed_in_person(visitor)
    with visitor.service.database.reading() as connection:
        exam = exams.find(connection, slug)
        enrolments.check_can_view(connection, exam, person)
        exam_problem = exams.exam_problem(connection, exam, problem)
        visitor.service.check_can_practise(connection, person, exam, exam_problem)
        closes_at = enrolments.closes_at(connection, exam, person)
    return ProblemContext(visitor.service, person, exam, exam_problem, closes_at)


def neighbours(context: ProblemContext) -> tuple[ExamProblem | None, ExamProblem | None]:
    """Return the problems before and after this one in its exam."""
    with context.service.database.reading() as connection:
        problems = exams.exam_problems(connection, context.exam)
    index = [problem.problem for problem in problems].index(context.exam_problem.problem)
    previous = problems[index - 1] if index else None
    return previous, problems[index + 1] if index + 1 < len(problems) else None


def anchor(address: str) -> str:
    """Return the id of a blank's element on the page."""
    return "blank-" + address.replace(".", "-")
