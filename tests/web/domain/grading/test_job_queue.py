"""Leases: one process at a time, and every answer marked exactly once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from support.exam_factory import NOON

from grader.core.submission import Student, Submission
from grader.core.verdict import Verdict
from grader.web.domain.attempts import attempts
from grader.web.domain.grading import job_queue
from grader.web.domain.review import queue
from grader.web.domain.uploads import uploads
from grader.web.settings import ServiceLimits

RIGHT, WRONG = Verdict.correct("x"), Verdict.incorrect("x", "That is wrong.")
LATER = NOON + timedelta(seconds=121)


def claim(hall, now=NOON, worker="w"):
    with hall.database.writing() as connection:
        return job_queue.claim(connection, worker, now=now)


def finish(hall, job, verdict=RIGHT, now=NOON):
    with hall.database.writing() as connection:
        return job_queue.finish(connection, job, verdict, now)


def test_an_answer_is_graded_once(hall):
    attempt = hall.submit("41/7")
    job = claim(hall)
    assert (job.attempt, job.blank, job.written, job.setting, job.tries) == (
        attempt.id,
        "a",
        "41/7",
        "self-check",
        1,
    )
    assert claim(hall) is None
    assert finish(hall, job)
    assert not finish(hall, job, WRONG)
    found = hall.again(attempt)
    assert (found.state, found.verdict, found.outcome, found.uses_attempt) == ("graded", RIGHT, "correct", True)
    assert claim(hall, LATER) is None


def test_a_lease_that_has_ended_is_taken_by_another(hall):
    attempt = hall.submit("1")
    first, second = claim(hall), claim(hall, LATER)
    assert (second.attempt, second.tries) == (attempt.id, 2)
    assert not finish(hall, first, WRONG)
    assert hall.again(attempt).state == "waiting"
    assert finish(hall, second)
    assert hall.again(attempt).outcome == "correct"


def test_what_a_dead_worker_had_is_free_at_once(hall):
    for number in range(3):
        hall.submit(str(number))
    claim(hall, worker="dead"), claim(hall, worker="alive")
    with hall.database.writing() as connection:
        assert job_queue.release(connection, "dead") == 1
        assert job_queue.backlog(connection, NOON).in_progress == 1


def test_what_is_given_back_is_taken_again_later(hall):
    hall.submit("1")
    job = claim(hall)
    with hall.database.writing() as connection:
        job_queue.requeue(connection, job, seconds=5, now=NOON)
        assert not job_queue.has_pending(connection, NOON + timedelta(seconds=4))
        assert job_queue.has_pending(connection, NOON + timedelta(seconds=5))
    assert not finish(hall, job)
    assert claim(hall, NOON + timedelta(seconds=5)).tries == 2


def test_what_was_tried_too_often_is_for_a_person(hall):
    attempt = hall.submit("1")
    for number in range(3):
        job = claim(hall, NOON + number * timedelta(seconds=121))
        assert job_queue.exhausted_verdict(job) is None
    job = claim(hall, NOON + timedelta(hours=1))
    verdict = job_queue.exhausted_verdict(job)
    assert verdict.review == "Grading this answer did not come to an end, in 3 tries."
    assert finish(hall, job, verdict)
    found = hall.again(attempt)
    assert (found.outcome, found.credit, found.needs_review, found.uses_attempt) == ("ungraded", None, True, False)
    with hall.database.reading() as connection:
        (group,) = queue.pending_groups(connection, hall.exam)
    assert group.why == (verdict.review,)


def test_students_come_before_uploads(hall):
    with hall.database.writing() as connection:
        given = [Submission(Student(f"u{number}"), "tiny", {"a": "1"}) for number in range(3)]
        uploads.upload(connection, hall.exam, "paper", given, hall.staff, now=NOON - timedelta(hours=1))
    attempt = hall.submit("1")
    assert claim(hall).attempt == attempt.id
    assert claim(hall).setting == "batch"


def test_many_claim_at_once_and_nothing_is_claimed_twice(hall):
    made = {
        hall.submit(str(number), who=who, attempts_per_minute=1000).id
        for number in range(30)
        for who in (hall.ada, hall.bob)
    }

    def empty_it(worker):
        found = []
        while job := claim(hall, worker=worker):
            found.append(job)
            assert finish(hall, job)
        return found

    with ThreadPoolExecutor(6) as pool:
        jobs = [job for found in pool.map(empty_it, "abcdef") for job in found]
    assert Counter(job.attempt for job in jobs) == Counter(made)
    with hall.database.reading() as connection:
        assert job_queue.backlog(connection).waiting == 0
        graded = attempts.attempts_at(connection, hall.exam, "tiny")
    assert {each.state for each in graded} == {"graded"}


def test_two_who_finish_one_job_at_once(hall):
    attempt = hall.submit("1")
    job = claim(hall)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda verdict: finish(hall, job, verdict), [RIGHT, WRONG, RIGHT, WRONG]))
    assert done.count(True) == 1
    assert hall.again(attempt).verdict in (RIGHT, WRONG)


@pytest.mark.parametrize("tries", [1, 5])
def test_the_limit_of_tries_is_a_setting(hall, tries):
    hall.submit("1")
    for number in range(tries):
        job = claim(hall, NOON + number * timedelta(seconds=121))
    assert job_queue.exhausted_verdict(job, ServiceLimits(grading_tries=tries)) is None
    job = claim(hall, NOON + timedelta(days=1))
    assert job_queue.exhausted_verdict(job, ServiceLimits(grading_tries=tries)) is not None
