"""Handing in: an answer is kept together with its verdict, or the work of grading it, in one transaction, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from grader.submission import Written, is_blank
from grader.verdict import Verdict
from grader.web import attempts, exams, marking, tables
from grader.web.attempts import LIMITS, Attempt
from grader.web.columns import digest, given, new_id, now_or
from grader.web.counting import lock, lock_sheet
from grader.web.exams import Exam
from grader.web.people import Person
from grader.web.refusals import Invalid, NoAttemptsLeft, Refused, RequestReused, StillGrading, TooMany
from grader.web.settings import Limits

MINUTE = timedelta(minutes=1)
_which, _drafts = tables.attempts, tables.drafts
_SENT = select(_which.c.id, _which.c.text).where(given(_which.c.person, _which.c.request))
_LATELY = select(func.count(), func.min(_which.c.submitted_at)).where(
    given(_which.c.person), _which.c.submitted_at > bindparam("since"), _which.c.upload.is_(None)
)
_OWN = select(_which.c.number, _which.c.state, _which.c.counts).where(
    given(_which.c.exam, _which.c.problem, _which.c.blank, _which.c.person)
)
_ADD, _ADD_WORK = insert(_which), insert(tables.work)
_DROP_DRAFT = delete(_drafts).where(
    given(_drafts.c.exam, _drafts.c.problem, _drafts.c.blank, _drafts.c.person)
)


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
        raise Invalid("A request key has 1 to 200 characters.")
    attempts.checked(written, limits)
    _lock(connection, person, exam, problem, judged)
    request, text = digest(exam.id, problem, blank, request_key), digest(attempts.listed(written))
    known = connection.execute(_SENT, {"person": person.id, "request": request}).first()
    if known is not None:
        if known.text != text:
            raise RequestReused
        return attempts.by_id(connection, known.id)
    exams.may_answer(connection, exam, person, moment)
    sheet = exams.sheet(connection, exam, problem)
    sheet.slot(blank)
    if is_blank(written):
        raise Invalid("Nothing was written here.")
    _not_too_often(connection, person, limits, moment)
    number = _room(connection, person, exam, problem, blank, limits)
    made = put(connection, person.id, sheet, blank, written, request, number, moment, judged=judged)
    here = {"exam": exam.id, "problem": problem, "blank": blank, "person": person.id}
    connection.execute(_DROP_DRAFT, here)
    return attempts.by_id(connection, made)


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
) -> dict[str, Attempt | Refused]:
    """Hand in several blanks: one that is refused stops no other; empty ones, and those as handed in last, are left alone."""
    verdicts = judged or {}
    _lock(connection, person, exam, problem, *verdicts.values())
    last = {each.blank: each for each in attempts.attempts_of(connection, exam, person, problem)}
    done: dict[str, Attempt | Refused] = {}
    for blank, written in answers.items():
        if is_blank(written):
            continue
        if blank in last and last[blank].written == written:
            done[blank] = last[blank]
            continue
        try:
            done[blank] = submit(
                connection, person, exam, problem, blank, written, request_key, limits, now, verdicts.get(blank)
            )  # fmt: skip
        except Refused as refused:
            done[blank] = refused
    return done


def put(
    connection: Connection, person: str, sheet: exams.Sheet, blank: str, written: Written, request: str, number: int,
    now: datetime, upload: str | None = None, judged: Verdict | None = None,
) -> str:  # fmt: skip
    """Keep one answer with its verdict, or else with the work of grading it, whoever may or may not; return its id."""
    id = new_id()
    row = {
        "id": id, "exam": sheet.exam, "problem": sheet.problem, "blank": blank, "person": person, "number": number,
        "snapshot": sheet.snapshot, "request": request, "upload": upload, "written": attempts.listed(written),
        "text": digest(attempts.listed(written)), "submitted_at": now, "state": "waiting", "doubtful": False, "counts": False,
    }  # fmt: skip
    connection.execute(_ADD, row)
    if judged is not None:
        marking.mark(connection, id, judged, now)
        return id
    job = {"attempt": id, "priority": 0 if upload is None else 1, "queued_at": now, "tries": 0}
    connection.execute(_ADD_WORK, job)
    return id


def _lock(connection: Connection, person: Person, exam: Exam, problem: str, *judged: Verdict | None) -> None:
    """Lock a person, and before that the sheet where any verdict sends its answer to a person: always in this order."""
    if any(each is not None and each.review is not None for each in judged):
        lock_sheet(connection, exam.id, problem)
    lock(connection, person.id)


def _not_too_often(connection: Connection, person: Person, limits: Limits, now: datetime) -> None:
    many, first = connection.execute(_LATELY, {"person": person.id, "since": now - MINUTE}).one()
    if many >= limits.per_minute:
        wait = max(1, ceil((first + MINUTE - now).total_seconds()))
        raise TooMany(
            f"That is more than {limits.per_minute} answers in a minute. Please wait {wait} seconds.", wait
        )


def _room(
    connection: Connection, person: Person, exam: Exam, problem: str, blank: str, limits: Limits
) -> int:
    """Return the number of the next attempt; raises what keeps it from being made."""
    here = {"exam": exam.id, "problem": problem, "blank": blank, "person": person.id}
    rows = connection.execute(_OWN, here).all()
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
