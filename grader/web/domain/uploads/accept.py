"""Accept uploaded submissions: which of them are taken; every student and answer that is left out is reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from grader.core.submission import Submission, Written, is_blank
from grader.web.db import tables
from grader.web.db.column_types import one_line
from grader.web.domain.accounts import people
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts
from grader.web.domain.attempts.attempts import DEFAULT_LIMITS
from grader.web.domain.exams import enrolments
from grader.web.domain.exams.exams import Exam
from grader.web.domain.uploads.report import UploadReport
from grader.web.errors import ServiceError
from grader.web.settings import ServiceLimits


def acceptable_submissions(
    connection: Connection,
    exam: Exam,
    submissions: Sequence[Submission],
    report: UploadReport,
    limits: ServiceLimits = DEFAULT_LIMITS,
    enrol: bool = False,
) -> list[Submission]:
    """Return the submissions that can be stored as they are; the report has what was left out.

    Students who are not on the list are taken only if ``enrol`` says so: an id may be mistyped, or no id at all.
    """
    everyone = people.everyone(connection)
    staff = {person.login for person in everyone if person.is_staff}
    valid = [submission for submission in submissions if _has_valid_student(submission, staff, report)]
    enrolled, report.students = _enrolled_logins(connection, exam, everyone), len(valid)
    not_enrolled = [_login(submission) for submission in valid if _login(submission) not in enrolled]
    (report.new if enrol else report.not_enrolled).extend(not_enrolled)
    accepted = [submission for submission in valid if enrol or _login(submission) in enrolled]
    newest = _newest_answers(connection, exam, accepted[0].problem) if accepted else {}
    return [
        replace(submission, answers=dict(_new_answers(submission, newest.get(_login(submission), {}), report, limits)))
        for submission in accepted
    ]


def _login(submission: Submission) -> str:
    return submission.student.id.strip()


def _has_valid_student(submission: Submission, staff: Container[str], report: UploadReport) -> bool:
    """True if a student can be stored under this id and name; the report says why not."""
    try:
        login = one_line(submission.student.id, "id of a student")
        if submission.student.name and submission.student.name.strip():
            one_line(submission.student.name, "name of a student")
    except ServiceError as error:
        reason = error.message
    else:
        if login not in staff:
            return True
        reason = f"{login} is one of the staff"
    report.refused.append(f"{submission.source}: student {submission.student.id[:80]!r} was left out: {reason}")
    return False


def _enrolled_logins(connection: Connection, exam: Exam, everyone: Sequence[Person]) -> set[str]:
    """Return the logins of an exam's list; in one for everyone, of all students who are known."""
    if exam.policy.everyone:
        return {person.login for person in everyone if not person.is_staff}
    return {person.login for person, _ in enrolments.enrolled(connection, exam)}


def _newest_answers(connection: Connection, exam: Exam, problem: str) -> Mapping[str, dict[str, Written | None]]:
    """Return the newest answer of each student in each blank, by their logins."""
    which, who = tables.attempts, tables.people
    query = (
        select(who.c.login, which.c.blank, which.c.written)
        .join(who, who.c.id == which.c.person)
        .where(which.c.exam == exam.id, which.c.problem == problem)
        .order_by(which.c.number)
    )
    newest: defaultdict[str, dict[str, Written | None]] = defaultdict(dict)
    for row in connection.execute(query):
        newest[row.login][row.blank] = attempts.written_from_json(row.written)
    return newest


def _new_answers(
    submission: Submission, before: Mapping[str, Written | None], report: UploadReport, limits: ServiceLimits
) -> Iterator[tuple[str, Written]]:
    """Yield the answers that are new and not too long; the report has the others."""
    unchanged = 0
    for blank, written in submission.answers.items():
        if is_blank(written):
            continue
        if blank in before and before[blank] == written:
            unchanged += 1
            continue
        try:
            yield blank, attempts.check_size(written, limits)
        except ServiceError as error:
            answer = f"{submission.source}: the answer of {submission.student.id} to {blank[:80]!r}"
            report.refused.append(f"{answer} was left out: {error.message}")
    if unchanged:
        report.remarks.append(
            f"{submission.source}: {unchanged} of the answers of {submission.student.id} are here already and were not taken again"
        )
