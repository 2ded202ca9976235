"""The job queue: answers that wait to be graded, each leased to one worker at a time, and marked exactly once.

A worker calls ``claim``, grades, and calls ``finish`` or ``requeue``; what a dead worker had leased is free again when its lease is over,
or at once by ``release``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from grader.core.submission import Written
from grader.core.verdict import UngradedCause, Verdict
from grader.grading.grade import Setting
from grader.web.db import tables
from grader.web.db.column_types import equals_bound, new_id, now_or
from grader.web.domain.attempts.attempts import DEFAULT_LIMITS, written_from_json
from grader.web.domain.exams.exams import Lane, shows_verdicts
from grader.web.domain.grading import record_verdict
from grader.web.settings import ServiceLimits

LANES: tuple[Lane, ...] = get_args(Lane)
_jobs, _attempts = tables.jobs, tables.attempts
_free = or_(_jobs.c.lease_until.is_(None), _jobs.c.lease_until <= bindparam("now"))
_IN_LANES = _jobs.c.lane.in_(bindparam("lanes", expanding=True))
_PENDING = select(_jobs.c.attempt).where(_free, _IN_LANES).limit(1)
_NEXT = (
    select(_jobs.c.attempt, _jobs.c.tries)
    .where(_free, _IN_LANES)
    .order_by(_jobs.c.priority, _jobs.c.queued_at, _jobs.c.attempt)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_LEASE = update(_jobs).where(_jobs.c.attempt == bindparam("leased"))
_MY_LEASE = select(_jobs.c.attempt).where(equals_bound(_jobs.c.attempt, _jobs.c.lease))
_ANSWER = (
    select(
        _attempts.c.exam,
        _attempts.c.snapshot,
        _attempts.c.blank,
        _attempts.c.written,
        _attempts.c.upload,
        tables.exams.c.mode,
        tables.exams.c.released_at,
    )
    .join(tables.exams, tables.exams.c.id == _attempts.c.exam)
    .where(equals_bound(_attempts.c.id))
)
_DONE = delete(_jobs).where(equals_bound(_jobs.c.attempt))
EXHAUSTED = "Grading this answer did not come to an end, in {tries} tries."


@dataclass(frozen=True)
class Job:
    """One answer to be graded under a lease; ``tries`` counts this one too."""

    attempt: str
    lease: str
    exam: str
    snapshot: str
    blank: str
    written: Written | None = field(repr=False)
    setting: Setting
    tries: int


@dataclass(frozen=True)
class Backlog:
    """How many answers wait, how many of them are being graded now, and for how many seconds the oldest has waited."""

    waiting: int
    in_progress: int
    oldest: float
    waiting_programs: int = 0


def has_pending(connection: Connection, now: datetime | None = None, lanes: Sequence[Lane] = LANES) -> bool:
    """True if there is anything to claim: ask this first, since claiming keeps other writers waiting."""
    return connection.execute(_PENDING, {"now": now_or(now), "lanes": lanes}).first() is not None


def claim(
    connection: Connection,
    worker: str,
    limits: ServiceLimits = DEFAULT_LIMITS,
    now: datetime | None = None,
    lanes: Sequence[Lane] = LANES,
) -> Job | None:
    """Lease the next answer of these lanes to a worker, students' own before uploads; None if there is none."""
    moment = now_or(now)
    job = connection.execute(_NEXT, {"now": moment, "lanes": lanes}).first()
    if job is None:
        return None
    lease, until = new_id(), moment + timedelta(seconds=limits.lease_seconds)
    columns = {
        "leased": job.attempt,
        "lease": lease,
        "lease_until": until,
        "worker": worker,
        "tries": job.tries + 1,
    }
    connection.execute(_LEASE, columns)
    row = connection.execute(_ANSWER, {"id": job.attempt}).one()
    # A student who cannot see that an answer could not be read cannot write it anew: then a person looks, as in a batch.
    hidden = not shows_verdicts(row.mode, row.released_at)
    setting: Setting = "batch" if row.upload or hidden else "self-check"
    written = written_from_json(row.written)
    return Job(job.attempt, lease, row.exam, row.snapshot, row.blank, written, setting, job.tries + 1)


def exhausted_verdict(job: Job, limits: ServiceLimits = DEFAULT_LIMITS) -> Verdict | None:
    """Return the verdict on an answer that was tried too often to be tried once more, ungraded, for a person; else None."""
    if job.tries <= limits.grading_tries:
        return None
    return Verdict.ungraded(EXHAUSTED.format(tries=limits.grading_tries), cause=UngradedCause.OUT_OF_TIME)


def finish(connection: Connection, job: Job, verdict: Verdict, now: datetime | None = None) -> bool:
    """Mark the answer and end the job; return False, and change nothing, if the lease has gone to another."""
    if connection.execute(_MY_LEASE, {"attempt": job.attempt, "lease": job.lease}).first() is None:
        return False
    recorded = record_verdict.record(connection, job.attempt, verdict, now)
    connection.execute(_DONE, {"attempt": job.attempt})
    return recorded


def requeue(connection: Connection, job: Job, seconds: float = 0, now: datetime | None = None) -> None:
    """End the lease without a verdict; the answer may be taken again after some seconds."""
    until = now_or(now) + timedelta(seconds=seconds)
    change = update(tables.jobs).where(tables.jobs.c.attempt == job.attempt, tables.jobs.c.lease == job.lease)
    connection.execute(change.values(lease=None, lease_until=until))


def release(connection: Connection, worker: str) -> int:
    """Release a dead worker's leases; return the count."""
    change = update(tables.jobs).where(tables.jobs.c.worker == worker, tables.jobs.c.lease.is_not(None))
    return connection.execute(change.values(lease=None, lease_until=None)).rowcount


def release_all(connection: Connection) -> int:
    """Release all leases; return the count. For the start of the one server of a database: their workers are dead, or work in vain."""
    change = update(tables.jobs).where(tables.jobs.c.lease.is_not(None))
    return connection.execute(change.values(lease=None, lease_until=None)).rowcount


def backlog(connection: Connection, now: datetime | None = None) -> Backlog:
    """Return how much waits."""
    moment = now_or(now)
    count, first = connection.execute(select(func.count(), func.min(_jobs.c.queued_at))).one()
    in_progress = connection.execute(select(func.count()).where(_jobs.c.lease_until > moment)).scalar_one()
    programs = connection.execute(select(func.count()).where(_jobs.c.lane == "programs")).scalar_one()
    return Backlog(count, in_progress, max(0.0, (moment - first).total_seconds()) if first else 0.0, programs)
