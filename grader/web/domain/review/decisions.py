"""What people decided on answers that are equal: kept for good, the latest of a group holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from grader.web.db import tables
from grader.web.domain.attempts.attempts import Decision
from grader.web.domain.exams.exams import Exam
from grader.web.errors import NotFound

_decisions, _which = tables.decisions, tables.attempts
COLUMNS = (
    _decisions.c.id.label("decided_in"),
    _decisions.c.credit.label("decided"),
    _decisions.c.comment,
    _decisions.c.by,
    _decisions.c.at,
)


@dataclass(frozen=True)
class DecisionRecord:
    """A decision, the group it was made on, and how many students it holds for now."""

    problem: str
    blank: str
    group_key: str
    decision: Decision
    students: int


def decision_of(row: Any) -> Decision | None:
    """Return the decision in a row that has COLUMNS."""
    if row.decided_in is None:
        return None
    return Decision(row.decided_in, row.decided, row.comment, row.by, row.at)


def find(connection: Connection, exam: Exam, id: str) -> DecisionRecord:
    """Return a decision of an exam; raises NotFound."""
    where = _decisions.c.exam == exam.id, _decisions.c.id == id
    query = select(_decisions.c.problem, _decisions.c.blank, _decisions.c.group_key, *COLUMNS).where(*where)
    row = connection.execute(query).first() if id.isprintable() else None
    found = row and decision_of(row)
    if row is None or found is None:
        raise NotFound
    return DecisionRecord(row.problem, row.blank, row.group_key, found, students(connection, exam).get(id, 0))


def history(connection: Connection, exam: Exam, problem: str, blank: str, group_key: str) -> list[Decision]:
    """Return all decisions on a group, the latest first."""
    where = _at(exam, problem, blank).where(_decisions.c.group_key == group_key)
    return [made for row in connection.execute(where) if (made := decision_of(row))]


def current(connection: Connection, exam: Exam, problem: str, blank: str, group_key: str) -> Decision | None:
    """Return the decision that holds for a group."""
    return next(iter(history(connection, exam, problem, blank, group_key)), None)


def replaced(connection: Connection, exam: Exam, problem: str, blank: str) -> dict[str, Decision]:
    """Return, by the ids of the decisions at a blank, the decision that each of them replaced."""
    last: dict[str, Decision] = {}
    found: dict[str, Decision] = {}
    for row in connection.execute(_at(exam, problem, blank)):
        made = decision_of(row)
        assert made is not None
        if row.group_key in last:
            found[last[row.group_key].id] = made
        last[row.group_key] = made
    return found


def _at(exam: Exam, problem: str, blank: str) -> Select[Any]:
    here = _decisions.c.exam == exam.id, _decisions.c.problem == problem, _decisions.c.blank == blank
    latest = _decisions.c.at.desc(), _decisions.c.id
    return select(_decisions.c.group_key, *COLUMNS).where(*here).order_by(*latest)


def students(connection: Connection, exam: Exam) -> dict[str, int]:
    """Return how many students each decision of an exam holds for."""
    query = (
        select(_which.c.decision, func.count(_which.c.person.distinct()))
        .where(_which.c.exam == exam.id, _which.c.decision.is_not(None))
        .group_by(_which.c.decision)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
