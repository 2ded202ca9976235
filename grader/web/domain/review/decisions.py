"""What people decided on answers that are equal: kept for good, the latest of a group holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, or_, select, update

from grader.web.db import tables
from grader.web.db.row_locks import lock_exam_problem, lock_person
from grader.web.db.types import new_id, now_or, printable
from grader.web.domain import audit_log
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts.attempts import Decision
from grader.web.domain.exams.attempt_rules import recount
from grader.web.domain.exams.exams import Exam
from grader.web.domain.review import decisions
from grader.web.errors import NotFound, ValidationFailed

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


_which, _reviews, _decisions = tables.attempts, tables.reviews, tables.decisions


def lock_answers(connection: Connection, exam: Exam, problem: str, blank: str, group_key: str) -> Sequence[Any]:
    """Lock the answers of a group and those written like them, and return them with what was decided on each.

    Whoever hands in or is graded meanwhile waits: people are locked in one order, before their attempts are read.
    """
    here = and_(_which.c.exam == exam.id, _which.c.problem == problem, _which.c.blank == blank)
    asked = select(_reviews.c.attempt).where(_reviews.c.exam == exam.id, _reviews.c.group_key == group_key)
    same: ColumnElement[bool] = _which.c.id.in_(asked)
    if group_key.startswith("text:"):
        same = or_(same, _which.c.text_hash == group_key.removeprefix("text:"))
    lock_exam_problem(connection, exam.id, problem)
    owners = select(_which.c.person).where(here, same).distinct().order_by(_which.c.person)
    for person in connection.execute(owners).scalars().all():
        lock_person(connection, person)
    query = select(
        _which.c.id,
        _which.c.person,
        _which.c.credit,
        _which.c.state,
        _which.c.id.in_(asked).label("asked"),
        _decisions.c.credit.label("decided"),
        _decisions.c.group_key,
    ).outerjoin(_decisions, _decisions.c.id == _which.c.decision)
    return connection.execute(query.where(here, same)).all()


def apply_decision(
    connection: Connection, rows: Sequence[Any], group_key: str, decision: Decision
) -> tuple[int, list[str]]:
    """Let a decision hold for those of a group's answers that it reaches, and free the others of earlier decisions on it.

    Returns for how many it holds, and whose attempts must be counted anew.
    """
    reached = [row for row in rows if row.state == "graded" and _reaches(row, group_key, decision.credit)]
    known = {row.id for row in reached}
    freed = [row for row in rows if row.id not in known and row.group_key == group_key]
    for some, id in ((reached, decision.id), (freed, None)):
        change = update(_which).where(_which.c.id.in_([row.id for row in some]))
        connection.execute(change.values(decision=id))
    closed = update(_reviews).where(_reviews.c.group_key == group_key, _reviews.c.attempt.in_([row.id for row in rows]))
    connection.execute(closed.values(decision=decision.id))
    return len(reached), sorted({row.person for row in (*reached, *freed)})


def _reaches(row: Any, group_key: str, credit: Fraction) -> bool:
    """Whether a decision holds for an answer: one in the group, or one written alike that stands lower without it."""
    stands = row.credit if row.group_key in (None, group_key) else row.decided
    return bool(row.asked or (stands is not None and stands < credit))


def decide(
    connection: Connection,
    exam: Exam,
    problem: str,
    blank: str,
    group_key: str,
    credit: Fraction,
    comment: str,
    by: Person,
    now: datetime | None = None,
) -> Decision:
    """Decide on a group, for every attempt in it now and later; deciding again replaces what was decided.

    Of equal texts whose writers did not ask, it raises the credit and never lowers it. Raises NotFound and Invalid.
    """
    if not 0 <= credit <= 1:
        raise ValidationFailed("The points must be between none and all of them.")
    rows = decisions.lock_answers(connection, exam, problem, blank, group_key)
    if not any(row.asked for row in rows):
        raise NotFound
    earlier = decisions.current(connection, exam, problem, blank, group_key)
    decision = Decision(new_id(), credit, printable(comment), by.id, now_or(now))
    connection.execute(
        insert(tables.decisions).values(
            id=decision.id,
            exam=exam.id,
            problem=problem,
            blank=blank,
            group_key=group_key,
            credit=credit,
            comment=decision.comment,
            by=by.id,
            at=decision.at,
        )
    )
    many, people = decisions.apply_decision(connection, rows, group_key, decision)
    for person in people:
        recount(connection, exam.id, problem, blank, person)
    details = {"problem": problem, "blank": blank, "credit": str(credit), "attempts": many}
    if earlier:
        details["before"] = str(earlier.credit)
    audit_log.record(connection, by.id, "decided", decision.id, now=now, exam=exam.id, **details)
    return decision
