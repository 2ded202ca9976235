"""Submit answers: each is stored with its verdict, or a job to grade it, in one transaction, once for each request key (idempotency)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from grader.core.submission import Written, is_blank
from grader.core.verdict import UngradedCause, Verdict
from grader.web.db import row_locks, tables
from grader.web.db.column_types import digest, equals_bound, new_id, now_or
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts
from grader.web.domain.attempts.attempts import DEFAULT_LIMITS, Attempt
from grader.web.domain.exams import attempt_rules, enrolments, exams
from grader.web.domain.exams.attempt_rules import CountableAttempt
from grader.web.domain.exams.exams import Exam, ExamProblem
from grader.web.domain.grading import record_verdict
from grader.web.domain.review import queue
from grader.web.errors import NoAttemptsLeft, RateLimited, RequestReused, ServiceError, StillGrading, ValidationFailed
from grader.web.settings import ServiceLimits

MINUTE = timedelta(minutes=1)
RETRY_SECONDS = 10
"""After so long a student with too many answers in the queue may try again."""
UPLOAD_PRIORITY = 1_000
"""The priority of uploads: after everything that students submit themselves."""
_attempts, _drafts = tables.attempts, tables.drafts
_SAME_REQUEST = select(_attempts.c.id, _attempts.c.text_hash).where(
    equals_bound(_attempts.c.person, _attempts.c.request)
)
_LAST_MINUTE = select(func.count(), func.min(_attempts.c.submitted_at)).where(
    equals_bound(_attempts.c.person), _attempts.c.submitted_at > bindparam("since"), _attempts.c.upload.is_(None)
)
_PENDING = select(func.count()).where(
    equals_bound(_attempts.c.person), _attempts.c.state == "waiting", _attempts.c.upload.is_(None)
)
_ADD_ATTEMPTS, _ADD_JOBS = insert(_attempts), insert(tables.jobs)
_DROP_DRAFT = delete(_drafts).where(equals_bound(_drafts.c.exam, _drafts.c.problem, _drafts.c.blank, _drafts.c.person))


def submit(
    connection: Connection,
    person: Person,
    exam: Exam,
    problem: str,
    blank: str,
    written: Written,
    request_key: str,
    limits: ServiceLimits = DEFAULT_LIMITS,
    now: datetime | None = None,
    verdict: Verdict | None = None,
) -> Attempt:
    """Store an answer with its verdict, or else with a job to grade it; return the attempt: the same one for the same request.

    Raises:
        ValidationFailed, TooLarge, NotFound, NotOpenYet, Closed, NoAttemptsLeft, StillGrading, RateLimited, RequestReused.
    """
    moment = now_or(now)
    if not 1 <= len(request_key) <= 200:
        raise ValidationFailed("A request key has 1 to 200 characters.")
    attempts.check_size(written, limits)
    current = _lock(connection, person, exam, problem, verdict)
    # From here on nothing about this student changes: what is read below still holds when the attempt is inserted.
    request = digest(exam.id, problem, blank, request_key)
    text_hash = digest(attempts.written_to_json(written))
    # Before the checks below: a request that is sent again is answered as before, though the exam may be closed by now.
    earlier_request = connection.execute(_SAME_REQUEST, {"person": person.id, "request": request}).first()
    if earlier_request is not None:
        if earlier_request.text_hash != text_hash:
            raise RequestReused
        return attempts.by_id(connection, earlier_request.id)
    enrolments.check_can_answer(connection, current, person, moment)
    exam_problem = exams.exam_problem(connection, current, problem)
    exam_problem.blank(blank)
    if is_blank(written):
        raise ValidationFailed("Nothing was written here.")
    _check_rate(connection, person, limits, moment)
    earlier = attempt_rules.attempt_rows(connection, exam.id, problem, blank, person.id)
    _check_attempts_left(current, earlier, limits)
    number = 1 + max((row.number for row in earlier), default=0)
    row = _row(exam_problem, blank, person.id, written, request, number, moment)
    # The verdict was given before the exam was locked: whether it may be shown depends on the exam as it is now.
    if verdict is not None and current.shows_verdicts:
        row |= record_verdict.verdict_columns(verdict, exam_problem.snapshot, blank, moment)
        row["uses_attempt"] = row["id"] in attempt_rules.counted_ids(
            [*map(attempt_rules.countable, earlier), _countable(row)]
        )
    if row["outcome"] in attempt_rules.JUDGED and any(
        row_before.outcome == "unreadable" and row_before.needs_review for row_before in earlier
    ):
        record_verdict.supersede(connection, exam.id, problem, blank, person.id, number)
    insert_attempts(
        connection, row, turn=_count_pending(connection, person, limits) if row["state"] == "waiting" else 0
    )
    key = {"exam": exam.id, "problem": problem, "blank": blank, "person": person.id}
    connection.execute(_DROP_DRAFT, key)
    return attempts.by_id(connection, row["id"])


def submit_all(
    connection: Connection,
    person: Person,
    exam: Exam,
    problem: str,
    answers: Mapping[str, Written],
    request_key: str,
    limits: ServiceLimits = DEFAULT_LIMITS,
    now: datetime | None = None,
    verdicts: Mapping[str, Verdict] | None = None,
) -> dict[str, Attempt | ServiceError]:
    """Submit several blanks: one that is refused stops no other; empty ones, and those that have not changed, are left alone."""
    verdicts = verdicts or {}
    _lock(connection, person, exam, problem, *verdicts.values())
    last = {attempt.blank: attempt for attempt in attempts.attempts_of(connection, exam, person, problem)}
    results: dict[str, Attempt | ServiceError] = {}
    for blank, written in answers.items():
        if is_blank(written):
            continue
        if blank in last and last[blank].written == written:
            results[blank] = last[blank]
            continue
        try:
            results[blank] = submit(
                connection, person, exam, problem, blank, written, request_key, limits, now, verdicts.get(blank)
            )
        except ServiceError as refused:
            results[blank] = refused
    return results


def uploaded_row(
    exam_problem: ExamProblem,
    blank: str,
    person: str,
    written: Written,
    number: int,
    now: datetime,
    upload: str,
    held_reason: str | None,
) -> dict[str, Any]:
    """Return the attempt that staff upload for a student, for ``insert_attempts``.

    ``held_reason`` says why a person has to look at it first; None if it may be graded.
    """
    row = _row(exam_problem, blank, person, written, digest(upload, blank, number), number, now) | {"upload": upload}
    if held_reason:
        verdict = Verdict.ungraded(held_reason, cause=UngradedCause.HELD)
        row |= record_verdict.verdict_columns(verdict, exam_problem.snapshot, blank, now)
    return row


def _row(
    exam_problem: ExamProblem, blank: str, person: str, written: Written, request: str, number: int, now: datetime
) -> dict[str, Any]:
    """Return a new attempt that waits to be graded."""
    answer = attempts.written_to_json(written)
    return {
        "id": new_id(),
        "exam": exam_problem.exam,
        "problem": exam_problem.problem,
        "blank": blank,
        "person": person,
        "number": number,
        "snapshot": exam_problem.snapshot,
        "request": request,
        "upload": None,
        "written": answer,
        "text_hash": digest(answer),
        "submitted_at": now,
        "state": "waiting",
        "graded_at": None,
        "verdict": None,
        "outcome": None,
        "credit": None,
        "needs_review": False,
        "meaning_hash": None,
        "uses_attempt": False,
        "lane": exam_problem.blank(blank).lane,
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


def insert_attempts(connection: Connection, *rows: dict[str, Any], turn: int = 0) -> None:
    """Insert attempts, and what is still to be done: jobs to grade them, or a person's look at a doubtful verdict.

    ``turn`` is how many answers of the same student wait already: everybody's first is graded before anybody's second.
    """
    lanes = {row["id"]: row["lane"] for row in rows}
    connection.execute(_ADD_ATTEMPTS, [{name: value for name, value in row.items() if name != "lane"} for row in rows])
    jobs = [
        {
            "attempt": row["id"],
            "priority": turn if row["upload"] is None else UPLOAD_PRIORITY,
            "queued_at": row["submitted_at"],
            "tries": 0,
            "lane": lanes[row["id"]],
        }
        for row in rows
        if row["state"] == "waiting"
    ]
    if jobs:
        connection.execute(_ADD_JOBS, jobs)
    for row in rows:
        if row["needs_review"]:
            group = queue.group_key_of(row["text_hash"], row["meaning_hash"])
            queue.enqueue(connection, row["exam"], row["id"], "grader", group, row["submitted_at"])


def _lock(connection: Connection, person: Person, exam: Exam, problem: str, *verdicts: Verdict | None) -> Exam:
    """Lock what a submission needs, and return the exam as it stands now; raises NotFound if the student was erased."""
    current = exams.lock_shared(connection, exam)
    if any(verdict is not None and verdict.review is not None for verdict in verdicts):
        row_locks.lock_exam_problem(connection, exam.id, problem)  # The answer goes to the review queue.
    row_locks.lock_present_person(connection, person.id)
    return current


def _count_pending(connection: Connection, person: Person, limits: ServiceLimits) -> int:
    """Return how many answers of a student are in the job queue; raises RateLimited if it is more than anybody needs."""
    pending: int = connection.execute(_PENDING, {"person": person.id}).scalar_one()
    if pending >= limits.ungraded_attempts:
        raise RateLimited(
            f"{pending} of your answers are still being graded. Please wait {RETRY_SECONDS} seconds.", RETRY_SECONDS
        )
    return pending


def _check_rate(connection: Connection, person: Person, limits: ServiceLimits, now: datetime) -> None:
    count, first = connection.execute(_LAST_MINUTE, {"person": person.id, "since": now - MINUTE}).one()
    if count >= limits.attempts_per_minute:
        wait = max(1, ceil((first + MINUTE - now).total_seconds()))
        raise RateLimited(
            f"That is more than {limits.attempts_per_minute} answers in a minute. Please wait {wait} seconds.", wait
        )


def _check_attempts_left(exam: Exam, earlier: Sequence[Any], limits: ServiceLimits) -> None:
    """Raise NoAttemptsLeft, StillGrading or RateLimited unless one more attempt may be made."""
    limit = exam.policy.attempts
    if limit is not None:
        used = sum(row.uses_attempt for row in earlier)
        if used >= limit:
            raise NoAttemptsLeft(limit)
        if used + sum(row.state == "waiting" for row in earlier) >= limit:
            raise StillGrading  # If all of these count, none is left.
    if len(earlier) >= limits.attempts_per_blank:
        raise RateLimited(f"You have handed in {limits.attempts_per_blank} answers here; no more are taken.")
