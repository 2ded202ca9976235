"""What a decision on a group reaches: the answers in it, and those written alike that it raises."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from grader.web.db import tables
from grader.web.db.row_locks import lock, lock_sheet
from grader.web.domain.attempts.attempts import Decision
from grader.web.domain.exams.exams import Exam

_which, _reviews, _decisions = tables.attempts, tables.reviews, tables.decisions


def held(connection: Connection, exam: Exam, problem: str, blank: str, group_key: str) -> Sequence[Any]:
    """Lock the answers of a group and those written like them, and return them with what was decided on each.

    Whoever hands in or is graded meanwhile waits: people are locked in one order, before their attempts are read.
    """
    here = and_(_which.c.exam == exam.id, _which.c.problem == problem, _which.c.blank == blank)
    asked = select(_reviews.c.attempt).where(_reviews.c.exam == exam.id, _reviews.c.group_key == group_key)
    same: ColumnElement[bool] = _which.c.id.in_(asked)
    if group_key.startswith("text:"):
        same = or_(same, _which.c.text_hash == group_key.removeprefix("text:"))
    lock_sheet(connection, exam.id, problem)
    owners = select(_which.c.person).where(here, same).distinct().order_by(_which.c.person)
    for person in connection.execute(owners).scalars().all():
        lock(connection, person)
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


def settle(connection: Connection, rows: Sequence[Any], group_key: str, decision: Decision) -> tuple[int, list[str]]:
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
