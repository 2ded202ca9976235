"""Verdicts while the student waits, from real grading processes that are stopped, killed and kept busy."""

from __future__ import annotations

import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings, strategies
from sqlalchemy import select
from support.exam_factory import NOON
from web.domain.grading.test_worker import ONE, SECRET, eventually, program, running

from grader.grading.grade import judge
from grader.sandbox import Sandbox
from grader.web.db import tables
from grader.web.domain.accounts import erasure
from grader.web.domain.attempts import drafts
from grader.web.domain.exams import exams, schedule
from grader.web.domain.exams.snapshots import ProblemCache
from grader.web.domain.grading import instant_verdicts, job_queue, submit
from grader.web.domain.grading.worker import PreparedCache
from grader.web.errors import Closed, NotFound, TooLarge
from grader.web.service import Service
from grader.web.settings import Settings

pytestmark = pytest.mark.db

__all__ = ["program"]
ANSWERS = ("5.86", "5.8571", "6", "???", " 6 ", "41/7")


@pytest.fixture
def service(hall):
    """A service with one grading process that has made the tiny problem ready."""
    url = hall.database.url.render_as_string(hide_password=False)
    made = Service.of(Settings(secret=SECRET, database=url, workers=1))
    with made.worker_pool:
        eventually(lambda: hand_in(made, hall, "1").state == "graded")
        eventually(lambda: waits(hall) == [])
        yield made
    made.close()


def hand_in(service, hall, written, blank="a", exam=None, who=None, key=None):
    chosen = exam or hall.exam
    with service.database.reading() as connection:
        sheet = exams.exam_problems(connection, chosen)[0]
    return service.submit(who or hall.bob, chosen, sheet, blank, written, key or str(time.monotonic_ns()))


def pending(end):
    try:
        return end.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK) != b""
    except BlockingIOError:
        return False


def pending_after_a_question(service, hall):
    """The control: where verdicts may be known, somebody is asked."""
    hand_in(service, hall, "1", who=hall.ada)
    return any(map(pending, service.worker_pool.instant_verdicts.servers))


def waits(hall):
    with hall.database.reading() as connection:
        return connection.execute(select(tables.jobs.c.attempt)).scalars().all()


def test_the_verdict_comes_with_the_answer_and_there_is_no_work(service, hall):
    found = hand_in(service, hall, "5.86", who=hall.ada)
    assert (found.state, found.outcome, found.uses_attempt, found.number) == ("graded", "correct", True, 1)
    assert waits(hall) == []
    assert hall.again(found) == found


def test_sent_twice_it_is_one(service, hall):
    first = hand_in(service, hall, "5.86", key="k")
    assert hand_in(service, hall, "5.86", key="k") == first


def test_a_doubtful_one_waits_for_a_person_and_costs_nothing(service, hall):
    eventually(lambda: hand_in(service, hall, "canary", "c").state == "graded")
    found = hand_in(service, hall, "cannary", "c", who=hall.ada)
    assert (found.state, found.needs_review, found.uses_attempt) == ("graded", True, False)
    with hall.database.reading() as connection:
        queued = connection.execute(select(tables.reviews.c.attempt)).scalars().all()
    assert queued == [found.id]


def test_in_an_exam_nobody_is_asked(service, hall):
    exam = hall.open("final", mode="exam", attempts=3)
    os.kill(service.worker_pool.workers[0].process.pid, signal.SIGSTOP)
    try:
        found = hand_in(service, hall, "5.86", exam=exam)
        assert [pending(each) for each in service.worker_pool.instant_verdicts.servers] == [
            False
        ] * instant_verdicts.MAX_QUESTIONS
        assert pending_after_a_question(service, hall)
        assert found.state == "waiting"
        assert found.id in waits(hall)
    finally:
        os.kill(service.worker_pool.workers[0].process.pid, signal.SIGCONT)
    eventually(lambda: hall.again(found).outcome == "correct")


