"""Exams: a list of problems with a policy, who may see them and who may answer now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Select, bindparam, insert, or_, select, update

from grader.core.verdict import Reveal
from grader.web.db import tables
from grader.web.db.engine import Database
from grader.web.db.types import equals_bound, new_id, now_or, one_line
from grader.web.domain import audit_log
from grader.web.domain.accounts.people import Person
from grader.web.domain.exams import snapshots
from grader.web.domain.exams.attempt_rules import recount_all
from grader.web.domain.exams.credit import WHOLE
from grader.web.errors import Closed, Conflict, NotFound, NotOpenYet, ValidationFailed

Mode = Literal["practice", "exam"]
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_FOUND = select(tables.exams).where(tables.exams.c.slug == bindparam("name"))
_KNOWN = select(tables.exams).where(tables.exams.c.id == bindparam("name"))
_CHANGED = _KNOWN.with_for_update(key_share=True)
_HELD = _KNOWN.with_for_update(read=True)
_SHEET = select(tables.exam_problems).where(equals_bound(tables.exam_problems.c.exam, tables.exam_problems.c.problem))
_ENROLMENT = select(tables.enrolments.c.closes_at).where(
    equals_bound(tables.enrolments.c.exam, tables.enrolments.c.person)
)
STILL_OPEN = "Students may still answer: close the exam first."
UNLIMITED = "An exam needs a limit of attempts: without one every option could be tried."


@dataclass(frozen=True)
class Policy:
    """How an exam is held.

    In ``practice`` the verdict comes at once, in an ``exam`` with the release. ``attempts`` is the limit for each blank,
    ``credits`` what they pay (the last one holds for all further ones), ``reveal`` the level after release. ``everyone``
    lets all people answer, enrolled or not.
    """

    mode: Mode = "practice"
    attempts: int | None = None
    credits: tuple[Fraction, ...] = WHOLE
    reveal: Reveal = "full"
    everyone: bool = False
    opens_at: datetime | None = None
    closes_at: datetime | None = None

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
        """Whether students see more than that their answers were received."""
        return self.policy.mode == "practice" or self.released_at is not None

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
    """A blank as an exam keeps it: its address, kind and points."""

    address: str
    kind: str
    points: Fraction


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
    """Keep the problems as they are now, and open an exam with them; raises SpecError, Invalid and Conflict.

    It takes a database, no connection: problems are read first, which takes longer than others should wait.
    """
    if not SLUG.fullmatch(slug):
        raise ValidationFailed("An exam is named with small letters, digits and hyphens.")
    title = one_line(title, "title")
    taken = [snapshots.capture_checked(folder) for folder in folders]
    names = [snapshot.problem for snapshot, _ in taken]
    if not names or len(set(names)) < len(names):
        raise ValidationFailed("An exam needs problems, each with a name of its own.")
    exam = Exam(new_id(), slug, title, policy)
    with database.writing() as connection:
        if connection.execute(select(tables.exams.c.id).where(tables.exams.c.slug == slug)).first():
            raise Conflict(f"There is an exam {slug} already.")
        row = {
            name: getattr(policy, name) for name in ("mode", "attempts", "reveal", "everyone", "opens_at", "closes_at")
        }
        row |= {"id": exam.id, "slug": slug, "title": title, "state": "open", "created_at": now_or(now)}
        connection.execute(insert(tables.exams).values(row | {"credits": [str(each) for each in policy.credits]}))
        for position, (snapshot, problem) in enumerate(taken):
            blanks = [[each.address, each.spec.kind, str(each.spec.points)] for each in problem.blanks]
            row = {
                "exam": exam.id,
                "problem": problem.id,
                "position": position,
                "reveal": problem.reveal,
                "blanks": blanks,
            }
            kept = snapshots.store(connection, snapshot, now)
            connection.execute(insert(tables.exam_problems).values(row | {"snapshot": kept}))
        audit_log.record(connection, actor, "exam-opened", exam.id, now=now, problems=names, mode=policy.mode)
    return exam


def find(connection: Connection, slug: str) -> Exam:
    """Return the exam of a slug; raises NotFound."""
    return _one(connection, _FOUND, slug)


def by_id(connection: Connection, id: str) -> Exam:
    """Return the exam of an id; raises NotFound."""
    return _one(connection, _KNOWN, id)


def lock_shared(connection: Connection, exam: Exam) -> Exam:
    """Return an exam as it stands now, and let nobody close or release it until this transaction ends.

    Always before people and sheets are locked (``counting``).
    """
    return _one(connection, _HELD, exam.id)


def lock_for_update(connection: Connection, exam: Exam) -> Exam:
    """Return an exam as it stands now, and let nobody else change it until this transaction ends."""
    return _one(connection, _CHANGED, exam.id)


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
    own = select(tables.enrolments.c.exam).where(tables.enrolments.c.person == person.id)
    query = select(tables.exams).where(or_(tables.exams.c.everyone, tables.exams.c.id.in_(own)))
    rows = connection.execute(query.order_by(tables.exams.c.created_at.desc(), tables.exams.c.id))
    return [_exam(row) for row in rows]


def _exam(row: Any) -> Exam:
    credits = tuple(Fraction(each) for each in row.credits)
    policy = Policy(row.mode, row.attempts, credits, row.reveal, row.everyone, row.opens_at, row.closes_at)
    return Exam(row.id, row.slug, row.title, policy, row.state, row.released_at)


def exam_problems(connection: Connection, exam: Exam) -> list[ExamProblem]:
    """Return the problems of an exam in their order."""
    which = tables.exam_problems
    rows = connection.execute(select(which).where(which.c.exam == exam.id).order_by(which.c.position))
    return [_sheet(row) for row in rows]


def exam_problem(connection: Connection, exam: Exam, problem: str) -> ExamProblem:
    """Return one problem of an exam; raises NotFound."""
    found = {"exam": exam.id, "problem": problem}
    row = connection.execute(_SHEET, found).first() if problem.isprintable() else None
    if row is None:
        raise NotFound
    return _sheet(row)


def _sheet(row: Any) -> ExamProblem:
    blanks = tuple(ExamBlank(address, kind, Fraction(points)) for address, kind, points in row.blanks)
    return ExamProblem(row.exam, row.problem, row.position, row.snapshot, row.reveal, blanks)


def check_can_view(connection: Connection, exam: Exam, person: Person, now: datetime | None = None) -> None:
    """Raise NotFound or NotOpenYet unless this person may see the problems; staff may always."""
    if person.is_staff:
        return
    _place(connection, exam, person)
    if exam.policy.opens_at and now_or(now) < exam.policy.opens_at:
        raise NotOpenYet


def check_can_answer(connection: Connection, exam: Exam, person: Person, now: datetime | None = None) -> None:
    """Raise NotFound, NotOpenYet or Closed unless this person may answer now."""
    extended = None if person.is_staff else _place(connection, exam, person)
    phase = exam.phase(extended or exam.policy.closes_at, now)
    if phase is Phase.UPCOMING:
        raise NotOpenYet
    if phase is not Phase.OPEN:
        raise Closed


def closes_at(connection: Connection, exam: Exam, person: Person) -> datetime | None:
    """Return when the exam closes for a person, None if it does not."""
    return (None if person.is_staff else _place(connection, exam, person)) or exam.policy.closes_at


def _place(connection: Connection, exam: Exam, person: Person) -> datetime | None:
    """Return the time that a student's extension ends; raises NotFound if the exam is not for them."""
    row = connection.execute(_ENROLMENT, {"exam": exam.id, "person": person.id}).first()
    if row is None and not exam.policy.everyone:
        raise NotFound
    closes: datetime | None = row.closes_at if row else None
    return closes


