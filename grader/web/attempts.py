"""Answers that students hand in: kept together with the work of grading them, in one transaction, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Any, Literal

from sqlalchemy import Connection, Select, delete, func, insert, select

from grader.submission import Written, is_blank
from grader.verdict import Outcome, Verdict
from grader.web import exams, tables, verdicts
from grader.web.columns import digest, new_id, now_or
from grader.web.counting import lock
from grader.web.exams import Exam
from grader.web.people import Person
from grader.web.refusals import (
    Invalid,
    NoAttemptsLeft,
    NotFound,
    Refused,
    RequestReused,
    StillGrading,
    TooLarge,
    TooMany,
)
from grader.web.settings import Limits

LIMITS = Limits()
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Decision:
    """What a person decided on answers that are alike."""

    id: str
    credit: Fraction
    comment: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Attempt:
    """One answer of one person to one blank. ``counts`` tells whether it uses up an attempt, ``asked`` whether the student
    wants a person to look at it; ``written`` is None once the person was erased.
    """

    id: str
    exam: str
    problem: str
    blank: str
    person: str
    number: int
    snapshot: str
    written: Written | None = field(repr=False)
    submitted_at: datetime
    state: Literal["waiting", "graded"]
    verdict: Verdict | None = field(repr=False)
    outcome: Outcome | None
    credit: Fraction | None
    doubtful: bool
    counts: bool
    decision: Decision | None
    asked: bool
    upload: str | None

    @property
    def score(self) -> Fraction | None:
        """The credit that stands: what a person decided, else the verdict's; None while there is none."""
        return self.decision.credit if self.decision else self.credit


def checked(written: Written, limits: Limits = LIMITS) -> Written:
    """Return an answer that may be kept; raises TooLarge."""
    texts = (written,) if isinstance(written, str) else written
    if len(texts) > limits.texts or sum(map(len, texts)) > limits.answer:
        raise TooLarge(f"An answer has at most {limits.answer:,} characters.")
    return written


def listed(written: Written) -> str | list[str]:
    """Return an answer as a value of JSON."""
    return written if isinstance(written, str) else list(written)


def unlisted(value: Any) -> Written | None:
    """Return the answer that ``listed`` was given."""
    return tuple(value) if isinstance(value, list) else value


def submit(
    connection: Connection,
    person: Person,
    exam: Exam,
    problem: str,
    blank: str,
    written: Written,
    request_key: str,
    limits: Limits = LIMITS,
    now: datetime | None = None,
) -> Attempt:
    """Keep an answer and the work of grading it, and return the attempt: the same one for the same request.

    Raises Invalid, TooLarge, NotFound, NotOpenYet, Closed, NoAttemptsLeft, StillGrading, TooMany and RequestReused.
    """
    moment = now_or(now)
    if not 1 <= len(request_key) <= 200:
        raise Invalid("A request key has 1 to 200 characters.")
    checked(written, limits)
    lock(connection, person.id)
    request, text = digest(exam.id, problem, blank, request_key), digest(listed(written))
    known = connection.execute(
        select(tables.attempts.c.id, tables.attempts.c.text)
        .where(tables.attempts.c.person == person.id, tables.attempts.c.request == request)
    ).first()  # fmt: skip
    if known is not None:
        if known.text != text:
            raise RequestReused
        return by_id(connection, known.id)
    exams.may_answer(connection, exam, person, moment)
    sheet = exams.sheet(connection, exam, problem)
    sheet.slot(blank)
    if is_blank(written):
        raise Invalid("Nothing was written here.")
    _not_too_often(connection, person, limits, moment)
    number = _room(connection, person, exam, problem, blank, limits)
    attempt = put(connection, person.id, sheet, blank, written, request, number, moment)
    drafts = tables.drafts
    connection.execute(
        delete(drafts).where(
            drafts.c.exam == exam.id, drafts.c.problem == problem, drafts.c.blank == blank, drafts.c.person == person.id
        )
    )  # fmt: skip
    return by_id(connection, attempt)


def submit_all(
    connection: Connection,
    person: Person,
    exam: Exam,
    problem: str,
    answers: Mapping[str, Written],
    request_key: str,
    limits: Limits = LIMITS,
    now: datetime | None = None,
) -> dict[str, Attempt | Refused]:
    """Hand in several blanks: one that is refused stops no other; empty ones, and those as handed in last, are left alone."""
    lock(connection, person.id)
    last = {each.blank: each for each in attempts_of(connection, exam, person, problem)}
    done: dict[str, Attempt | Refused] = {}
    for blank, written in answers.items():
        if is_blank(written):
            continue
        if blank in last and last[blank].written == written:
            done[blank] = last[blank]
            continue
        try:
            done[blank] = submit(connection, person, exam, problem, blank, written, request_key, limits, now)
        except Refused as refused:
            done[blank] = refused
    return done


