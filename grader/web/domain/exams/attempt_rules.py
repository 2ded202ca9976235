"""Attempt limits and attempt credit: which attempts use one up, and what several attempts at a blank earn together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from grader.web.db import tables
from grader.web.db.column_types import equals_bound
from grader.web.db.row_locks import lock_person
from grader.web.domain.exams.exams import FULL_CREDIT, shows_verdicts

JUDGED = ("correct", "partial", "incorrect")
"""Outcomes that use up an attempt."""

_attempts = tables.attempts
_RELEASE = select(tables.exams.c.mode, tables.exams.c.released_at).where(equals_bound(tables.exams.c.id))
_ATTEMPTS = (
    select(
        _attempts.c.id,
        _attempts.c.text_hash,
        _attempts.c.meaning_hash,
        _attempts.c.outcome,
        _attempts.c.needs_review,
        _attempts.c.credit,
        tables.decisions.c.credit.label("decided"),
        _attempts.c.uses_attempt,
        _attempts.c.number,
        _attempts.c.state,
    )
    .outerjoin(tables.decisions, tables.decisions.c.id == _attempts.c.decision)
    .where(equals_bound(_attempts.c.exam, _attempts.c.problem, _attempts.c.blank, _attempts.c.person))
    .order_by(_attempts.c.number)
)
_SET_USES_ATTEMPT = (
    update(_attempts).where(_attempts.c.id == bindparam("attempt")).values(uses_attempt=bindparam("uses"))
)


class CountableAttempt(NamedTuple):
    """What decides whether one attempt uses one up."""

    id: str
    text_hash: str
    meaning_hash: str | None
    outcome: str | None
    needs_review: bool
    credit: Fraction | None = None
    decided: Fraction | None = None


def counted_ids(attempts: Iterable[CountableAttempt], hidden: bool = False) -> set[str]:
    """Return the ids of the attempts that use one up, of those at one blank in the order of their numbers.

    These are the attempts that were judged without a doubt, unless an equal one was judged before, or a person changed
    the credit. While verdicts are ``hidden`` nothing may depend on one, or the number of attempts left would tell right
    from wrong: then every new text that could be read uses one up.
    """
    ids: set[str] = set()
    seen: set[str] = set()
    for attempt in attempts:
        if hidden:
            # Only the reader decides here, which is public. Two texts of one meaning are told apart: that they mean the
            # same is known from the verdict alone.
            uses, hashes = attempt.outcome not in (None, "unreadable"), {attempt.text_hash}
        else:
            overruled = attempt.decided is not None and attempt.decided != attempt.credit
            uses = attempt.outcome in JUDGED and not attempt.needs_review and not overruled
            hashes = {hash for hash in (attempt.text_hash, attempt.meaning_hash) if hash is not None}
        if not uses:
            continue  # Its hashes are not seen either: the first equal one that is judged uses up an attempt.
        if not hashes & seen:
            ids.add(attempt.id)
        seen |= hashes
    return ids


def attempt_rows(connection: Connection, exam: str, problem: str, blank: str, person: str) -> Sequence[Any]:
    """Return rows for ``countable``, with ``uses_attempt``, ``number`` and ``state``, of a person's attempts at a blank."""
    key = {"exam": exam, "problem": problem, "blank": blank, "person": person}
    return connection.execute(_ATTEMPTS, key).all()


def countable(row: Any) -> CountableAttempt:
    """Return what decides on the attempt in a row of ``attempt_rows``."""
    return CountableAttempt(
        id=row.id,
        text_hash=row.text_hash,
        meaning_hash=row.meaning_hash,
        outcome=row.outcome,
        needs_review=row.needs_review,
        credit=row.credit,
        decided=row.decided,
    )


def recount(connection: Connection, exam: str, problem: str, blank: str, person: str) -> None:
    """Find out again which of a person's attempts at a blank use one up; the caller has locked the person."""
    # Any one verdict or decision may change what later, equal attempts use up, so that all of them are looked at.
    rows = attempt_rows(connection, exam, problem, blank, person)
    release = connection.execute(_RELEASE, {"id": exam}).one()
    ids = counted_ids(map(countable, rows), hidden=not shows_verdicts(release.mode, release.released_at))
    changes = [{"attempt": row.id, "uses": row.id in ids} for row in rows if row.uses_attempt != (row.id in ids)]
    if changes:
        connection.execute(_SET_USES_ATTEMPT, changes)


def recount_all(connection: Connection, exam: str) -> None:
    """Recount all attempts of an exam, whose verdicts may be known from now on."""
    query = select(_attempts.c.problem, _attempts.c.blank, _attempts.c.person).where(_attempts.c.exam == exam)
    for problem, blank, person in connection.execute(query.distinct().order_by(_attempts.c.person)).all():
        lock_person(connection, person)
        recount(connection, exam, problem, blank, person)


@dataclass(frozen=True)
class ScoredAttempt:
    """One attempt: its score from 0 to 1, None while nobody knows it, and whether it uses up an attempt."""

    score: Fraction | None
    uses_attempt: bool = True


@dataclass(frozen=True)
class EarnedCredit:
    """What attempts earned so far, the best score among them, and how many attempts they used up."""

    credit: Fraction = Fraction(0)
    best: Fraction = Fraction(0)
    used: int = 0


def attempt_weight(weights: Sequence[Fraction], used: int) -> Fraction:
    """Return the credit of the attempt after ``used`` ones; the last one stated holds for all further attempts."""
    return weights[min(used, len(weights) - 1)]


def earned_credit(attempts: Iterable[ScoredAttempt], weights: Sequence[Fraction] = FULL_CREDIT) -> EarnedCredit:
    """Return what attempts earn, in their order: ``(s - best) * a_k`` each, where that is more than nothing.

    One that uses up no attempt is paid like the attempt that it might have been; one without a score is left out.
    """
    earned = EarnedCredit()
    for attempt in attempts:
        gain = max(Fraction(0), (attempt.score or Fraction(0)) - earned.best)
        credit = earned.credit + gain * attempt_weight(weights, earned.used)
        earned = EarnedCredit(credit, earned.best + gain, earned.used + attempt.uses_attempt)
    return earned
