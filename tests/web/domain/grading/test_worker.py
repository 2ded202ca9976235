"""Real processes that grade, and are killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select, text
from support.exam_factory import NOON, PROGRAM, REFERENCE
from support.paths import ROOT

from grader.core.verdict import UngradedCause
from grader.web.db import tables
from grader.web.domain.exams import enrolments
from grader.web.domain.grading import job_queue
from grader.web.domain.grading import submit as handing_in
from grader.web.domain.grading.worker_pool import WorkerPool
from grader.web.settings import ServiceLimits, Settings

ONE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For what does not depend on the database, and takes long."""
SECRET = b"0123456789abcdef"
COUNTED = {
    "sqlite": [
        "CREATE TABLE marked (attempt TEXT)",
        "CREATE TRIGGER count_marks AFTER UPDATE OF state ON attempts WHEN NEW.state = 'graded' BEGIN INSERT INTO marked VALUES (NEW.id); END",
    ],
    "postgresql": [
        "CREATE TABLE marked (attempt TEXT)",
        "CREATE OR REPLACE FUNCTION count_marks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO marked VALUES (NEW.id); RETURN NULL; END $$",
        "CREATE TRIGGER count_marks AFTER UPDATE OF state ON attempts FOR EACH ROW WHEN (NEW.state = 'graded') EXECUTE FUNCTION count_marks()",
    ],
}


def settings(hall, workers=1, **limits):
    url = hall.database.url.render_as_string(hide_password=False)
    return Settings(secret=SECRET, database=url, workers=workers, limits=ServiceLimits(**limits))


def environment():
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def eventually(true, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.02)
    return found


def all_graded(hall):
    with hall.database.reading() as connection:
        return job_queue.backlog(connection).waiting == 0


def in_hand(hall):
    with hall.database.reading() as connection:
        return job_queue.backlog(connection).in_progress == 1


def submit(hall, crew, *given):
    made = [hall.submit(written, blank) for blank, written in given]
    crew.notify()
    eventually(lambda: all_graded(hall))
    return [hall.again(each) for each in made]


@pytest.fixture
def program(hall):
    """An exam with a question whose answer is a program."""
    from grader.web.domain.exams import exams

    folder = hall.folder.parent / "program"
    folder.mkdir()
    (folder / "problem.yaml").write_text(PROGRAM, encoding="utf-8")
    (folder / "reference.py").write_text(REFERENCE, encoding="utf-8")
    exam = exams.open_exam(hall.database, "program", "Program", [folder])
    with hall.database.writing() as connection:
        enrolments.enrol(connection, exam, hall.ada)
    return exam


def run(hall, exam, source):
    with hall.database.writing() as connection:
        return handing_in.submit(connection, hall.ada, exam, "program", "d", source, source[:50])


@ONE
def test_a_worker_without_memory_ends_and_the_answer_is_tried_again_and_then_left_to_a_person(hall, monkeypatch):
    from grader.web.domain.grading import worker

    def no_memory(*_, raised):
        assert raised is MemoryError
        raise MemoryError

    attempt, other = hall.submit("5.86"), hall.submit("canary", "c")
    monkeypatch.setattr(worker, "judge", no_memory)
    for number in range(3):
        ended = worker.Worker(settings(hall), f"worker-{number}")
        with pytest.raises(MemoryError):
            ended.grade_one()
        with hall.database.writing() as connection:
            job_queue.release(connection, f"worker-{number}")
            connection.execute(text("UPDATE jobs SET priority = 9 WHERE attempt = :other"), {"other": other.id})
    monkeypatch.undo()
    last = worker.Worker(settings(hall), "last")
    assert last.grade_one()
    assert last.grade_one()
    assert (hall.again(attempt).outcome, hall.again(other).outcome) == ("ungraded", "correct")
    assert hall.again(attempt).verdict.cause is UngradedCause.OUT_OF_TIME


WAITS = "def twice(a):  # {}\n    import sys\n    sys.modules['os'].read(3, 1)"


@ONE
def test_programs_that_wait_keep_no_other_answer_waiting(hall, program):
    """Two students with programs that wait held every grading process: the others' answers stood behind them."""
    exam = hall.open("hidden", mode="exam", attempts=5)
    with WorkerPool(settings(hall)) as crew:
        held = [run(hall, program, WAITS.format(number)) for number in range(3)]
        crew.notify()
        eventually(lambda: in_hand(hall))
        answers = [hall.submit(written, "b", exam=exam) for written in ("B^T a", "B a")]
        crew.notify()
        eventually(lambda: all(hall.again(each).outcome for each in answers), seconds=5)
        with hall.database.reading() as connection:
            backlog = job_queue.backlog(connection)
        assert (backlog.waiting, backlog.waiting_programs) == (3, 3)
    assert [hall.again(each).outcome for each in answers] == ["correct", "incorrect"]
    assert len({each.id for each in held}) == 3


