"""The review queue (manual grading): answers that a person should look at, equal ones together in a group, on which one decision is made.

The key of a group is ``text:…`` for answers written in the same way, ``meaning:…`` for doubtful answers that mean the same.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, and_, insert, or_, select, update

from grader.web.db import tables
from grader.web.db.column_types import now_or
from grader.web.db.row_locks import lock_exam_problem, lock_person
from grader.web.domain import audit_log
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.exams.exams import Exam
from grader.web.domain.review.review_groups import AnswerGroup, find_groups, text_group_key, written_like
from grader.web.errors import Conflict

NO_REVIEW_IN_PRACTICE = "Nothing counts here, so nobody looks: say it otherwise, and try again."
NOT_BEFORE_RELEASE = "This can be asked once the results are released."
ALREADY_REVIEWED = "A person has looked at this answer already."
NEVER = datetime.min.replace(tzinfo=UTC)


def group_key_of(text_hash: str, meaning_hash: str | None) -> str:
    """Return the key of a doubtful answer's group."""
    return f"meaning:{meaning_hash}" if meaning_hash else text_group_key(text_hash)


def request_review(connection: Connection, person: Person, attempt: str, now: datetime | None = None) -> Attempt:
    """Send a student's own answer to a person ("you misread me"); raises NotFound and Conflict."""
    own_attempt = attempts.by_id(connection, attempt, person)
    lock_exam_problem(connection, own_attempt.exam, own_attempt.problem)
    lock_person(connection, person.id)  # What was read before may have changed until the locks were free.
    own_attempt = attempts.by_id(connection, attempt, person)
    if own_attempt.state == "waiting":
        raise Conflict("This answer has not been graded yet.")
    if own_attempt.decision:
        raise Conflict(ALREADY_REVIEWED)
    if person.is_guest:
        raise Conflict(NO_REVIEW_IN_PRACTICE)
    if not own_attempt.review_requested:
        text_hash = connection.execute(
            select(tables.attempts.c.text_hash).where(tables.attempts.c.id == attempt)
        ).scalar_one()
        enqueue(connection, own_attempt.exam, attempt, "student", text_group_key(text_hash), now)
        audit_log.record(connection, person.id, "review-asked", attempt, now=now)
    return attempts.by_id(connection, attempt)


def enqueue(
    connection: Connection, exam: str, attempt: str, asked_by: str, group_key: str, now: datetime | None = None
) -> None:
    """Put an attempt into the queue; where its group was decided before, that decision holds at once."""
    which, decisions = tables.attempts, tables.decisions
    decision = connection.execute(
        select(decisions.c.id)
        .join(which, and_(*(which.c[name] == decisions.c[name] for name in ("exam", "problem", "blank"))))
        .where(which.c.id == attempt, decisions.c.group_key == group_key)
        .order_by(decisions.c.at.desc(), decisions.c.id)
    ).scalar()
    row = {"attempt": attempt, "asked_by": asked_by, "exam": exam, "group_key": group_key, "at": now_or(now)}
    connection.execute(insert(tables.reviews).values(row | {"decision": decision}))
    if decision is not None:
        connection.execute(update(which).where(which.c.id == attempt).values(decision=decision))


def pending_groups(connection: Connection, exam: Exam) -> list[AnswerGroup]:
    """Return the groups that wait for a person, first those without a mark, then the largest."""
    groups = find_groups(connection, exam, tables.reviews.c.decision.is_(None))
    return sorted(groups, key=lambda group: (group.credit is not None, -len(group.people)))


def decided_groups(connection: Connection, exam: Exam) -> list[AnswerGroup]:
    """Return the groups that people have decided on, the latest first."""
    groups = find_groups(connection, exam, tables.reviews.c.decision.is_not(None))
    return sorted(groups, key=lambda group: group.decision.at if group.decision else NEVER, reverse=True)


def enqueue_written_alike(connection: Connection, exam: Exam, group: AnswerGroup, now: datetime | None = None) -> None:
    """Put the answers of a group that nobody was asked about into the queue, all that are written alike.

    Staff who open such an answer decide on it in the same transaction.
    """
    which, reviews = tables.attempts, tables.reviews
    lock_exam_problem(connection, exam.id, group.problem)
    asked = or_(reviews.c.asked_by == "grader", reviews.c.group_key == group.group_key)
    queued = select(reviews.c.attempt).where(reviews.c.exam == exam.id, asked)
    equal = select(which.c.id).where(
        which.c.exam == exam.id, written_like(group), which.c.state == "graded", which.c.id.not_in(queued)
    )
    row = {"asked_by": "grader", "exam": exam.id, "group_key": group.group_key, "at": now_or(now), "decision": None}
    new = [row | {"attempt": attempt} for attempt in connection.execute(equal).scalars()]
    if new:
        connection.execute(insert(reviews), new)
