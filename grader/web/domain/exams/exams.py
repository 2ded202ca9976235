"""Exams: a list of problems with a policy, opened once and found again; ``schedule`` closes and releases them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Select, bindparam, insert, or_, select

from grader.core.verdict import Reveal
from grader.web.db import tables
from grader.web.db.column_types import equals_bound, new_id, now_or, one_line
from grader.web.db.engine import Database
from grader.web.domain import audit_log
from grader.web.domain.accounts.people import Person
from grader.web.domain.exams import snapshots
from grader.web.errors import Conflict, NotFound, ValidationFailed

Mode = Literal["practice", "exam"]
Lane = Literal["answers", "programs"]
FULL_CREDIT = (Fraction(1),)
"""What attempts pay where nothing is said: all of them in full."""
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_BY_SLUG = select(tables.exams).where(tables.exams.c.slug == bindparam("name"))
_BY_ID = select(tables.exams).where(tables.exams.c.id == bindparam("name"))
_FOR_UPDATE = _BY_ID.with_for_update(key_share=True)
_SHARED = _BY_ID.with_for_update(read=True)
_PROBLEM = select(tables.exam_problems).where(equals_bound(tables.exam_problems.c.exam, tables.exam_problems.c.problem))
UNLIMITED = "An exam needs a limit of attempts: without one every option could be tried."


@dataclass(frozen=True)
class Policy:
    """The rules of an exam.

    In ``practice`` the verdict comes at once, in an ``exam`` with the release. ``attempts`` is the limit for each blank,
    ``credits`` what they pay (the last one holds for all further ones), ``reveal`` the level after release. ``everyone``
    lets all people answer, enrolled or not. ``guests_may_practise`` the same problems elsewhere before the release.
    """

    mode: Mode = "practice"
    attempts: int | None = None
    credits: tuple[Fraction, ...] = FULL_CREDIT
    reveal: Reveal = "full"
    everyone: bool = False
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    guests_may_practise: bool = False

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode) or self.reveal not in get_args(Reveal):
            raise ValidationFailed("There is no such mode or level.")
        if self.mode == "exam" and self.attempts is None:
            raise ValidationFailed(UNLIMITED)
        if self.attempts is not None and not 1 <= self.attempts <= 1_000:
            raise ValidationFailed("The limit of attempts is a number from 1 to 1000.")
        if not self.credits or not all(0 <= each <= 1 for each in self.credits):
            raise ValidationFailed("The credit of each attempt is a number from 0 to 1.")
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise ValidationFailed("An exam closes after it opens.")


def shows_verdicts(mode: Mode, released_at: datetime | None) -> bool:
    """True if students may know verdicts: at once in practice, and after the release of an exam. The one place of this rule."""
    return mode == "practice" or released_at is not None


class Phase(StrEnum):
    """Where an exam is between its opening and the release of its results, for one student."""

    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"
    RELEASED = "released"


@dataclass(frozen=True)
class Exam:
    """One exam; ``state`` says whether staff have closed it, whatever the clock says."""

    id: str
    slug: str
    title: str
    policy: Policy
    state: Literal["open", "closed"] = "open"
    released_at: datetime | None = None

    @property
    def shows_verdicts(self) -> bool:
        """True if students see more than that their answers were received."""
        return shows_verdicts(self.policy.mode, self.released_at)

    def phase(self, closes_at: datetime | None, now: datetime | None = None) -> Phase:
        """Return the phase for a student for whom the exam closes at ``closes_at`` (None: when staff close it)."""
        moment, opens_at = now_or(now), self.policy.opens_at
        if self.released_at is not None:
            return Phase.RELEASED
        if self.state == "closed" or (closes_at is not None and closes_at <= moment):
            return Phase.CLOSED
        return Phase.UPCOMING if opens_at is not None and moment < opens_at else Phase.OPEN


@dataclass(frozen=True)
class ExamBlank:
    """A blank as an exam keeps it: its address, kind and points, and whether an answer may be a program."""

    address: str
    kind: str
    points: Fraction
    accepts_code: bool = False

    @property
    def lane(self) -> Lane:
        """Which grading processes its answers wait for."""
        return "programs" if self.accepts_code or self.kind == "function" else "answers"


@dataclass(frozen=True)
class ExamProblem:
    """One problem of an exam, as it was when the exam was opened; ``reveal`` is the most that its author allows."""

    exam: str
    problem: str
    position: int
    snapshot: str
    reveal: Reveal
    blanks: tuple[ExamBlank, ...] = field(repr=False)

    def blank(self, address: str) -> ExamBlank:
        """Return one blank; raises NotFound."""
        for each in self.blanks:
            if each.address == address:
                return each
        raise NotFound


def open_exam(
    database: Database,
    slug: str,
    title: str,
    folders: Sequence[Path],
    policy: Policy = Policy(),
    actor: str | None = None,
    now: datetime | None = None,
) -> Exam:
    """Store the problems as they are now, and open an exam with them; raises SpecError, ValidationFailed and Conflict.

    It takes a database, no connection: problems are read first, which takes longer than others should wait.
    """
    if not SLUG.fullmatch(slug):
        raise ValidationFailed("An exam is named with small letters, digits and hyphens.")
    title = one_line(title, "title")
    captured = [snapshots.capture_checked(folder) for folder in folders]
    names = [snapshot.problem for snapshot, _ in captured]
    if not names or len(set(names)) < len(names):
        raise ValidationFailed("An exam needs problems, each with a name of its own.")
    exam = Exam(new_id(), slug, title, policy)
    with database.writing() as connection:
        if connection.execute(select(tables.exams.c.id).where(tables.exams.c.slug == slug)).first():
            raise Conflict(f"There is an exam {slug} already.")
        connection.execute(insert(tables.exams).values(_row(exam, now_or(now))))
        for position, (snapshot, problem) in enumerate(captured):
            blanks = [
                [blank.address, blank.spec.kind, str(blank.spec.points), problem.public(blank).accepts_code]
                for blank in problem.blanks
            ]
            row = {
                "exam": exam.id,
                "problem": problem.id,
                "position": position,
                "snapshot": snapshots.store(connection, snapshot, now),
                "reveal": problem.reveal,
                "blanks": blanks,
            }
            connection.execute(insert(tables.exam_problems).values(row))
        audit_log.record(connection, actor, "exam-opened", exam.id, now=now, problems=names, mode=policy.mode)
    return exam


def _row(exam: Exam, created_at: datetime) -> dict[str, Any]:
    """Return the columns of a new exam."""
    policy = exam.policy
    return {
        "id": exam.id,
        "slug": exam.slug,
        "title": exam.title,
        "mode": policy.mode,
        "attempts": policy.attempts,
        "credits": [str(credit) for credit in policy.credits],
        "reveal": policy.reveal,
        "everyone": policy.everyone,
        "opens_at": policy.opens_at,
        "closes_at": policy.closes_at,
        "guests_may_practise": policy.guests_may_practise,
        "state": exam.state,
        "created_at": created_at,
    }


def find(connection: Connection, slug: str) -> Exam:
    """Return the exam of a slug; raises NotFound."""
    return _one(connection, _BY_SLUG, slug)


def by_id(connection: Connection, id: str) -> Exam:
    """Return the exam of an id; raises NotFound."""
    return _one(connection, _BY_ID, id)


def lock_shared(connection: Connection, exam: Exam) -> Exam:
    """Return an exam as it is now, and let nobody close or release it until this transaction ends.

    Take it before any other lock (``db.row_locks``).
    """
    return _one(connection, _SHARED, exam.id)


def lock_for_update(connection: Connection, exam: Exam) -> Exam:
    """Return an exam as it is now, and let nobody else change it until this transaction ends."""
    return _one(connection, _FOR_UPDATE, exam.id)


def _one(connection: Connection, query: Select[Any], name: str) -> Exam:
    row = connection.execute(query, {"name": name}).first() if name.isprintable() else None
    if row is None:
        raise NotFound
    return _exam(row)


def all_exams(connection: Connection) -> list[Exam]:
    """Return all exams, the newest first."""
    rows = connection.execute(select(tables.exams).order_by(tables.exams.c.created_at.desc(), tables.exams.c.id))
    return [_exam(row) for row in rows]


def exams_of(connection: Connection, person: Person) -> list[Exam]:
    """Return the exams that a student may know of, the newest first; staff know all."""
    if person.is_staff:
        return all_exams(connection)
    enrolled = select(tables.enrolments.c.exam).where(tables.enrolments.c.person == person.id)
    query = select(tables.exams).where(or_(tables.exams.c.everyone, tables.exams.c.id.in_(enrolled)))
    rows = connection.execute(query.order_by(tables.exams.c.created_at.desc(), tables.exams.c.id))
    return [_exam(row) for row in rows]


def _exam(row: Any) -> Exam:
    credits = tuple(Fraction(each) for each in row.credits)
    policy = Policy(
        row.mode,
        row.attempts,
        credits,
        row.reveal,
        row.everyone,
        row.opens_at,
        row.closes_at,
        row.guests_may_practise,
    )
    return Exam(row.id, row.slug, row.title, policy, row.state, row.released_at)


def exam_problems(connection: Connection, exam: Exam) -> list[ExamProblem]:
    """Return the problems of an exam in their order."""
    which = tables.exam_problems
    rows = connection.execute(select(which).where(which.c.exam == exam.id).order_by(which.c.position))
    return [_exam_problem(row) for row in rows]


def exam_problem(connection: Connection, exam: Exam, problem: str) -> ExamProblem:
    """Return one problem of an exam; raises NotFound."""
    key = {"exam": exam.id, "problem": problem}
    row = connection.execute(_PROBLEM, key).first() if problem.isprintable() else None
    if row is None:
        raise NotFound
    return _exam_problem(row)


def _exam_problem(row: Any) -> ExamProblem:
    blanks = tuple(ExamBlank(address, kind, Fraction(points), *rest) for address, kind, points, *rest in row.blanks)
    return ExamProblem(row.exam, row.problem, row.position, row.snapshot, row.reveal, blanks)
