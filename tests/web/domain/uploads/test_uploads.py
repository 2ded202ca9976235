"""Uploads of whole classes: few statements, and the work of everybody's first answer before anybody's second."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from support.exam_factory import NOON

from grader.core.submission import Student as Who
from grader.core.submission import Submission
from grader.web.db import tables
from grader.web.domain import audit_log
from grader.web.domain.accounts import erasure, people
from grader.web.domain.exams import enrolments, schedule
from grader.web.domain.grading import job_queue
from grader.web.domain.uploads import uploads
from grader.web.errors import Conflict, NotFound, RateLimited
from grader.web.settings import ServiceLimits


def submission(login, name=None, problem="tiny", **answers):
    return Submission(Who(login, name), problem, answers)


def taken(hall):
    which, people = tables.attempts, tables.people
    query = select(people.c.login, which.c.blank, which.c.number, which.c.written).join(
        people, people.c.id == which.c.person
    )
    with hall.database.reading() as connection:
        return sorted(map(tuple, connection.execute(query)))


def take(hall, *given, exam=None):
    with hall.database.writing() as connection:
        return uploads.upload(connection, exam or hall.exam, "paper", given, hall.staff, now=NOON)


def test_known_and_new_students(hall):
    hall.submit("1", who=hall.ada)
    made = take(hall, submission(hall.ada.login, a="2", c=""), submission("zoe", "Zoe", a="3", b="B a", z="left out"))
    assert made.answers == 3
    assert taken(hall) == [
        (hall.ada.login, "a", 1, "1"),
        (hall.ada.login, "a", 2, "2"),
        ("zoe", "a", 1, "3"),
        ("zoe", "b", 1, "B a"),
    ]
    with hall.database.reading() as connection:
        listed = {person.login: person.name for person, _ in enrolments.enrolled(connection, hall.exam)}
        assert listed["zoe"] == "Zoe"


def test_one_student_twice_in_an_upload(hall):
    take(hall, submission(hall.ada.login, a="2"), submission(hall.ada.login, a="3"))
    assert taken(hall) == [(hall.ada.login, "a", 1, "2"), (hall.ada.login, "a", 2, "3")]


def test_what_is_held_waits_for_a_person(hall):
    held = Submission(Who(hall.ada.login), "tiny", {"a": "2"}, held_reason="It is torn.")
    take(hall, held)
    with hall.database.reading() as connection:
        assert connection.execute(select(tables.jobs)).all() == []
        assert len(connection.execute(select(tables.reviews)).all()) == 1


def test_staff_are_no_students(hall):
    with pytest.raises(Conflict):
        take(hall, submission(hall.staff.login, a="2"))
    assert taken(hall) == []


@pytest.mark.parametrize("many", [1, 40])
def test_the_statements_of_an_upload_do_not_grow_with_known_students(hall, many):
    """What is known is read at once, and what is new written at once: others wait for the writer meanwhile."""
    take(hall, *(submission(f"s{number}", a="1") for number in range(many)))
    said = Counter()

    def count(connection, cursor, statement, parameters, context, executemany):
        said[executemany] += 1

    event.listen(hall.database.engine, "before_cursor_execute", count)
    try:
        take(hall, *(submission(f"s{number}", a="2", b="B a") for number in range(many)))
    finally:
        event.remove(hall.database.engine, "before_cursor_execute", count)
    assert sum(said.values()) <= 20


def test_everybodys_first_comes_before_anybodys_second(hall):
    """One student fills the queue, and those who come later still wait for one answer of theirs at the most."""
    flood = [hall.submit(str(number), now=NOON + timedelta(seconds=number), who=hall.ada) for number in range(5)]
    take(hall, submission("zoe", a="1"))
    other = hall.submit("1", now=NOON + timedelta(seconds=30), who=hall.bob)
    order = []
    with hall.database.writing() as connection:
        while job := job_queue.claim(connection, "w", now=NOON + timedelta(seconds=40)):
            order.append(job.attempt)
    assert order[:6] == [flood[0].id, other.id, *(each.id for each in flood[1:])]
    assert len(order) == 7


def test_too_many_that_wait(hall):
    for number in range(3):
        hall.submit(str(number), ungraded_attempts=3)
    with pytest.raises(RateLimited) as error:
        hall.submit("4", ungraded_attempts=3)
    assert error.value.message == "3 of your answers are still being graded. Please wait 10 seconds."
    assert error.value.retry_after == 10
    hall.submit("4", who=hall.bob, ungraded_attempts=3)
    assert ServiceLimits().ungraded_attempts < ServiceLimits().attempts_per_minute


def test_uploads_and_students_at_once(hall):
    """Two uploads with the same new students, and students who hand in meanwhile: nothing is refused, nothing is lost."""
    given = [submission(f"new{number}", a="1") for number in range(5)]
    given += [submission(hall.ada.login, "Ada L.", a="2"), submission(hall.bob.login, a="2")]

    def act(number):
        if number < 4:
            take(hall, *(given if number % 2 else reversed(given)))
        else:
            hall.submit(str(number), who=(hall.ada, hall.bob)[number % 2])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(20)))
    numbers = Counter((login, number) for login, _, number, _ in taken(hall))
    assert set(numbers.values()) == {1}
    assert sum(numbers.values()) == 4 * 7 + 16


def test_a_release_while_answers_are_uploaded(hall):
    """A release counts all attempts anew, person by person: it waits for the upload, whatever the order of its students."""
    exams_ = [hall.open(f"final-{number}", mode="exam", attempts=3) for number in range(4)]
    given = [submission(f"m{number}", f"Name {number}", a="1") for number in range(30)]
    for exam in exams_:
        take(hall, *given, exam=exam)

    def act(number):
        exam, half = exams_[number // 2], number % 2
        if half:
            take(
                hall,
                *reversed([submission(each.student.id, f"New {number}", a="2") for each in given]),
                exam=exam,
            )
        else:
            with hall.database.writing() as connection:
                schedule.close(connection, exam)
                schedule.release(connection, exam)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(8)))
    assert len(taken(hall)) == 240


def test_one_who_is_erased_meanwhile_is_not_uploaded(hall):
    known = people.by_logins
    with hall.database.writing() as connection:
        erasure.erase(connection, hall.ada.id)
    with pytest.MonkeyPatch.context() as patched, pytest.raises(NotFound):
        patched.setattr(
            people,
            "by_logins",
            lambda connection, logins: known(connection, logins) | {hall.ada.login: hall.ada},
        )
        take(hall, submission(hall.ada.login, a="2"))
    assert taken(hall) == []


def test_what_was_erased_is_in_no_file_of_sqlite(hall):
    if not hall.database.is_sqlite:
        pytest.skip("PostgreSQL keeps its files itself")
    hall.submit("my name is xyzzyx")
    path = hall.database.url.database
    assert b"xyzzyx" in b"".join(each.read_bytes() for each in files(path))
    with hall.database.writing() as connection:
        erasure.erase(connection, hall.ada.id)
    hall.database.truncate_log()
    assert b"xyzzyx" not in b"".join(each.read_bytes() for each in files(path))
    with hall.database.reading() as connection:
        assert [each.action for each in audit_log.events(connection)][:1] == ["erased"]


def files(path):
    from pathlib import Path

    return sorted(Path(path).parent.glob(Path(path).name + "*"))
