"""The progress of an exam: how many students and answers there are, and how many wait to be graded or for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from grader.web.db import tables
from grader.web.domain.exams.exams import Exam


@dataclass(frozen=True)
class Progress:
    """Students on the list, answers handed in, those that are not graded yet, and groups that need a decision."""

    students: int = 0
    answers: int = 0
    waiting: int = 0
    review: int = 0

    @property
    def graded(self) -> int:
        """The answers that have been graded."""
        return self.answers - self.waiting


def progress(connection: Connection, exam: Exam) -> Progress:
    """Return the progress of one exam."""
    return by_exam(connection, exam.id).get(exam.id, Progress())


def by_exam(connection: Connection, only: str | None = None) -> dict[str, Progress]:
    """Return the progress by the ids of exams; an exam without students and answers is left out."""
    counts = [_counts(connection, query) for query in (_students(), _answers(), _waiting(), _review())]
    ids = {id for by_id in counts for id in by_id} if only is None else {only}
    return {id: Progress(*(by_id.get(id, 0) for by_id in counts)) for id in ids}


def _counts(connection: Connection, query: Select[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(query)}


def _students() -> Select[Any]:
    which, people = tables.enrolments, tables.people
    present = select(which.c.exam, func.count()).join(people, people.c.id == which.c.person)
    return present.where(people.c.erased_at.is_(None)).group_by(which.c.exam)


def _answers() -> Select[Any]:
    which = tables.attempts.c.exam
    return select(which, func.count()).group_by(which)


def _waiting() -> Select[Any]:
    return _answers().where(tables.attempts.c.state == "waiting")


def _review() -> Select[Any]:
    which, reviews = tables.attempts, tables.reviews
    groups = (
        select(reviews.c.exam, which.c.problem, which.c.blank, reviews.c.group_key)
        .join(which, which.c.id == reviews.c.attempt)
        .where(reviews.c.decision.is_(None))
        .distinct()
        .subquery()
    )
    return select(groups.c.exam, func.count()).group_by(groups.c.exam)
