"""Answers that wait to be graded: each is leased to one process at a time, and marked exactly once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from grader.core.submission import Written
from grader.core.verdict import UngradedCause, Verdict
from grader.grading.grade import Setting
from grader.web.db import tables
from grader.web.db.types import equals_bound, new_id, now_or
from grader.web.domain.attempts.attempts import LIMITS, unlisted
from grader.web.domain.grading import record_verdict
from grader.web.settings import Limits

_work, _which = tables.jobs, tables.attempts
_free = or_(_work.c.lease_until.is_(None), _work.c.lease_until <= bindparam("now"))
_ANY = select(_work.c.attempt).where(_free).limit(1)
_NEXT = (
    select(_work.c.attempt, _work.c.tries)
    .where(_free)
    .order_by(_work.c.priority, _work.c.queued_at, _work.c.attempt)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_HOLD = update(_work).where(_work.c.attempt == bindparam("which"))
_HELD = select(_work.c.attempt).where(equals_bound(_work.c.attempt, _work.c.lease))
_ANSWER = (
    select(
        _which.c.snapshot,
        _which.c.blank,
        _which.c.written,
        _which.c.upload,
        tables.exams.c.mode,
        tables.exams.c.released_at,
    )
    .join(tables.exams, tables.exams.c.id == _which.c.exam)
    .where(equals_bound(_which.c.id))
)
_DONE = delete(_work).where(equals_bound(_work.c.attempt))
GIVEN_UP = "Grading this answer did not come to an end, in {tries} tries."


@dataclass(frozen=True)
class Job:
    """One answer to be graded under a lease; ``tries`` counts this one too."""

    attempt: str
    lease: str
    snapshot: str
    blank: str
    written: Written | None = field(repr=False)
    setting: Setting
    tries: int


@dataclass(frozen=True)
class Backlog:
    """How many answers wait, how many of them are in hand, and for how many seconds the oldest has waited."""

    waiting: int
    in_hand: int
    oldest: float


def is_any(connection: Connection, now: datetime | None = None) -> bool:
    """Whether there is anything to claim: asked first, since claiming keeps other writers waiting."""
    return connection.execute(_ANY, {"now": now_or(now)}).first() is not None


def claim(connection: Connection, worker: str, limits: Limits = LIMITS, now: datetime | None = None) -> Job | None:
    """Lease the next answer to a worker, students' own before uploads; None if there is none."""
    moment = now_or(now)
    found = connection.execute(_NEXT, {"now": moment}).first()
    if found is None:
        return None
    lease, until = new_id(), moment + timedelta(seconds=limits.lease)
    held = {
        "which": found.attempt,
        "lease": lease,
        "lease_until": until,
        "worker": worker,
        "tries": found.tries + 1,
    }
    connection.execute(_HOLD, held)
    row = connection.execute(_ANSWER, {"id": found.attempt}).one()
    # Who cannot see that it could not be read cannot write it anew: then a person looks, as in a batch.
    hidden = row.mode == "exam" and row.released_at is None
    setting: Setting = "batch" if row.upload or hidden else "self-check"
    written = unlisted(row.written)
    return Job(found.attempt, lease, row.snapshot, row.blank, written, setting, found.tries + 1)


def given_up(job: Job, limits: Limits = LIMITS) -> Verdict | None:
    """Return the verdict on an answer that was tried too often to be tried once more: it is ungraded, for a person."""
    if job.tries <= limits.tries:
        return None
    return Verdict.ungraded(GIVEN_UP.format(tries=limits.tries), cause=UngradedCause.OUT_OF_TIME)


def finish(connection: Connection, job: Job, verdict: Verdict, now: datetime | None = None) -> bool:
    """Mark the answer and end the job; return False, and change nothing, if the lease has gone to another."""
    if connection.execute(_HELD, {"attempt": job.attempt, "lease": job.lease}).first() is None:
        return False
    done = record_verdict.mark(connection, job.attempt, verdict, now)
    connection.execute(_DONE, {"attempt": job.attempt})
    return done


def give_back(connection: Connection, job: Job, seconds: float = 0, now: datetime | None = None) -> None:
    """End the lease without a verdict; the answer may be taken again after some seconds."""
    until = now_or(now) + timedelta(seconds=seconds)
    held = update(tables.jobs).where(tables.jobs.c.attempt == job.attempt, tables.jobs.c.lease == job.lease)
    connection.execute(held.values(lease=None, lease_until=until))


def release(connection: Connection, worker: str) -> int:
    """End the leases of a worker that is dead, and return how many there were."""
    held = update(tables.jobs).where(tables.jobs.c.worker == worker, tables.jobs.c.lease.is_not(None))
    return connection.execute(held.values(lease=None, lease_until=None)).rowcount


def release_all(connection: Connection) -> int:
    """End all leases, at the start of the one server of a database: whoever held them is dead, or has only worked in vain."""
    held = update(tables.jobs).where(tables.jobs.c.lease.is_not(None))
    return connection.execute(held.values(lease=None, lease_until=None)).rowcount


def backlog(connection: Connection, now: datetime | None = None) -> Backlog:
    """Return how much waits."""
    moment, work = now_or(now), tables.jobs
    many, first = connection.execute(select(func.count(), func.min(work.c.queued_at))).one()
    in_hand = connection.execute(select(func.count()).where(work.c.lease_until > moment)).scalar_one()
    return Backlog(many, in_hand, max(0.0, (moment - first).total_seconds()) if first else 0.0)
