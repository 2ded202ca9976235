"""The gradebook of an exam: a row for each student with the results in all its problems, and how far grading is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import Connection

from grader.core.seeds import Secret
from grader.grading.results import Result, Status, total
from grader.web.domain.accounts import people
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import marks
from grader.web.domain.exams import enrolments
from grader.web.domain.exams.exams import Exam, ExamProblem
from grader.web.domain.exams.snapshots import ProblemCache

STATUS_WORDS: dict[Status, str] = {"ungraded": "not all graded", "provisional": "to review", "final": "graded"}
NOTHING_SUBMITTED = "nothing handed in"
STATES = (*STATUS_WORDS.values(), NOTHING_SUBMITTED)


@dataclass(frozen=True)
class StudentResults:
    """One student with their results in the order of the problems, and their own closing time."""

    person: Person
    results: Sequence[Result]
    closes_at: datetime | None

    @property
    def state(self) -> str:
        """How far the grading of their answers is, in words."""
        return state(self.results)

    @property
    def status(self) -> Status:
        """Whether their marks are final: the least settled status among their results."""
        statuses = {result.status for result in self.results}
        return next((status for status in STATUS_WORDS if status in statuses), "final")

    @property
    def points(self) -> Fraction | None:
        """Their points in all problems, None while any answer has none."""
        return total(result.points for result in self.results)


def student_results(
    connection: Connection,
    exam: Exam,
    exam_problems: Iterable[ExamProblem],
    problem_cache: ProblemCache,
    secret: Secret,
) -> list[StudentResults]:
    """Return a row for every student on the list, and for others who answered, by their logins."""
    by_problem = []
    for exam_problem in exam_problems:
        problem = problem_cache.problem(exam_problem.snapshot)
        results = marks.results(connection, exam, exam_problem, problem, secret)
        by_problem.append((problem, {result.student.id: result for result in results}))
    students = {student.login: student for student in people.everyone(connection, "student")}
    closing_times = {person.id: closes for person, closes in enrolments.enrolled(connection, exam)}
    return [
        StudentResults(
            students[login],
            [
                results_by_login.get(login) or marks.result_for(students[login], [], exam, problem, secret)
                for problem, results_by_login in by_problem
            ],
            closing_times.get(students[login].id),
        )
        for login in sorted({login for _, results_by_login in by_problem for login in results_by_login})
    ]


def state(results: Iterable[Result]) -> str:
    """Say how far the grading of a student's answers is: nothing handed in, or the least settled status."""
    statuses = {result.status for result in results if result.submission.answers}
    return next((words for status, words in STATUS_WORDS.items() if status in statuses), NOTHING_SUBMITTED)


def out_of(exam_problems: Iterable[ExamProblem]) -> Fraction:
    """Return the points of all problems."""
    return sum((blank.points for exam_problem in exam_problems for blank in exam_problem.blanks), Fraction(0))