@ONE
def test_programs_are_left_to_the_queue(service, hall, program):
    found = hand_in(service, hall, "def twice(a):\n    return 2 * a\n", "d", program, hall.ada)
    assert found.state == "waiting"
    eventually(lambda: hall.again(found).outcome == "correct")


@ONE
def test_one_that_nobody_has_time_for_is_graded_later_and_its_verdict_is_no_other_ones(service, hall):
    pid = service.worker_pool.workers[0].process.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        late = hand_in(service, hall, "5.86", who=hall.ada)
        assert late.state == "waiting"
    finally:
        os.kill(pid, signal.SIGCONT)
    found = [hand_in(service, hall, each, who=hall.ada) for each in ("6", "41/7")]
    eventually(lambda: waits(hall) == [])
    assert [hall.again(each).outcome for each in (late, *found)] == ["correct", "incorrect", "correct"]


@ONE
def test_a_process_that_is_killed_costs_no_answer(service, hall):
    first = service.worker_pool.workers[0].process
    first.kill()
    found = hand_in(service, hall, "5.86", who=hall.ada)
    eventually(lambda: hall.again(found).outcome == "correct")
    assert service.worker_pool.restarts == 1
    eventually(lambda: hand_in(service, hall, "6").state == "graded")
    assert not running(first.pid)


@ONE
def test_more_than_can_be_asked_at_once_lose_nothing(service, hall):
    pid = service.worker_pool.workers[0].process.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(3 * instant_verdicts.MAX_QUESTIONS) as pool:
            found = list(pool.map(lambda n: hand_in(service, hall, str(n)), range(3 * instant_verdicts.MAX_QUESTIONS)))
    finally:
        os.kill(pid, signal.SIGCONT)
    eventually(lambda: waits(hall) == [])
    assert {hall.again(each).outcome for each in found} == {"incorrect"}


@ONE
def test_what_was_handed_in_last_is_not_judged_again(service, hall):
    with service.database.reading() as connection:
        sheet = exams.exam_problems(connection, hall.exam)[0]
    first = service.submit_all(hall.ada, hall.exam, sheet, {"a": "6"}, "first")
    os.kill(service.worker_pool.workers[0].process.pid, signal.SIGSTOP)
    try:
        assert service.submit_all(hall.ada, hall.exam, sheet, {"a": "6", "b": ""}, "again") == first
        assert not any(map(pending, service.worker_pool.instant_verdicts.servers))
        service.submit_all(hall.ada, hall.exam, sheet, {"a": "7"}, "new")
        assert any(map(pending, service.worker_pool.instant_verdicts.servers))  # The control.
    finally:
        os.kill(service.worker_pool.workers[0].process.pid, signal.SIGCONT)


@ONE
def test_long_answers_kill_no_process(service, hall):
    """In JSON a bird takes twelve bytes; what does not fit in a datagram would arrive cut off."""
    pid = service.worker_pool.workers[0].process.pid
    for number, written in enumerate(("\U0001f426" * 19_990, "x" * 20_000, ("\U0001f426" * 99,) * 200)):
        hand_in(service, hall, written, key=str(number))
    with service.database.reading() as connection:
        sheet = exams.exam_problems(connection, hall.exam)[0]
    done = service.submit_all(hall.ada, hall.exam, sheet, {"a": "x" * 250_000, "b": "B^T a"}, "all")
    assert [type(done["a"]), done["b"].number] == [TooLarge, 1]
    eventually(lambda: waits(hall) == [])
    assert service.worker_pool.restarts == 0
    assert service.worker_pool.workers[0].process.pid == pid


def test_before_the_crew_has_started_there_is_no_verdict(hall):
    assert instant_verdicts.InstantVerdicts().verdict("s", "a", "1", time.monotonic() + 1) is None


def test_what_is_too_long_for_a_datagram_is_left_to_the_queue():
    asking = instant_verdicts.InstantVerdicts()
    asking.open()
    try:
        for written in ("x" * 150_000, "\U0001f426" * 20_000, "x" * 4_000_000):
            assert asking.verdict("s", "a", written, time.monotonic() + 1) is None
        assert not any(map(pending, asking.servers))
    finally:
        asking.close()


