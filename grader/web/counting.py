"""Which attempts use up one: those that were judged, without a doubt, and whose equal was not judged before."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from grader.web import tables

JUDGED = ("correct", "partial", "incorrect")


class Counted(NamedTuple):
    """What decides whether one attempt counts, in the order of their numbers; ``text`` and ``meaning`` are hashes."""

    id: str
    text: str
    meaning: str | None
    outcome: str | None
    doubtful: bool
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
        judged = each.outcome in JUDGED and not each.doubtful and not overruled
        if not (each.outcome not in (None, "unreadable") if hidden else judged):
            continue
        alike = {each.text} if hidden else {each.text, each.meaning} - {None}
        if not alike & seen:
            found.add(each.id)
        seen |= {name for name in alike if name}
    return found


def lock(connection: Connection, person: str) -> None:
    """Let nobody else write what belongs to a person until this transaction ends; on SQLite nobody writes anyway."""
    own = select(tables.people.c.id).where(tables.people.c.id == person)
    connection.execute(own.with_for_update(key_share=True))


def lock_sheet(connection: Connection, exam: str, problem: str) -> None:
    """Let nobody else change what waits for a person at one problem; always before a person is locked."""
    which = tables.exam_problems
    own = select(which.c.place).where(which.c.exam == exam, which.c.problem == problem)
    connection.execute(own.with_for_update(key_share=True))


def recount(connection: Connection, exam: str, problem: str, blank: str, person: str) -> None:
    """Count a person's attempts at a blank anew; the person is locked."""
    which, decided = tables.attempts, tables.decisions.c.credit.label("decided")
    query = (
        select(which.c.id, which.c.text, which.c.meaning, which.c.outcome, which.c.doubtful, which.c.credit, decided)
        .outerjoin(tables.decisions, tables.decisions.c.id == which.c.decision)
        .where(which.c.exam == exam, which.c.problem == problem, which.c.blank == blank, which.c.person == person)
        .order_by(which.c.number)
    )  # fmt: skip
    rows = [Counted(*row) for row in connection.execute(query)]
    known = counting(rows, _hidden(connection, exam))
    for counts in (True, False):
        ids = [each.id for each in rows if (each.id in known) is counts]
        if ids:
            change = update(which).where(which.c.id.in_(ids), which.c.counts.is_not(counts))
            connection.execute(change.values(counts=counts))


def recount_all(connection: Connection, exam: str) -> None:
    """Count all attempts of an exam anew, whose verdicts may be known from now on."""
    which = tables.attempts
    owners = select(which.c.problem, which.c.blank, which.c.person).where(which.c.exam == exam).distinct()
    for problem, blank, person in connection.execute(owners.order_by(which.c.person)).all():
        lock(connection, person)
        recount(connection, exam, problem, blank, person)


def _hidden(connection: Connection, exam: str) -> bool:
    """Whether students may not know verdicts yet."""
    which = tables.exams
    row = connection.execute(select(which.c.mode, which.c.released_at).where(which.c.id == exam)).one()
    return row.mode == "exam" and row.released_at is None
