"""Submissions that staff upload: which of them are taken, with every student and answer that cannot be told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from grader.core.submission import Submission, Written, is_blank
from grader.web.db import tables
from grader.web.db.types import one_line
from grader.web.domain.accounts import people
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts
from grader.web.domain.attempts.attempts import DEFAULT_LIMITS
from grader.web.domain.exams import enrolments
from grader.web.domain.exams.exams import Exam
from grader.web.domain.uploads.report import UploadReport
from grader.web.errors import ServiceError
from grader.web.settings import Limits


def acceptable_submissions(
    connection: Connection,
    exam: Exam,
    given: Sequence[Submission],
    report: UploadReport,
    limits: Limits = DEFAULT_LIMITS,
    enrol: bool = False,
) -> list[Submission]:
    """Return the submissions that can be kept as they are; the report has what was left out.

    Students who are not on the list are taken only if ``enrol`` says so: an id may be mistyped, or no id at all.
    """
    known = people.everyone(connection)
    staff = {each.login for each in known if each.is_staff}
    sound = [each for each in given if _is_somebody(each, staff, report)]
    listed, report.students = _listed(connection, exam, known), len(sound)
    strangers = [_login(each) for each in sound if _login(each) not in listed]
    (report.new if enrol else report.not_enrolled).extend(strangers)
    taken = [each for each in sound if enrol or _login(each) in listed]
    before = _newest(connection, exam, taken[0].problem) if taken else {}
    return [replace(each, answers=dict(_answers(each, before.get(_login(each), {}), report, limits))) for each in taken]


def _login(given: Submission) -> str:
    return given.student.id.strip()


def _is_somebody(given: Submission, staff: Container[str], report: UploadReport) -> bool:
    """Whether a student can be kept under this id and name; the report says why not."""
    try:
        login = one_line(given.student.id, "id of a student")
        if given.student.name and given.student.name.strip():
            one_line(given.student.name, "name of a student")
    except ServiceError as refused:
        why = refused.message
    else:
        if login not in staff:
            return True
        why = f"{login} is one of the staff"
    report.refused.append(f"{given.source}: student {given.student.id[:80]!r} was left out: {why}")
    return False


def _listed(connection: Connection, exam: Exam, known: Sequence[Person]) -> set[str]:
    """Return the logins of an exam's list; in one for everyone, of all students who are known."""
    if exam.policy.everyone:
        return {each.login for each in known if not each.is_staff}
    return {who.login for who, _ in enrolments.enrolled(connection, exam)}


def _newest(connection: Connection, exam: Exam, problem: str) -> Mapping[str, dict[str, Written | None]]:
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


def _answers(
    given: Submission, before: Mapping[str, Written | None], report: UploadReport, limits: Limits
) -> Iterator[tuple[str, Written]]:
    """Yield the answers that are kept: none that is there already, is too long, or has no place."""
    known = 0
    for blank, written in given.answers.items():
        if is_blank(written):
            continue
        if blank in before and before[blank] == written:
            known += 1
            continue
        try:
            yield blank, attempts.check_size(written, limits)
        except ServiceError as refused:
            place = f"{given.source}: the answer of {given.student.id} to {blank[:80]!r}"
            report.refused.append(f"{place} was left out: {refused.message}")
    if known:
        report.remarks.append(
            f"{given.source}: {known} of the answers of {given.student.id} are here already and were not taken again"
        )