def enrol(connection: Connection, exam: Exam, person: Person) -> None:
    """Put a student on an exam's list, if they are not on it yet."""
    which = tables.enrolments
    known = select(which.c.exam).where(which.c.exam == exam.id, which.c.person == person.id)
    if connection.execute(known).first() is None:
        connection.execute(insert(which).values(exam=exam.id, person=person.id))


def extend(
    connection: Connection,
    exam: Exam,
    person: Person,
    until: datetime | None,
    actor: str | None = None,
    now: datetime | None = None,
) -> None:
    """Let one student answer until another time than the others, or (None) until the same."""
    which = tables.enrolments
    enrol(connection, exam, person)
    change = update(which).where(which.c.exam == exam.id, which.c.person == person.id)
    connection.execute(change.values(closes_at=until))
    said = until.isoformat() if until else None
    audit_log.record(connection, actor, "extended", exam.id, now=now, person=person.id, until=said)


def enrolled(connection: Connection, exam: Exam) -> list[tuple[Person, datetime | None]]:
    """Return the students on an exam's list with their extensions, by their logins."""
    query = (
        select(tables.people, tables.enrolments.c.closes_at)
        .join(tables.enrolments, tables.enrolments.c.person == tables.people.c.id)
        .where(tables.enrolments.c.exam == exam.id, tables.people.c.erased_at.is_(None))
        .order_by(tables.people.c.login)
    )
    rows = connection.execute(query)
    return [(Person(row.id, row.login, row.name, row.role), row.closes_at) for row in rows]


def is_open_to_anyone(connection: Connection, exam: Exam, now: datetime | None = None) -> bool:
    """Whether anybody may still answer, now or later; only then the exam cannot be released."""
    ends = [exam.policy.closes_at, *(until for _, until in enrolled(connection, exam) if until)]
    return any(exam.phase(end, now) in (Phase.UPCOMING, Phase.OPEN) for end in ends)


def reschedule(
    connection: Connection,
    exam: Exam,
    closes_at: datetime | None,
    actor: str | None = None,
    now: datetime | None = None,
) -> None:
    """Let an exam close at another time for everyone without an extension, or (None) when staff close it.

    Raises Invalid for a time that has passed or lies before it opens, and Conflict once it was released.
    """
    exam = lock_for_update(connection, exam)
    if exam.released_at:
        raise Conflict("A released exam stays closed: its key is known.")
    if closes_at and closes_at <= now_or(now):
        raise ValidationFailed("This time has passed. To close the exam at once, use Close.")
    if closes_at and exam.policy.opens_at and closes_at <= exam.policy.opens_at:
        raise ValidationFailed("An exam closes after it opens.")
    _set(connection, exam, closes_at=closes_at)
    was, said = (each.isoformat() if each else None for each in (exam.policy.closes_at, closes_at))
    audit_log.record(connection, actor, "exam-rescheduled", exam.id, now=now, closes=said, was=was)


def close(connection: Connection, exam: Exam, actor: str | None = None, now: datetime | None = None) -> None:
    """Take no more answers, whatever the clock says and whoever has an extension."""
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
