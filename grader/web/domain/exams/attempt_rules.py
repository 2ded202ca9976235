"""Which attempts use up one: those that were judged, without a doubt, and whose equal was not judged before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from grader.web.db import tables
from grader.web.db.row_locks import lock
from grader.web.db.types import equals_bound

JUDGED = ("correct", "partial", "incorrect")

_which = tables.attempts
_MODE = select(tables.exams.c.mode, tables.exams.c.released_at).where(equals_bound(tables.exams.c.id))
_OWN = (
    select(
        _which.c.id,
        _which.c.text_hash,
        _which.c.meaning_hash,
        _which.c.outcome,
        _which.c.needs_review,
        _which.c.credit,
        tables.decisions.c.credit.label("decided"),
        _which.c.uses_attempt,
        _which.c.number,
        _which.c.state,
    )
    .outerjoin(tables.decisions, tables.decisions.c.id == _which.c.decision)
    .where(equals_bound(_which.c.exam, _which.c.problem, _which.c.blank, _which.c.person))
    .order_by(_which.c.number)
)
_COUNTS = update(_which).where(_which.c.id == bindparam("which")).values(uses_attempt=bindparam("uses"))


class Counted(NamedTuple):
    """What decides whether one attempt counts, in the order of their numbers."""

    id: str
    text_hash: str
    meaning_hash: str | None
    outcome: str | None
    needs_review: bool
    credit: Fraction | None = None
    decided: Fraction | None = None


def counting(attempts: Iterable[Counted], hidden: bool = False) -> set[str]:
    """Return the ids of the attempts that count; one that a person set right costs nothing.

    While verdicts are ``hidden`` nothing counts that depends on one, or the attempts left would tell right from wrong: then every
    text that could be read counts once.
    """
    found: set[str] = set()
    seen: set[str] = set()
    for each in attempts:
        overruled = each.decided is not None and each.decided != each.credit
        judged = each.outcome in JUDGED and not each.needs_review and not overruled
        if not (each.outcome not in (None, "unreadable") if hidden else judged):
            continue
        equal = {each.text_hash} if hidden else {each.text_hash, each.meaning_hash} - {None}
        if not equal & seen:
            found.add(each.id)
        seen |= {key for key in equal if key}
    return found


def own(connection: Connection, exam: str, problem: str, blank: str, person: str) -> Sequence[Any]:
    """Return what counts, of a person's attempts at a blank, with ``uses_attempt``, ``number`` and ``state``."""
    here = {"exam": exam, "problem": problem, "blank": blank, "person": person}
    return connection.execute(_OWN, here).all()


def counted(row: Any) -> Counted:
    """Return what decides on the attempt in a row of ``own``."""
    return Counted(
        row.id, row.text_hash, row.meaning_hash, row.outcome, row.needs_review, credit=row.credit, decided=row.decided
    )


def recount(connection: Connection, exam: str, problem: str, blank: str, person: str) -> None:
    """Count a person's attempts at a blank anew; the person is locked."""
    rows = own(connection, exam, problem, blank, person)
    known = counting(map(counted, rows), _hidden(connection, exam))
    changes = [{"which": row.id, "uses": row.id in known} for row in rows if row.uses_attempt != (row.id in known)]
    if changes:
        connection.execute(_COUNTS, changes)


def recount_all(connection: Connection, exam: str) -> None:
    """Count all attempts of an exam anew, whose verdicts may be known from now on."""
    which = tables.attempts
    owners = select(which.c.problem, which.c.blank, which.c.person).where(which.c.exam == exam).distinct()
    for problem, blank, person in connection.execute(owners.order_by(which.c.person)).all():
        lock(connection, person)
        recount(connection, exam, problem, blank, person)


def _hidden(connection: Connection, exam: str) -> bool:
    """Whether students may not know verdicts yet."""
    row = connection.execute(_MODE, {"id": exam}).one()
    return row.mode == "exam" and row.released_at is None