@ONE
def test_a_program_is_graded_by_processes_for_programs_alone(hall, program):
    made = run(hall, program, "def twice(a):\n    return 2 * a")
    with hall.database.writing() as connection:
        assert not job_queue.has_pending(connection, lanes=("answers",))
        assert job_queue.claim(connection, "w", lanes=("answers",)) is None
        claimed = job_queue.claim(connection, "w", lanes=("programs",))
        assert claimed is not None
        assert claimed.attempt == made.id


@ONE
def test_a_student_with_many_programs_does_not_go_before_another_with_one(hall, program):
    with hall.database.writing() as connection:
        enrolments.enrol(connection, program, hall.bob)
        for number in range(5):
            handing_in.submit(
                connection, hall.ada, program, "program", "d", f"def twice(a): return {number}", f"key-{number}"
            )
        one = handing_in.submit(connection, hall.bob, program, "program", "d", "def twice(a): return 2 * a", "key-bob")
        order = [job_queue.claim(connection, "w").attempt for _ in range(6)]
    assert order.index(one.id) == 1


def test_answers_are_graded(hall):
    with WorkerPool(settings(hall)) as crew:
        found = submit(
            hall,
            crew,
            ("a", "5.86"),
            ("a", "6"),
            ("a", "???"),
            ("b", "B^T a"),
            ("b", "B a"),
            ("c", "a canary"),
            ("c", "cannary"),
        )
        assert crew.alive() == 2  # One for each lane.
        assert crew.restarts == 0
    assert [each.outcome for each in found[:6]] == [
        "correct",
        "incorrect",
        "unreadable",
        "correct",
        "incorrect",
        "correct",
    ]
    assert found[6].needs_review
    assert [each.uses_attempt for each in found] == [True, True, False, True, True, True, False]
    assert crew.alive() == 0


@ONE
def test_programs_run_and_the_answer_in_hand_is_finished(hall, program):
    """SIGTERM while a program runs: its verdict is kept, what waits stays for another, and the process ends well."""
    slow = "def twice(a):\n    for _ in range(2_000_000):\n        pass\n    return 2 * a\n"
    first = run(hall, program, slow)
    second = run(hall, program, "def twice(a):\n    return a\n")
    with WorkerPool(settings(hall)) as crew:
        eventually(lambda: in_hand(hall))
        member = crew.workers[0].process
    assert member.returncode == 0
    assert hall.again(first).state == "graded"
    assert hall.again(second).state == "waiting"
    with WorkerPool(settings(hall)):
        eventually(lambda: all_graded(hall))
    assert hall.again(second).outcome == "incorrect"


@ONE
def test_a_killed_process_is_replaced_and_its_answer_taken_again(hall, program):
    slow = "def twice(a):\n    for _ in range(2_000_000):\n        pass\n    return 2 * a\n"
    attempt = run(hall, program, slow)
    with WorkerPool(settings(hall)) as crew:
        eventually(lambda: in_hand(hall))
        crew.workers[0].process.kill()
        eventually(lambda: all_graded(hall))
        assert crew.restarts == 1
    assert hall.again(attempt).state == "graded"


@ONE
def test_workers_end_when_their_server_is_killed(hall):
    source = (
        "import json, sys, time\nfrom grader.web.domain.grading.worker_pool import WorkerPool as Crew\nfrom grader.web.settings import Settings\n"
        "crew = Crew(Settings.from_json(sys.argv[1]))\ncrew.start()\n"
        "print(json.dumps([each.process.pid for each in crew.workers]), flush=True)\ntime.sleep(600)\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", source, settings(hall, 2).to_json()],
        stdout=subprocess.PIPE,
        env=environment(),
    )
    pids = json.loads(server.stdout.readline())
    time.sleep(0.2)
    server.kill()
    server.wait()
    server.stdout.close()
    eventually(lambda: not any(running(pid) for pid in pids))


def running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_worker_survives_that_its_database_goes_away(hall):
    with WorkerPool(settings(hall)) as crew:
        submit(hall, crew, ("a", "1"))
        pid = crew.workers[0].process.pid
        if hall.database.is_sqlite:
            with hall.database.writing():
                crew.notify()
                time.sleep(1)
        else:
            with hall.database.writing() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
        (found,) = submit(hall, crew, ("a", "5.86"))
        assert found.outcome == "correct"
        assert crew.workers[0].process.pid == pid