def put(
    connection: Connection, person: str, sheet: exams.Sheet, blank: str, written: Written, request: str, number: int,
    now: datetime, upload: str | None = None,
) -> str:  # fmt: skip
    """Keep one answer and the work of grading it, whoever may or may not; return its id."""
    id = new_id()
    row = {
        "id": id, "exam": sheet.exam, "problem": sheet.problem, "blank": blank, "person": person, "number": number,
        "snapshot": sheet.snapshot, "request": request, "upload": upload, "written": listed(written),
        "text": digest(listed(written)), "submitted_at": now, "state": "waiting", "doubtful": False, "counts": False,
    }  # fmt: skip
    connection.execute(insert(tables.attempts).values(row))
    job = {"attempt": id, "priority": 0 if upload is None else 1, "queued_at": now, "tries": 0}
    connection.execute(insert(tables.work).values(job))
    return id


def _not_too_often(connection: Connection, person: Person, limits: Limits, now: datetime) -> None:
    which = tables.attempts
    query = select(func.count(), func.min(which.c.submitted_at)).where(
        which.c.person == person.id, which.c.submitted_at > now - MINUTE, which.c.upload.is_(None)
    )
    many, first = connection.execute(query).one()
    if many >= limits.per_minute:
        wait = max(1, ceil((first + MINUTE - now).total_seconds()))
        raise TooMany(
            f"That is more than {limits.per_minute} answers in a minute. Please wait {wait} seconds.", wait
        )


def _room(
    connection: Connection, person: Person, exam: Exam, problem: str, blank: str, limits: Limits
) -> int:
    """Return the number of the next attempt; raises what keeps it from being made."""
    which = tables.attempts
    rows = connection.execute(
        select(which.c.number, which.c.state, which.c.counts).where(
            which.c.exam == exam.id, which.c.problem == problem, which.c.blank == blank, which.c.person == person.id
        )
    ).all()  # fmt: skip
    most = exam.policy.attempts
    if most is not None:
        used = sum(row.counts for row in rows)
        if used >= most:
            raise NoAttemptsLeft(most)
        if used + sum(row.state == "waiting" for row in rows) >= most:
            raise StillGrading
    if len(rows) >= limits.per_blank:
        raise TooMany(f"You have handed in {limits.per_blank} answers here; no more are taken.")
    return 1 + max((row.number for row in rows), default=0)


def used(attempts: list[Attempt], blank: str) -> int:
    """Return how many attempts at a blank are used up, of those given."""
    return sum(each.counts for each in attempts if each.blank == blank)


def _query() -> Select[Any]:
    which, decision, review = tables.attempts, tables.decisions, tables.reviews
    asked = (
        select(review.c.attempt)
        .where(review.c.attempt == which.c.id, review.c.asked_by == "student")
        .exists()
        .label("asked")
    )
    decided = (decision.c.credit.label("decided"), decision.c.comment, decision.c.by, decision.c.at)
    return select(which, asked, *decided).outerjoin(decision, decision.c.id == which.c.decision)


def attempt_of(row: Any) -> Attempt:
    """Return the attempt in a row of this module's query."""
    decision = (
        Decision(row.decision, row.decided, row.comment, row.by, row.at) if row.decision is not None else None
    )
    verdict = None if row.verdict is None else verdicts.restored(row.verdict)
    return Attempt(
        row.id, row.exam, row.problem, row.blank, row.person, row.number, row.snapshot, unlisted(row.written),
        row.submitted_at, row.state, verdict, row.outcome, row.credit, row.doubtful, row.counts, decision, row.asked,
        row.upload,
    )  # fmt: skip


def by_id(connection: Connection, id: str, person: Person | None = None) -> Attempt:
    """Return an attempt; with a person, raises NotFound for somebody else's just as for none."""
    query = _query().where(tables.attempts.c.id == id)
    row = connection.execute(query).first() if id.isprintable() else None
    if row is None or (person is not None and row.person != person.id):
        raise NotFound
    return attempt_of(row)


def attempts_of(
    connection: Connection, exam: Exam, person: Person, problem: str | None = None
) -> list[Attempt]:
    """Return a person's attempts in an exam, in the order of their numbers."""
    which = tables.attempts
    query = _query().where(which.c.exam == exam.id, which.c.person == person.id)
    if problem is not None:
        query = query.where(which.c.problem == problem)
    query = query.order_by(which.c.problem, which.c.blank, which.c.number)
    return [attempt_of(row) for row in connection.execute(query)]


def attempts_at(connection: Connection, exam: Exam, problem: str) -> list[Attempt]:
    """Return all attempts at one problem of an exam, by person and number."""
    which = tables.attempts
    query = _query().where(which.c.exam == exam.id, which.c.problem == problem)
    rows = connection.execute(query.order_by(which.c.person, which.c.blank, which.c.number))
    return [attempt_of(row) for row in rows]
