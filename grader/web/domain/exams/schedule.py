"""The schedule of an exam: another closing time, closing, reopening, and the release of the results."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from grader.web.db import tables
from grader.web.db.column_types import now_or
from grader.web.domain import audit_log
from grader.web.domain.exams.attempt_rules import recount_all
from grader.web.domain.exams.enrolments import is_open_to_anyone
from grader.web.domain.exams.exams import Exam, lock_for_update
from grader.web.errors import Conflict, ValidationFailed

STILL_OPEN = "Students may still answer: close the exam first."


def reschedule(
    connection: Connection,
    exam: Exam,
    closes_at: datetime | None,
    actor: str | None = None,
    now: datetime | None = None,
) -> None:
    """Let an exam close at another time for everyone without an extension, or (None) when staff close it.

    Raises ValidationFailed for a time that has passed or lies before it opens, and Conflict once it was released.
    """
    exam = lock_for_update(connection, exam)
    if exam.released_at:
        raise Conflict("A released exam stays closed: its key is known.")
    if closes_at and closes_at <= now_or(now):
        raise ValidationFailed("This time has passed. To close the exam at once, use Close.")
    if closes_at and exam.policy.opens_at and closes_at <= exam.policy.opens_at:
        raise ValidationFailed("An exam closes after it opens.")
    _set(connection, exam, closes_at=closes_at)
    before, after = (time.isoformat() if time else None for time in (exam.policy.closes_at, closes_at))
    audit_log.record(connection, actor, "exam-rescheduled", exam.id, now=now, closes=after, was=before)


def close(connection: Connection, exam: Exam, actor: str | None = None, now: datetime | None = None) -> None:
    """Take no more answers, whatever the clock says, extensions or not."""
    _set(connection, exam, state="closed")
    audit_log.record(connection, actor, "exam-closed", exam.id, now=now)


def reopen(connection: Connection, exam: Exam, actor: str | None = None, now: datetime | None = None) -> None:
    """Take answers again, as far as the clock allows; raises Conflict once it was released."""
    if lock_for_update(connection, exam).released_at:
        raise Conflict("A released exam stays closed: its key is known.")
    _set(connection, exam, state="open")
    audit_log.record(connection, actor, "exam-reopened", exam.id, now=now)


def release(connection: Connection, exam: Exam, actor: str | None = None, now: datetime | None = None) -> None:
    """Show verdicts and the key, and take no more answers; raises Conflict while anybody may still answer."""
    exam, moment = lock_for_update(connection, exam), now_or(now)
    if is_open_to_anyone(connection, exam, moment):
        raise Conflict(STILL_OPEN)
    if exam.released_at is None:
        _set(connection, exam, state="closed", released_at=moment)
        recount_all(connection, exam.id)
        audit_log.record(connection, actor, "exam-released", exam.id, now=now)


def _set(connection: Connection, exam: Exam, **values: Any) -> None:
    connection.execute(update(tables.exams).where(tables.exams.c.id == exam.id).values(values))
