"""Answers that could not be read where nobody could tell their student: a person looks, as in a batch."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from support.exam_factory import NOON

from grader.core.verdict import Verdict
from grader.web.domain.attempts.marks import counted_answer
from grader.web.domain.exams import exams
from grader.web.domain.grading import job_queue, submit
from grader.web.domain.review import decisions
from grader.web.domain.review import queue as reviews
from grader.web.service import Service
from grader.web.settings import Settings

pytestmark = pytest.mark.db

UNREAD = Verdict.unreadable("This is no number.", (), "This answer could not be read.")
WRONG = Verdict.incorrect("$6$", "That is not the number.")


def setting_of(hall, exam, upload=None):
    hall.submit("???", exam=exam)
    with hall.database.writing() as connection:
        job = job_queue.claim(connection, "w", now=NOON)
        assert job is not None
        job_queue.requeue(connection, job)
        return job.setting


def queue(hall, exam):
    with hall.database.reading() as connection:
        return [group.spellings for group in reviews.pending_groups(connection, exam)]


def test_in_practice_the_student_sees_it(hall):
    assert setting_of(hall, hall.exam) == "self-check"


def test_in_an_exam_a_person_looks(hall):
    exam = hall.open("final", mode="exam", attempts=2)
    assert setting_of(hall, exam) == "batch"


@pytest.mark.parametrize("verdict", [WRONG, Verdict.correct("$6$")])
def test_one_that_was_written_anew_needs_no_look(hall, verdict):
    exam = hall.open("final", mode="exam", attempts=2)
    unread = [hall.mark(hall.submit(each, exam=exam), UNREAD) for each in ("??", "???")]
    hall.mark(hall.submit("??", exam=exam, who=hall.bob), UNREAD)
    assert queue(hall, exam) == [("??",), ("???",)]
    last = hall.mark(hall.submit("6", exam=exam), verdict)
    assert queue(hall, exam) == [("??",)]  # Bob's.
    assert [hall.again(each).needs_review for each in unread] == [False, False]
    assert counted_answer([*map(hall.again, unread), last], exam)[1].review is None


def test_the_order_of_grading_makes_no_difference(hall):
    """Two processes: the answer that was written anew is graded before the one that could not be read."""
    exam = hall.open("final", mode="exam", attempts=2)
    first, last = (hall.submit(each, exam=exam) for each in ("??", "6"))
    hall.mark(last, WRONG)
    assert not hall.mark(first, UNREAD).needs_review
    assert queue(hall, exam) == []


def test_one_that_is_read_at_once(hall):
    """An upload that could not be read, and then the student's own answer, whose verdict comes with it."""
    hall.mark(hall.submit("??"), UNREAD)
    assert queue(hall, hall.exam) == [("??",)]
    with hall.database.writing() as connection:
        submit.submit(connection, hall.ada, hall.exam, "tiny", "a", "6", "k", now=NOON, verdict=WRONG)
    assert queue(hall, hall.exam) == []


def test_one_after_it_is_looked_at(hall):
    exam = hall.open("final", mode="exam", attempts=2)
    hall.mark(hall.submit("6", exam=exam), WRONG)
    last = hall.mark(hall.submit("???", exam=exam), UNREAD)
    assert queue(hall, exam) == [("???",)]
    assert hall.again(last).needs_review


def test_what_a_person_has_decided_stays(hall):
    exam = hall.open("final", mode="exam", attempts=2)
    first = hall.mark(hall.submit("six", exam=exam), UNREAD)
    with hall.database.writing() as connection:
        (group,) = reviews.pending_groups(connection, exam)
        decisions.decide(connection, exam, "tiny", "a", group.group_key, 1, "It is a number.", hall.staff)
    hall.mark(hall.submit("6", exam=exam), WRONG)
    assert hall.again(first).score == 1


def test_a_problem_is_read_though_all_connections_are_in_use(hall):
    url = hall.database.url.render_as_string(hide_password=False)
    service = Service.of(Settings(secret=b"0123456789abcdef", database=url))
    with hall.database.reading() as connection:
        snapshot = exams.exam_problems(connection, hall.exam)[0].snapshot
    try:
        with ExitStack() as held:
            for _ in range(20):
                held.enter_context(service.database.reading())
            assert service.problem_cache.problem(snapshot).id == "tiny"
    finally:
        service.close()
