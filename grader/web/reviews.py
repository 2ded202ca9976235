"""What a person should look at, equal answers together: one decision for each group, which holds for all of it.

A group is ``text:…``, answers written in the same way, or ``meaning:…``, doubtful answers that mean the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update

from grader.groups import text_of
from grader.verdict import Outcome
from grader.web import attempts, audit, tables
from grader.web.attempts import Attempt, Decision
from grader.web.columns import new_id, now_or, printable
from grader.web.counting import lock, lock_sheet, recount
from grader.web.exams import Exam
from grader.web.people import Person
from grader.web.refusals import Conflict, Invalid, NotFound
from grader.web.verdicts import restored

ALREADY = "A person has looked at this answer already."
ASKED = "A student says that this answer was misread."


@dataclass(frozen=True)
class Group:
    """Answers that wait for one decision. ``why`` are the reasons, ``spellings`` up to three ways in which it is written,
    ``people`` the ids of those who gave it; ``outcome`` and ``credit`` are what stands if nobody looks.
    """

    problem: str
    blank: str
    alike: str
    why: tuple[str, ...]
    spellings: tuple[str, ...]
    read_as: str | None
    outcome: Outcome
    credit: Fraction | None
    asked: bool
    people: tuple[str, ...]


def group_of(text: str, meaning: str | None) -> str:
    """Return the group of a doubtful answer from the hashes of its text and its meaning."""
    return f"meaning:{meaning}" if meaning else f"text:{text}"


def ask(connection: Connection, person: Person, attempt: str, now: datetime | None = None) -> Attempt:
    """Send a student's own answer to a person ("you misread me"); raises NotFound and Conflict."""
    found = attempts.by_id(connection, attempt, person)
    lock_sheet(connection, found.exam, found.problem)
    lock(connection, person.id)
    found = attempts.by_id(connection, attempt, person)
    if found.state == "waiting":
        raise Conflict("This answer has not been graded yet.")
    if found.decision:
        raise Conflict(ALREADY)
    if not found.asked:
        text = connection.execute(
            select(tables.attempts.c.text).where(tables.attempts.c.id == attempt)
        ).scalar_one()
        wait(connection, found.exam, attempt, "student", f"text:{text}", now)
        audit.note(connection, person.id, "review-asked", attempt, now=now)
    return attempts.by_id(connection, attempt)


def wait(
    connection: Connection, exam: str, attempt: str, asked_by: str, alike: str, now: datetime | None = None
) -> None:
    """Put an attempt into the queue; where its group was decided before, that decision holds at once."""
    which, decisions = tables.attempts, tables.decisions
    standing = connection.execute(
        select(decisions.c.id)
        .join(which, and_(*(which.c[name] == decisions.c[name] for name in ("exam", "problem", "blank"))))
        .where(which.c.id == attempt, decisions.c.alike == alike)
        .order_by(decisions.c.at.desc(), decisions.c.id)
    ).scalar()
    row = {"attempt": attempt, "asked_by": asked_by, "exam": exam, "alike": alike, "at": now_or(now)}
    connection.execute(insert(tables.reviews).values(row | {"decision": standing}))
    if standing is not None:
        connection.execute(update(which).where(which.c.id == attempt).values(decision=standing))


def queue(connection: Connection, exam: Exam) -> list[Group]:
    """Return what waits for a person, first what has no mark, then the largest groups."""
    which, reviews = tables.attempts, tables.reviews
    rows = connection.execute(
        select(which, reviews.c.alike, reviews.c.asked_by)
        .join(which, which.c.id == reviews.c.attempt)
        .where(reviews.c.exam == exam.id, reviews.c.decision.is_(None))
        .order_by(which.c.problem, which.c.blank, which.c.submitted_at, which.c.id)
    )
    groups: dict[tuple[str, str, str], list[Any]] = {}
    for row in rows:
        groups.setdefault((row.problem, row.blank, row.alike), []).append(row)
    made = [_group(*key, rows) for key, rows in groups.items()]
    return sorted(made, key=lambda each: (each.credit is not None, -len(each.people)))


def _group(problem: str, blank: str, alike: str, rows: list[Any]) -> Group:
    judged = [restored(row.verdict) for row in rows]
    why = [
        ASKED if row.asked_by == "student" else verdict.review
        for row, verdict in zip(rows, judged, strict=True)
    ]
    texts = Counter(text_of(attempts.unlisted(row.written)) for row in rows)
    first = judged[0]
    return Group(
        problem, blank, alike,
        why=tuple(dict.fromkeys(each for each in why if each)),
        spellings=tuple(text for text, _ in texts.most_common(3)),
        read_as=first.read_as, outcome=first.outcome, credit=first.credit,
        asked=any(row.asked_by == "student" for row in rows),
        people=tuple(dict.fromkeys(row.person for row in rows)),
    )  # fmt: skip


def decide(
    connection: Connection,
    exam: Exam,
    problem: str,
    blank: str,
    alike: str,
    credit: Fraction,
    comment: str,
    by: Person,
    now: datetime | None = None,
) -> Decision:
    """Decide on a group, for every attempt in it now and later; deciding again replaces what was decided.

    Of equal texts whose writers did not ask, it raises the credit and never lowers it. Raises NotFound and Invalid.
    """
    if not 0 <= credit <= 1:
        raise Invalid("The points must be between none and all of them.")
    which, reviews = tables.attempts, tables.reviews
    here = and_(which.c.exam == exam.id, which.c.problem == problem, which.c.blank == blank)
    asked = select(reviews.c.attempt).where(reviews.c.exam == exam.id, reviews.c.alike == alike)
    same: ColumnElement[bool] = which.c.id.in_(asked)
    if alike.startswith("text:"):
        same = or_(same, which.c.text == alike.removeprefix("text:"))
    lock_sheet(connection, exam.id, problem)
    # Whoever hands in or is graded meanwhile waits: people are locked in one order, before their attempts are read.
    owners = connection.execute(select(which.c.person).where(here, same).distinct().order_by(which.c.person))
    for person in owners.scalars().all():
        lock(connection, person)
    rows = connection.execute(
        select(
            which.c.id, which.c.person, which.c.credit, which.c.state, which.c.id.in_(asked).label("asked")
        ).where(here, same)
    ).all()
    if not any(row.asked for row in rows):
        raise NotFound
    decision = Decision(new_id(), credit, printable(comment), by.id, now_or(now))
    connection.execute(
        insert(tables.decisions).values(
            id=decision.id, exam=exam.id, problem=problem, blank=blank, alike=alike, credit=credit,
            comment=decision.comment, by=by.id, at=decision.at,
        )
    )  # fmt: skip
    settled = [
        row for row in rows
        if row.state == "graded" and (row.asked or (row.credit is not None and row.credit < credit))
    ]  # fmt: skip
    connection.execute(
        update(which).where(which.c.id.in_([row.id for row in settled])).values(decision=decision.id)
    )
    closed = update(reviews).where(reviews.c.exam == exam.id, reviews.c.alike == alike)
    connection.execute(
        closed.where(reviews.c.attempt.in_([row.id for row in rows])).values(decision=decision.id)
    )
    for person in sorted({row.person for row in settled}):
        recount(connection, exam.id, problem, blank, person)
    details = {"problem": problem, "blank": blank, "credit": str(credit), "attempts": len(settled)}
    audit.note(connection, by.id, "decided", decision.id, now=now, exam=exam.id, **details)
    return decision
