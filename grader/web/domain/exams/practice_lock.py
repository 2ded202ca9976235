"""Practice lock: a problem of an exam whose results are not out is shut in practice, where verdicts come at once.

It is shut for everyone on that exam's roster, and for guests unless its staff allow them; staff may go on.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, or_, select

from grader.core.errors import Fault
from grader.grading.same_problem import key_fingerprints
from grader.web.db import tables
from grader.web.domain.accounts.people import Person
from grader.web.domain.exams.exams import Exam, ExamProblem
from grader.web.domain.exams.snapshots import ProblemCache
from grader.web.errors import ShutInPractice

_EXAM, _PROBLEM = tables.exams.c, tables.exam_problems.c
_UNRELEASED = and_(_EXAM.mode == "exam", _EXAM.released_at.is_(None))
_PROBLEMS = select(_EXAM.slug, _PROBLEM.problem, _PROBLEM.snapshot).join(tables.exams, _EXAM.id == _PROBLEM.exam)
_ON_ROSTER = select(tables.enrolments.c.exam).where(tables.enrolments.c.person == bindparam("student"))
_FOR_STUDENT = _PROBLEMS.where(_UNRELEASED, or_(_EXAM.everyone, _EXAM.id.in_(_ON_ROSTER)))
_FOR_GUESTS = _PROBLEMS.where(_UNRELEASED, ~_EXAM.guests_may_practise)
"""Made once: every request of a student in practice asks."""
log = logging.getLogger("grader.web.practice_lock")


@dataclass(frozen=True)
class Overlap:
    """A problem of an exam in practice that is the same as one of an exam whose results are not out."""

    practice: str
    practice_problem: str
    exam: str
    exam_problem: str

    def __str__(self) -> str:
        """Say to staff what is shut until when."""
        return (
            f"{self.practice_problem} of {self.practice} is shut in practice until {self.exam} is released: "
            f"its problem {self.exam_problem} is the same."
        )


class PracticeLock:
    """Decides which problems are shut; remembers what the keys of each snapshot are. Safe for several threads."""

    def __init__(self, problem_cache: ProblemCache) -> None:
        self.problem_cache = problem_cache
        self._fingerprints: dict[str, frozenset[str]] = {}

    def check(self, connection: Connection, person: Person, exam: Exam, exam_problem: ExamProblem) -> None:
        """Raise ShutInPractice if this person must not practise this problem now."""
        if exam.policy.mode != "practice" or person.is_staff:
            return
        query = _FOR_GUESTS if person.is_guest else _FOR_STUDENT
        unreleased = connection.execute(query, {"student": person.id}).all()
        if any(self.is_same(exam_problem.snapshot, row.snapshot) for row in unreleased):
            raise ShutInPractice

    def overlaps(self, connection: Connection, slug: str | None = None) -> list[Overlap]:
        """Return all that is shut for anybody now, or what one exam has to do with it."""
        unreleased = connection.execute(_PROBLEMS.where(_UNRELEASED).order_by(_EXAM.slug, _PROBLEM.position)).all()
        practised = _PROBLEMS.where(_EXAM.mode == "practice", _EXAM.state == "open")
        found = [
            _overlap(practice, exam)
            for practice in connection.execute(practised.order_by(_EXAM.slug, _PROBLEM.position))
            for exam in unreleased
            if self.is_same(practice.snapshot, exam.snapshot)
        ]
        return [each for each in found if slug in (None, each.practice, each.exam)]

    def is_same(self, one: str, other: str) -> bool:
        """Whether the problems of two snapshots ask for the same."""
        return one == other or not self.fingerprints(one).isdisjoint(self.fingerprints(other))

    def fingerprints(self, snapshot: str) -> frozenset[str]:
        """Return the keys of a snapshot; none where its program cannot be run here, so that only its hash is left."""
        if snapshot not in self._fingerprints:  # Two who ask at once both work it out, and neither waits for the other.
            try:
                found = key_fingerprints(self.problem_cache.problem(snapshot))
            except Fault:  # Kept too: to try at every request would take all connections.
                log.exception("the keys of a problem could not be compared", extra={"snapshot": snapshot})
                found = frozenset()
            self._fingerprints[snapshot] = found
        return self._fingerprints[snapshot]

    def warm(self, connection: Connection) -> None:
        """Work out the keys of all that may be compared, so that no request waits for an author's program."""
        self.overlaps(connection)


def _overlap(practice: Row[Any, Any, Any], exam: Row[Any, Any, Any]) -> Overlap:
    return Overlap(practice.slug, practice.problem, exam.slug, exam.problem)