def test_an_answer_that_kills_its_process_is_ungraded_in_the_end(hall):
    """A lease that ends again and again: here the process is never given the time to grade."""
    attempt = hall.submit("5.86")
    for number in range(3):
        with hall.database.writing() as connection:
            assert job_queue.claim(connection, f"dead{number}")
            job_queue.release(connection, f"dead{number}")
    with WorkerPool(settings(hall)):
        eventually(lambda: all_graded(hall))
    found = hall.again(attempt)
    assert (found.outcome, found.verdict.review) == (
        "ungraded",
        "Grading this answer did not come to an end, in 3 tries.",
    )


@ONE
def test_a_worker_by_itself(hall):
    """With its settings in the environment, and no crew."""
    attempt = hall.submit("5.86")
    told = {"GRADER_DATABASE": settings(hall).database, "GRADER_SECRET": SECRET.decode()}
    worker = subprocess.Popen(
        [sys.executable, "-m", "grader.web.domain.grading.worker"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment() | told,
    )
    eventually(lambda: all_graded(hall))
    worker.terminate()
    log = worker.communicate()[1].decode()
    assert worker.returncode == 0
    assert hall.again(attempt).outcome == "correct"
    lines = [json.loads(line) for line in log.splitlines()]
    assert lines[-1]["attempt"] == attempt.id
    assert "5.86" not in log.replace(f"{lines[-1]['seconds']}", "")


@ONE
def test_a_worker_without_a_secret_does_not_start(hall):
    told = {"GRADER_DATABASE": settings(hall).database, "GRADER_SECRET": ""}
    done = subprocess.run(
        [sys.executable, "-m", "grader.web.domain.grading.worker"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment() | told,
        check=False,
    )
    assert done.returncode != 0
    assert "The service needs a secret of its own" in done.stderr


@pytest.mark.parametrize("many", [50, pytest.param(500, marks=pytest.mark.soak)])
def test_kill_9_loses_nothing_that_was_acknowledged(hall, many):
    """The process that hands in and those that grade are killed, again and again."""
    with hall.database.writing() as connection:
        for line in COUNTED[connection.dialect.name]:
            connection.execute(text(line))
    chance = random.Random(5)
    acknowledged: dict[str, str] = {}
    done = threading.Event()

    def kill_workers(crew):
        while not done.wait(chance.uniform(0.8, 2.0)):
            victim = chance.choice(crew.workers).process
            if victim.poll() is None:
                os.kill(victim.pid, signal.SIGKILL)

    with WorkerPool(settings(hall, workers=2, grading_tries=1_000)) as crew:
        killer = threading.Thread(target=kill_workers, args=[crew])
        killer.start()
        for round_ in range(50):
            server = subprocess.Popen(
                [
                    sys.executable,
                    str(ROOT / "tests" / "support" / "submissions.py"),
                    settings(hall).database,
                    "practice",
                    str(many),
                ],
                stdout=subprocess.PIPE,
                env=environment(),
            )
            until = (round_ + 1) * many // 3
            for line in server.stdout:
                number, _, id = line.decode().strip().partition(" ")
                assert acknowledged.setdefault(number, id) == id
                if len(acknowledged) >= until and round_ < 2:
                    server.kill()
                    break
            rest = server.stdout.read().decode().splitlines()  # What it had said before it was killed.
            for line in rest:
                number, _, id = line.partition(" ")
                if id:
                    assert acknowledged.setdefault(number, id) == id
            server.stdout.close()
            if server.wait() == 0:
                break
        time.sleep(1)
        done.set()
        killer.join()
        eventually(lambda: all_graded(hall), 60)
        restarts = crew.restarts
    with hall.database.reading() as connection:
        rows = connection.execute(select(tables.attempts)).all()
        marked = sorted(connection.execute(text("SELECT attempt FROM marked")).scalars())
    assert len(acknowledged) == many
    assert sorted(acknowledged.values()) == sorted(row.id for row in rows) == marked
    assert {row.state for row in rows} == {"graded"}
    assert restarts > 0
    assert {row.outcome for row in rows} == {"correct", "incorrect", "unreadable"}


def test_a_verdict_comes_soon(hall):
    """From handing in to the verdict, with the bell; printed, and far below what a person notices."""
    with WorkerPool(settings(hall)) as crew:
        submit(hall, crew, ("b", "B^T a"))
        took = []
        for number in range(20):
            began = time.monotonic()
            made = hall.submit(f"{number} B^T a", "b", now=NOON)
            crew.notify()
            while hall.again(made).state == "waiting":
                time.sleep(0.001)
            took.append(time.monotonic() - began)
    took.sort()
    print(f"{hall.database.url.get_backend_name()}: median {took[10] * 1000:.1f} ms, slowest {took[-1] * 1000:.1f} ms")
    assert took[10] < 1
