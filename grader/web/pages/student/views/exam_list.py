"""The exams of a student and the problems of one, with the points so far where those may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property

from sqlalchemy import Connection

from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.attempts.drafts import drafts_of
from grader.web.domain.attempts.marks import credit_for
from grader.web.domain.exams import enrolments, exams
from grader.web.domain.exams.exams import Exam, ExamProblem, Phase
from grader.web.pages.student.views.student_work import unsent
from grader.web.pages.student.views.time_left import Left, left


@dataclass(frozen=True)
class Row:
    """One problem of an exam: how many blanks were answered, and what they earned, None where that may not be shown."""

    sheet: ExamProblem
    answered: int
    earned: Fraction | None

    @property
    def out_of(self) -> Fraction:
        """The points of the problem."""
        return sum((slot.points for slot in self.sheet.blanks), Fraction(0))


@dataclass(frozen=True)
class Listed:
    """One exam with its problems, as a student finds it now."""

    exam: Exam
    state: Phase
    closes: datetime | None
    rows: tuple[Row, ...]

    @property
    def left(self) -> Left | None:
        """How long answers are taken, None where there is no end or no answer is taken."""
        return left(self.closes) if self.state is Phase.OPEN else None

    @cached_property
    def earned(self) -> Fraction | None:
        """The points so far, None where they may not be shown."""
        if not self.exam.shows_verdicts:
            return None
        return sum((row.earned for row in self.rows if row.earned is not None), Fraction(0))

    @property
    def out_of(self) -> Fraction:
        """The points of the exam."""
        return sum((row.out_of for row in self.rows), Fraction(0))

    @property
    def answered(self) -> int:
        """How many blanks were answered."""
        return sum(row.answered for row in self.rows)


def listed(connection: Connection, asked: Person, exam: Exam) -> Listed:
    """Return one exam as a student finds it; raises NotFound if it is not for them."""
    own = attempts.attempts_of(connection, exam, asked)
    closes = enrolments.closes_at(connection, exam, asked)
    rows = tuple(_row(exam, sheet, own) for sheet in exams.exam_problems(connection, exam))
    return Listed(exam, exam.phase(closes), closes, rows)


def all_listed(connection: Connection, asked: Person) -> list[Listed]:
    """Return a student's exams, but for practice of long ago in which they took no part."""
    found = (listed(connection, asked, exam) for exam in exams.exams_of(connection, asked))
    return [
        each
        for each in found
        if each.answered or not each.exam.policy.everyone or each.state in (Phase.UPCOMING, Phase.OPEN)
    ]


def unsent_in(connection: Connection, asked: Person, each: Listed) -> dict[str, int]:
    """Return by problems how many drafts were never handed in."""
    own = attempts.attempts_of(connection, each.exam, asked)
    found = {}
    for row in each.rows:
        problem = row.sheet.problem
        tried = [attempt for attempt in own if attempt.problem == problem]
        found[problem] = len(unsent(drafts_of(connection, asked, each.exam, problem), tried))
    return found


def _row(exam: Exam, sheet: ExamProblem, everything: Sequence[Attempt]) -> Row:
    own = [each for each in everything if each.problem == sheet.problem]
    answered = len({each.blank for each in own})
    if not exam.shows_verdicts:
        return Row(sheet, answered, None)
    earned = Fraction(0)
    for slot in sheet.blanks:
        at = [each for each in own if each.blank == slot.address]
        earned += credit_for(at, exam, known_only=True).credit * slot.points
    return Row(sheet, answered, earned)
