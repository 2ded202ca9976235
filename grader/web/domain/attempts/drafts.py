"""Drafts (autosave): what students have typed and not submitted yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from grader.core.submission import Written
from grader.web.db import tables
from grader.web.db.column_types import now_or
from grader.web.db.row_locks import lock_present_person
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts.attempts import DEFAULT_LIMITS, check_size, written_from_json, written_to_json
from grader.web.domain.exams import enrolments, exams
from grader.web.domain.exams.exams import Exam
from grader.web.settings import ServiceLimits


def save_draft(
    connection: Connection,
    person: Person,
    exam: Exam,
    problem: str,
    blank: str,
    written: Written,
    limits: ServiceLimits = DEFAULT_LIMITS,
    now: datetime | None = None,
) -> None:
    """Store what stands in a blank now; raises TooLarge, NotFound, NotOpenYet and Closed."""
    enrolments.check_can_answer(connection, exams.lock_shared(connection, exam), person, now)
    lock_present_person(connection, person.id)
    exams.exam_problem(connection, exam, problem).blank(blank)
    columns = {"written": written_to_json(check_size(written, limits)), "saved_at": now_or(now)}
    row = {"exam": exam.id, "problem": problem, "blank": blank, "person": person.id} | columns
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    primary_key = [column.name for column in tables.drafts.primary_key]
    upsert = insert(tables.drafts).values(row)
    connection.execute(upsert.on_conflict_do_update(index_elements=primary_key, set_=columns))


def drafts_of(connection: Connection, person: Person, exam: Exam, problem: str) -> dict[str, Written]:
    """Return a person's drafts for one problem by their blanks."""
    which = tables.drafts
    rows = connection.execute(
        select(which.c.blank, which.c.written).where(
            which.c.exam == exam.id, which.c.problem == problem, which.c.person == person.id
        )
    )
    return {row.blank: written_from_json(row.written) or "" for row in rows}
