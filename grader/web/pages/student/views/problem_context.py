"""Where a student is: one problem of an exam, whether it takes answers now, and how much may be shown of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from grader.core.submission import Written
from grader.core.verdict import Reveal
from grader.grading.problem import Blank, Problem
from grader.kinds.base.public import Preview, Public
from grader.reports.pages.notation import Named, names
from grader.reports.pages.student import StudentPages
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import visibility
from grader.web.domain.exams import enrolments, exams
from grader.web.domain.exams.exams import Exam, ExamProblem, Phase
from grader.web.http.auth import Visitor, signed_in_person
from grader.web.pages.student.views.time_left import Left, left
from grader.web.service import Service


@dataclass(frozen=True)
class Place:
    """One problem of an exam, and who looks at it; ``closes`` is when the exam closes for this person."""

    service: Service
    person: Person
    exam: Exam
    sheet: ExamProblem
    closes: datetime | None

    @cached_property
    def problem(self) -> Problem:
        """The problem as it was kept."""
        return self.service.problem(self.sheet)

    @property
    def state(self) -> Phase:
        """Whether answers are taken now."""
        return self.exam.phase(self.closes)

    @property
    def left(self) -> Left | None:
        """How long answers are taken, None where there is no end or no answer is taken."""
        return left(self.closes) if self.state is Phase.OPEN else None

    @property
    def is_guest(self) -> bool:
        """Whether this is somebody who merely practises, in what all may practise."""
        return self.person.is_guest and self.exam.policy.mode == "practice"

    @property
    def level(self) -> Reveal | None:
        """How much may be shown now; None is nothing at all."""
        return visibility.reveal_level(self.exam, self.sheet)

    @cached_property
    def names(self) -> tuple[Named, ...]:
        """The names that the problem declares."""
        return names(self.problem)

    @cached_property
    def pages(self) -> StudentPages:
        """The pieces of the batch's pages, with solutions where the level is ``full``."""
        keys = self.service.official_answers(self.sheet) if self.level == "full" else {}
        return StudentPages(self.problem, keys, reveal=self.level or "verdict")

    @cached_property
    def plain_pages(self) -> StudentPages:
        """The same pieces, without a word on which options are right."""
        return StudentPages(self.problem, {}, reveal=min("hint", self.level or "verdict", key=visibility.LEVELS.index))

    def blank(self, address: str) -> Blank:
        """Return one blank; raises NotFound."""
        self.sheet.blank(address)
        return next(each for each in self.problem.blanks if each.address == address)

    def public(self, address: str) -> Public:
        """Return what may be known of a blank; raises NotFound."""
        return self.service.public(self.sheet, address)

    def preview(self, address: str, written: Written) -> Preview:
        """Return how an answer is read in a blank; raises NotFound."""
        return self.service.preview(self.sheet, address, written)


def find(visitor: Visitor, slug: str, problem: str) -> Place:
    """Find a problem of an exam for whoever asks; raises NotFound and NotOpenYet."""
    with visitor.service.database.reading() as connection:
        exam = exams.find(connection, slug)
        enrolments.check_can_view(connection, exam, signed_in_person(visitor))
        sheet = exams.exam_problem(connection, exam, problem)
        closes = enrolments.closes_at(connection, exam, signed_in_person(visitor))
    return Place(visitor.service, signed_in_person(visitor), exam, sheet, closes)


def beside(place: Place) -> tuple[ExamProblem | None, ExamProblem | None]:
    """Return the problems before and after this one in its exam."""
    with place.service.database.reading() as connection:
        all_ = exams.exam_problems(connection, place.exam)
    at = [each.problem for each in all_].index(place.sheet.problem)
    return all_[at - 1] if at else None, all_[at + 1] if at + 1 < len(all_) else None


def anchor(address: str) -> str:
    """Return the name of a blank's place on the page."""
    return "blank-" + address.replace(".", "-")
