"""Handing in: an answer is kept together with its verdict, or the work of grading it, in one transaction, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from grader.core.submission import Written, is_blank
from grader.core.verdict import UngradedCause, Verdict
from grader.web.db import row_locks, tables
from grader.web.db.types import digest, equals_bound, new_id, now_or
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts
from grader.web.domain.attempts.attempts import LIMITS, Attempt
from grader.web.domain.exams import attempt_rules, enrolments, exams
from grader.web.domain.exams.attempt_rules import CountableAttempt
from grader.web.domain.exams.exams import Exam, ExamProblem
from grader.web.domain.grading import record_verdict
from grader.web.domain.review import queue
from grader.web.errors import NoAttemptsLeft, RateLimited, RequestReused, ServiceError, StillGrading, ValidationFailed
from grader.web.settings import Limits

MINUTE = timedelta(minutes=1)
SOON = 10
"""Seconds after which it may be tried again where too many answers wait."""
UPLOADED = 1_000
"""The priority of uploads: after everything that students hand in themselves."""
_which, _drafts = tables.attempts, tables.drafts
_SENT = select(_which.c.id, _which.c.text_hash).where(equals_bound(_which.c.person, _which.c.request))
_LATELY = select(func.count(), func.min(_which.c.submitted_at)).where(
    equals_bound(_which.c.person), _which.c.submitted_at > bindparam("since"), _which.c.upload.is_(None)
)
_WAITING = select(func.count()).where(
    equals_bound(_which.c.person), _which.c.state == "waiting", _which.c.upload.is_(None)
)
_ADD, _ADD_WORK = insert(_which), insert(tables.jobs)
_DROP_DRAFT = delete(_drafts).where(equals_bound(_drafts.c.exam, _drafts.c.problem, _drafts.c.blank, _drafts.c.person))


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
    judged: Verdict | None = None,
) -> Attempt:
    """Keep an answer with its verdict, or else with the work of grading it; return the attempt: the same one for the same request.

    Raises Invalid, TooLarge, NotFound, NotOpenYet, Closed, NoAttemptsLeft, StillGrading, TooMany and RequestReused.
    """
    moment = now_or(now)
    if not 1 <= len(request_key) <= 200:
        raise ValidationFailed("A request key has 1 to 200 characters.")
    attempts.checked(written, limits)
    current = _lock(connection, person, exam, problem, judged)
    request, text = digest(exam.id, problem, blank, request_key), digest(attempts.listed(written))
    known = connection.execute(_SENT, {"person": person.id, "request": request}).first()
    if known is not None:
        if known.text_hash != text:
            raise RequestReused
        return attempts.by_id(connection, known.id)
    enrolments.check_can_answer(connection, current, person, moment)
    sheet = exams.exam_problem(connection, current, problem)
    sheet.blank(blank)
    if is_blank(written):
        raise ValidationFailed("Nothing was written here.")
    _not_too_often(connection, person, limits, moment)
    earlier = attempt_rules.attempt_rows(connection, exam.id, problem, blank, person.id)
    _room(current, earlier, limits)
    number = 1 + max((row.number for row in earlier), default=0)
    row = _row(sheet, blank, person.id, written, request, number, moment)
    if judged is not None and current.shows_verdicts:
        row |= record_verdict.columns(judged, sheet.snapshot, blank, moment)
        row["uses_attempt"] = row["id"] in attempt_rules.counted_ids(
            [*map(attempt_rules.countable, earlier), _countable(row)]
        )
    if row["outcome"] in attempt_rules.JUDGED and any(
        each.outcome == "unreadable" and each.needs_review for each in earlier
    ):
        record_verdict.supersede(connection, exam.id, problem, blank, person.id, number)
    keep(connection, row, turn=_waiting(connection, person, limits) if row["state"] == "waiting" else 0)
    here = {"exam": exam.id, "problem": problem, "blank": blank, "person": person.id}
    connection.execute(_DROP_DRAFT, here)
    return attempts.by_id(connection, row["id"])


def submit_all(
    connection: Connection,
    person: Person,
    exam: Exam,
    problem: str,
    answers: Mapping[str, Written],
    request_key: str,
    limits: Limits = LIMITS,
    now: datetime | None = None,
    judged: Mapping[str, Verdict] | None = None,
) -> dict[str, Attempt | ServiceError]:
    """Hand in several blanks: one that is refused stops no other; empty ones, and those as handed in last, are left alone."""
    verdicts = judged or {}
    _lock(connection, person, exam, problem, *verdicts.values())
    last = {each.blank: each for each in attempts.attempts_of(connection, exam, person, problem)}
    done: dict[str, Attempt | ServiceError] = {}
    for blank, written in answers.items():
        if is_blank(written):
            continue
        if blank in last and last[blank].written == written:
            done[blank] = last[blank]
            continue
        try:
            done[blank] = submit(
                connection, person, exam, problem, blank, written, request_key, limits, now, verdicts.get(blank)
            )
        except ServiceError as refused:
            done[blank] = refused
    return done


def uploaded(
    sheet: ExamProblem,
    blank: str,
    person: str,
    written: Written,
    number: int,
    now: datetime,
    upload: str,
    held: str | None,
) -> dict[str, Any]:
    """Return an answer that staff hand in for a student, for ``keep``; ``held`` says why a person has to look at it first."""
    row = _row(sheet, blank, person, written, digest(upload, blank, number), number, now) | {"upload": upload}
    return (
        row | record_verdict.columns(Verdict.ungraded(held, cause=UngradedCause.HELD), sheet.snapshot, blank, now)
        if held
        else row
    )


def _row(
    sheet: ExamProblem, blank: str, person: str, written: Written, request: str, number: int, now: datetime
) -> dict[str, Any]:
    """Return a new attempt that waits to be graded."""
    listed = attempts.listed(written)
    return {
        "id": new_id(),
        "exam": sheet.exam,
        "problem": sheet.problem,
        "blank": blank,
        "person": person,
        "number": number,
        "snapshot": sheet.snapshot,
        "request": request,
        "upload": None,
        "written": listed,
        "text_hash": digest(listed),
        "submitted_at": now,
        "state": "waiting",
        "graded_at": None,
        "verdict": None,
        "outcome": None,
        "credit": None,
        "needs_review": False,
        "meaning_hash": None,
        "uses_attempt": False,
    }


def _countable(row: dict[str, Any]) -> CountableAttempt:
    return CountableAttempt(
        id=row["id"],
        text_hash=row["text_hash"],
        meaning_hash=row["meaning_hash"],
        outcome=row["outcome"],
        needs_review=row["needs_review"],
        credit=row["credit"],
    )


def keep(connection: Connection, *rows: dict[str, Any], turn: int = 0) -> None:
    """Keep attempts, and what is still to be done: the work of grading them, or a person's look at a doubtful verdict.

    ``turn`` is how many answers of the same student wait already: everybody's first is graded before anybody's second.
    """
    connection.execute(_ADD, rows)
    jobs = [
        {
            "attempt": row["id"],
            "priority": turn if row["upload"] is None else UPLOADED,
            "queued_at": row["submitted_at"],
            "tries": 0,
        }
        for row in rows
        if row["state"] == "waiting"
    ]
    if jobs:
        connection.execute(_ADD_WORK, jobs)
    for row in rows:
        if row["needs_review"]:
            group = queue.group_of(row["text_hash"], row["meaning_hash"])
            queue.wait(connection, row["exam"], row["id"], "grader", group, row["submitted_at"])


def _lock(connection: Connection, person: Person, exam: Exam, problem: str, *judged: Verdict | None) -> Exam:
    """Lock an exam, then its sheet if a verdict sends an answer to a person, then the student: always in this order.

    Returns the exam as it stands now; raises NotFound if the student was erased.
    """
    current = exams.lock_shared(connection, exam)
    if any(each is not None and each.review is not None for each in judged):
        row_locks.lock_sheet(connection, exam.id, problem)
    row_locks.lock_present(connection, person.id)
    return current


def _waiting(connection: Connection, person: Person, limits: Limits) -> int:
    """Return how many answers of a student wait to be graded; raises TooMany if it is more than anybody needs."""
    many: int = connection.execute(_WAITING, {"person": person.id}).scalar_one()
    if many >= limits.waiting:
        raise RateLimited(f"{many} of your answers are still being graded. Please wait {SOON} seconds.", SOON)
    return many


def _not_too_often(connection: Connection, person: Person, limits: Limits, now: datetime) -> None:
    many, first = connection.execute(_LATELY, {"person": person.id, "since": now - MINUTE}).one()
    if many >= limits.per_minute:
        wait = max(1, ceil((first + MINUTE - now).total_seconds()))
        raise RateLimited(
            f"That is more than {limits.per_minute} answers in a minute. Please wait {wait} seconds.", wait
        )


def _room(exam: Exam, earlier: Sequence[Any], limits: Limits) -> None:
    """Raise what keeps one more attempt from being made."""
    most = exam.policy.attempts
    if most is not None:
        used = sum(row.uses_attempt for row in earlier)
        if used >= most:
            raise NoAttemptsLeft(most)
        if used + sum(row.state == "waiting" for row in earlier) >= most:
            raise StillGrading
    if len(earlier) >= limits.per_blank:
        raise RateLimited(f"You have handed in {limits.per_blank} answers here; no more are taken.")
