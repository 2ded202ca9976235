"""How the students of an exam stand, in all its problems together."""

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
        """How they stand, in words."""
        return state(self.results)

    @property
    def status(self) -> Status:
        """Whether their marks stand: the least settled of their results."""
        known = {each.status for each in self.results}
        return next((each for each in STATUS_WORDS if each in known), "final")

    @property
    def points(self) -> Fraction | None:
        """Their points in all problems, None while any answer has none."""
        return total(each.points for each in self.results)


def class_results(
    connection: Connection, exam: Exam, sheets: Iterable[ExamProblem], shelf: ProblemCache, secret: Secret
) -> list[StudentResults]:
    """Return a row for every student on the list, and for others who answered, by their logins."""
    places = []
    for sheet in sheets:
        problem = shelf.problem(sheet.snapshot)
        results = marks.results(connection, exam, sheet, problem, secret)
        places.append((problem, {each.student.id: each for each in results}))
    known = {each.login: each for each in people.everyone(connection, "student")}
    until = {who.id: closes for who, closes in enrolments.enrolled(connection, exam)}
    return [
        StudentResults(
            known[login],
            [
                found.get(login) or marks.result_for(known[login], [], exam, problem, secret)
                for problem, found in places
            ],
            until.get(known[login].id),
        )
        for login in sorted({login for _, found in places for login in found})
    ]


def state(results: Iterable[Result]) -> str:
    """Say how a student stands: nothing handed in, or the least settled of their results."""
    known = {each.status for each in results if each.submission.answers}
    return next((says for status, says in STATUS_WORDS.items() if status in known), NOTHING_SUBMITTED)


def out_of(sheets: Iterable[ExamProblem]) -> Fraction:
    """Return the points of all problems."""
    return sum((blank.points for sheet in sheets for blank in sheet.blanks), Fraction(0))
