"""An exam hall for the tests: a small problem, an instructor, two students."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete

from grader.core.verdict import Verdict
from grader.web.db import tables
from grader.web.db.engine import Database
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.exams import enrolments, exams
from grader.web.domain.exams.exams import Exam, Policy
from grader.web.domain.grading import record_verdict
from grader.web.domain.grading import submit as handing_in
from grader.web.settings import ServiceLimits

TINY = """\
title: Tiny
sizes: {n: 2}
symbols:
  a: {shape: [n, 1]}
  B: {shape: [n, n]}
parts:
  - id: a
    ask: How many?
    kind: number
    points: 2
    value: 41/7
    accept: {decimals: 2}
  - id: b
    ask: Which?
    kind: formula
    points: 3
    symbols: [a, B]
    reference: B.T @ a
  - id: c
    ask: What is it called?
    kind: word
    points: 1
    accept: [canary]
    candidates: [sparrow]
"""


NOON = datetime(2030, 5, 6, 12, tzinfo=UTC)


PROGRAM = """\
title: Program
sizes: {n: 2}
symbols:
  a: {shape: [n, 1]}
parts:
  - id: d
    ask: Twice?
    kind: function
    points: 1
    name: twice
    parameters: [a]
    reference: twice
    checks: [{says: it is twice}]
"""

REFERENCE = """\
def twice(a):
    return 2 * a
"""


@dataclass
class Hall:
    """An exam hall: a database with an instructor and two students, and exams when they are asked for."""

    database: Database
    folder: Path
    staff: Person
    ada: Person
    bob: Person
    exam: Exam

    def open(self, slug: str, **policy: Any) -> Exam:
        exam = exams.open_exam(self.database, slug, slug.title(), [self.folder], Policy(**policy))
        with self.database.writing() as connection:
            for each in (self.ada, self.bob):
                enrolments.enrol(connection, exam, each)
        return exam

    def submit(
        self,
        written: Any,
        blank: str = "a",
        who: Person | None = None,
        key: str | None = None,
        exam: Exam | None = None,
        now: datetime = NOON,
        **limits: Any,
    ) -> Attempt:
        with self.database.writing() as connection:
            return handing_in.submit(
                connection,
                who or self.ada,
                exam or self.exam,
                "tiny",
                blank,
                written,
                key or uuid.uuid4().hex,
                ServiceLimits(**limits),
                now,
            )

    def mark(self, attempt: Attempt, verdict: Verdict) -> Attempt:
        with self.database.writing() as connection:
            assert record_verdict.record(connection, attempt.id, verdict, NOON)
            connection.execute(delete(tables.jobs).where(tables.jobs.c.attempt == attempt.id))
            return attempts.by_id(connection, attempt.id)

    def again(self, attempt: Attempt) -> Attempt:
        with self.database.reading() as connection:
            return attempts.by_id(connection, attempt.id)
