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
from grader.web.pages.student.views.student_work import unsent_drafts
from grader.web.pages.student.views.time_left import TimeLeft, time_left


@dataclass(frozen=True)
class ProblemRow:
    """One problem of an exam: how many blanks were answered, and the points they earn, None where those may not be shown."""

    exam_problem: ExamProblem
    answered: int
    points_earned: Fraction | None

    @property
    def out_of(self) -> Fraction:
        """The points of the problem."""
        return sum((blank.points for blank in self.exam_problem.blanks), Fraction(0))


@dataclass(frozen=True)
class StudentExam:
    """One exam with its problems, as a student sees it now."""

    exam: Exam
    phase: Phase
    closes_at: datetime | None
    rows: tuple[ProblemRow, ...]

    @property
    def time_left(self) -> TimeLeft | None:
        """The time left to answer, None where there is no end or the exam is not open."""
        return time_left(self.closes_at) if self.phase is Phase.OPEN else None

    @cached_property
    def points_earned(self) -> Fraction | None:
        """The points so far, None where they may not be shown."""
        if not self.exam.shows_verdicts:
            return None
        return sum((row.points_earned for row in self.rows if row.points_earned is not None), Fraction(0))

    @property
    def out_of(self) -> Fraction:
        """The points of the exam."""
        return sum((row.out_of for row in self.rows), Fraction(0))

    @property
    def answered(self) -> int:
        """The number of blanks that were answered."""
        return sum(row.answered for row in self.rows)


def student_exam(connection: Connection, person: Person, exam: Exam) -> StudentExam:
    """Return one exam as a student sees it; raises NotFound if it is not for them."""
    attempts_there = attempts.attempts_of(connection, exam, person)
    closes_at = enrolments.closes_at(connection, exam, person)
    rows = tuple(_row(exam, problem, attempts_there) for problem in exams.exam_problems(connection, exam))
    return StudentExam(exam, exam.phase(closes_at), closes_at, rows)


def student_exams(connection: Connection, person: Person) -> list[StudentExam]:
    """Return a student's exams, except closed ones for everyone in which they took no part."""
    entries = (student_exam(connection, person, exam) for exam in exams.exams_of(connection, person))
    return [
        entry
        for entry in entries
        if entry.answered or not entry.exam.policy.everyone or entry.phase in (Phase.UPCOMING, Phase.OPEN)
    ]


def unsent_draft_counts(connection: Connection, person: Person, entry: StudentExam) -> dict[str, int]:
    """Return, by problem, how many drafts were never submitted."""
    all_attempts = attempts.attempts_of(connection, entry.exam, person)
    counts = {}
    for row in entry.rows:
        problem = row.exam_problem.problem
        attempts_there = [attempt for attempt in all_attempts if attempt.problem == problem]
        counts[problem] = len(unsent_drafts(drafts_of(connection, person, entry.exam, problem), attempts_there))
    return counts


def _row(exam: Exam, exam_problem: ExamProblem, all_attempts: Sequence[Attempt]) -> ProblemRow:
    attempts_there = [attempt for attempt in all_attempts if attempt.problem == exam_problem.problem]
    answered = len({attempt.blank for attempt in attempts_there})
    if not exam.shows_verdicts:
        return ProblemRow(exam_problem, answered, None)
    earned = Fraction(0)
    for blank in exam_problem.blanks:
        attempts_at_blank = [attempt for attempt in attempts_there if attempt.blank == blank.address]
        earned += credit_for(attempts_at_blank, exam, known_only=True).credit * blank.points
    return ProblemRow(exam_problem, answered, earned)