@ONE
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=strategies.lists(strategies.sampled_from(ANSWERS), min_size=1, max_size=6))
def test_at_once_and_from_the_queue_are_the_same(hall, answers):
    """The same answers, one exam with verdicts that come along, one whose verdicts come from the table of work."""
    number = str(time.monotonic_ns())
    both = [hall.open(f"{name}-{number}") for name in ("one", "two")]
    ready = PreparedCache(ProblemCache(hall.database), Settings(secret=SECRET).grading_secret, Sandbox(1))
    for exam, along in zip(both, (True, False), strict=True):
        for each in answers:
            with hall.database.writing() as connection:
                blank = ready.blank(exams.exam_problems(connection, exam)[0].snapshot, "a")
                verdict = judge(blank, each, "self-check")
                made = submit.submit(
                    connection,
                    hall.ada,
                    exam,
                    "tiny",
                    "a",
                    each,
                    str(time.monotonic_ns()),
                    now=NOON,
                    verdict=verdict if along else None,
                )
                if not along:
                    job = job_queue.claim(connection, "w", now=NOON)
                    assert job is not None
                    assert job.attempt == made.id
                    assert job_queue.finish(connection, job, verdict, NOON)
        with hall.database.writing() as connection:
            connection.execute(tables.attempts.update().values(submitted_at=NOON.replace(year=2029)))
    assert told(hall, both[0]) == told(hall, both[1])


def told(hall, exam):
    which = tables.attempts
    columns = (
        which.c.number,
        which.c.text_hash,
        which.c.state,
        which.c.outcome,
        which.c.credit,
        which.c.needs_review,
        which.c.meaning_hash,
        which.c.uses_attempt,
        which.c.verdict,
        which.c.graded_at,
    )
    with hall.database.reading() as connection:
        query = select(*columns).where(which.c.exam == exam.id).order_by(which.c.number)
        return [tuple(row) for row in connection.execute(query)]


def late(hall, what):
    """Hand in and type on as somebody who saw the exam before something happened to it."""
    with hall.database.writing() as connection:
        if what == "answer":
            submit.submit(connection, hall.ada, hall.exam, "tiny", "a", "1", "k")
        elif what == "answers":
            done = submit.submit_all(connection, hall.ada, hall.exam, "tiny", {"a": "1"}, "k")
            raise done["a"]
        else:
            drafts.save_draft(connection, hall.ada, hall.exam, "tiny", "a", "1")


@pytest.mark.parametrize("what", ["answer", "answers", "draft"])
def test_an_exam_that_has_closed_since_it_was_read_takes_nothing(hall, what):
    with hall.database.writing() as connection:
        schedule.close(connection, hall.exam)
    with pytest.raises(Closed):
        late(hall, what)


@pytest.mark.parametrize("what", ["answer", "answers", "draft"])
def test_whoever_was_erased_since_they_entered_leaves_nothing(hall, what):
    with hall.database.writing() as connection:
        erasure.erase(connection, hall.ada.id)
    with pytest.raises(NotFound):
        late(hall, what)
    with hall.database.reading() as connection:
        assert connection.execute(select(tables.attempts)).all() == []
        assert connection.execute(select(tables.drafts)).all() == []


def test_a_verdict_that_came_before_verdicts_were_hidden_is_not_kept(hall):
    """The exam is read as practice; what is decided is how it stands under the lock."""
    exam = hall.open("final", mode="exam", attempts=3)
    ready = PreparedCache(ProblemCache(hall.database), Settings(secret=SECRET).grading_secret, Sandbox(1))
    with hall.database.writing() as connection:
        verdict = judge(ready.blank(exams.exam_problems(connection, exam)[0].snapshot, "a"), "5.86")
        made = submit.submit(connection, hall.ada, exam, "tiny", "a", "5.86", "k", verdict=verdict)
    assert made.state == "waiting"
