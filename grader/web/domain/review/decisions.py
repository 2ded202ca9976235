"""Decisions of people on groups of equal answers: all are stored for good, and the latest of a group holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, or_, select, update

from grader.web.db import tables
from grader.web.db.column_types import new_id, now_or, printable
from grader.web.db.row_locks import lock_exam_problem, lock_person
from grader.web.domain import audit_log
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts.attempts import Decision
from grader.web.domain.exams.attempt_rules import recount
from grader.web.domain.exams.exams import Exam
from grader.web.errors import NotFound, ValidationFailed

_attempts, _reviews, _decisions = tables.attempts, tables.reviews, tables.decisions
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
    decision = row and decision_of(row)
    if row is None or decision is None:
        raise NotFound
    return DecisionRecord(row.problem, row.blank, row.group_key, decision, students(connection, exam).get(id, 0))


def history(connection: Connection, exam: Exam, problem: str, blank: str, group_key: str) -> list[Decision]:
    """Return all decisions on a group, the latest first."""
    where = _at(exam, problem, blank).where(_decisions.c.group_key == group_key)
    return [decision for row in connection.execute(where) if (decision := decision_of(row))]


def current(connection: Connection, exam: Exam, problem: str, blank: str, group_key: str) -> Decision | None:
    """Return the decision that holds for a group."""
    return next(iter(history(connection, exam, problem, blank, group_key)), None)


def replaced(connection: Connection, exam: Exam, problem: str, blank: str) -> dict[str, Decision]:
    """Return, by the ids of the decisions at a blank, the decision that each of them replaced."""
    newer: dict[str, Decision] = {}
    found: dict[str, Decision] = {}
    for row in connection.execute(
        _at(exam, problem, blank)
    ):  # The latest first: what follows of the same group was replaced.
        decision = decision_of(row)
        assert decision is not None
        if row.group_key in newer:
            found[newer[row.group_key].id] = decision
        newer[row.group_key] = decision
    return found


def _at(exam: Exam, problem: str, blank: str) -> Select[Any]:
    at_blank = _decisions.c.exam == exam.id, _decisions.c.problem == problem, _decisions.c.blank == blank
    latest = _decisions.c.at.desc(), _decisions.c.id
    return select(_decisions.c.group_key, *COLUMNS).where(*at_blank).order_by(*latest)


def students(connection: Connection, exam: Exam) -> dict[str, int]:
    """Return how many students each decision of an exam holds for."""
    query = (
        select(_attempts.c.decision, func.count(_attempts.c.person.distinct()))
        .where(_attempts.c.exam == exam.id, _attempts.c.decision.is_not(None))
        .group_by(_attempts.c.decision)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def lock_answers(connection: Connection, exam: Exam, problem: str, blank: str, group_key: str) -> Sequence[Any]:
    """Lock the answers of a group and those written like them, and return them with what was decided on each.

    People are locked before their attempts are read: who submits or is graded meanwhile waits, and is not overlooked.
    """
    at_blank = and_(_attempts.c.exam == exam.id, _attempts.c.problem == problem, _attempts.c.blank == blank)
    in_group = select(_reviews.c.attempt).where(_reviews.c.exam == exam.id, _reviews.c.group_key == group_key)
    same: ColumnElement[bool] = _attempts.c.id.in_(in_group)
    if group_key.startswith("text:"):
        same = or_(same, _attempts.c.text_hash == group_key.removeprefix("text:"))
    lock_exam_problem(connection, exam.id, problem)
    owners = select(_attempts.c.person).where(at_blank, same).distinct().order_by(_attempts.c.person)
    for person in connection.execute(owners).scalars().all():
        lock_person(connection, person)
    query = select(
        _attempts.c.id,
        _attempts.c.person,
        _attempts.c.credit,
        _attempts.c.state,
        _attempts.c.id.in_(in_group).label("in_group"),
        _decisions.c.credit.label("decided"),
        _decisions.c.group_key,
    ).outerjoin(_decisions, _decisions.c.id == _attempts.c.decision)
    return connection.execute(query.where(at_blank, same)).all()


def apply_decision(
    connection: Connection, rows: Sequence[Any], group_key: str, decision: Decision
) -> tuple[int, list[str]]:
    """Let a decision hold for those of the rows of ``lock_answers`` that it reaches, and for no other.

    Return for how many attempts it holds, and the ids of the people whose attempts must be recounted.
    """
    reached = [row for row in rows if row.state == "graded" and _reaches(row, group_key, decision.credit)]
    reached_ids = {row.id for row in reached}
    # An earlier decision on this group may have raised equal answers that this one, with less credit, does not reach:
    # they fall back to their verdict. What a decision on another group gave them stays.
    released = [row for row in rows if row.id not in reached_ids and row.group_key == group_key]
    for attempts, id in ((reached, decision.id), (released, None)):
        change = update(_attempts).where(_attempts.c.id.in_([row.id for row in attempts]))
        connection.execute(change.values(decision=id))
    # All reviews of the group are answered, those too whose attempt another group's decision holds for.
    answered = _reviews.c.group_key == group_key, _reviews.c.attempt.in_([row.id for row in rows])
    connection.execute(update(_reviews).where(*answered).values(decision=decision.id))
    return len(reached), sorted({row.person for row in (*reached, *released)})


def _reaches(row: Any, group_key: str, credit: Fraction) -> bool:
    """True if a decision holds for an answer: one in the group, or one written like them that has less credit without it."""
    # What it has without this decision: the verdict's credit, unless another group's decision (not an earlier one of
    # this group, which is replaced) holds for it.
    without = row.credit if row.group_key in (None, group_key) else row.decided
    return bool(row.in_group or (without is not None and without < credit))


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

    Of answers that are written like them but are not in the group it raises the credit and never lowers it. Raises NotFound
    and ValidationFailed.
    """
    if not 0 <= credit <= 1:
        raise ValidationFailed("The points must be between none and all of them.")
    rows = lock_answers(connection, exam, problem, blank, group_key)
    if not any(row.in_group for row in rows):
        raise NotFound
    earlier = current(connection, exam, problem, blank, group_key)
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
    count, people = apply_decision(connection, rows, group_key, decision)
    for person in people:
        recount(connection, exam.id, problem, blank, person)
    details = {"problem": problem, "blank": blank, "credit": str(credit), "attempts": count}
    if earlier:
        details["before"] = str(earlier.credit)
    audit_log.record(connection, by.id, "decided", decision.id, now=now, exam=exam.id, **details)
    return decision
