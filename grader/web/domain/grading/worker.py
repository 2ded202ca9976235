"""A worker: a process that takes answers from the job queue and grades them, ``python -m grader.web.domain.grading.worker``.

It finds its settings in GRADER_DATABASE and GRADER_SECRET. With ``--wake FD`` it reads them as one line of JSON on standard
input, is woken by a byte on a pipe when there is something to do, and ends when the process at the other end has ended; with
``--questions FD,FD`` it gives instant verdicts too, on sockets, between two answers of the job queue (``instant_verdicts``). With
``--lane programs`` it grades only blanks whose answers may be programs, with ``--lane answers`` only the others.
"""

from __future__ import annotations

import argparse
import logging
import os
import select
import signal
import socket
import sys
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from grader.core import json_logging
from grader.core.errors import Fault
from grader.core.processes.limits import end_process_after, limit_address_space
from grader.core.seeds import Secret
from grader.core.verdict import Verdict
from grader.grading.grade import judge
from grader.kinds.base.prepared import Prepared, RunsCode
from grader.sandbox import Sandbox
from grader.web.db.column_types import new_id
from grader.web.db.engine import Database
from grader.web.domain.exams.exams import Lane
from grader.web.domain.exams.snapshots import ProblemCache
from grader.web.domain.grading import instant_verdicts, job_queue
from grader.web.domain.grading.instant_verdicts import Question
from grader.web.settings import Settings

MAX_ADDRESS_SPACE_BYTES = 2**30
"""What one grading process may have; 0.2 GiB of it are Python, NumPy and the rest before the first answer."""
POLL_SECONDS = 0.25
"""Pause after which the job queue is looked at even if nothing woke the worker."""
MAX_DATABASE_PAUSE_SECONDS = 5.0
"""Longest pause between two tries to reach the database."""
log = logging.getLogger("grader.web.worker")


MAX_PREPARED_BLANKS = 256


@dataclass
class PreparedCache:
    """Prepares blanks, each once as long as it is in use."""

    problem_cache: ProblemCache
    secret: Secret
    sandbox: Sandbox
    _blanks: OrderedDict[tuple[str, str, str], Prepared[Any]] = field(default_factory=OrderedDict)

    def blank(self, snapshot: str, address: str, exam: str = "") -> Prepared[Any]:
        """Return a prepared blank, with the hidden inputs of an exam; raises what reading or preparing it raises."""
        key = (exam, snapshot, address)
        if key not in self._blanks:
            problem = self.problem_cache.problem(snapshot)
            blank = next(blank for blank in problem.blanks if blank.address == address)
            self._blanks[key] = blank.spec.prepare(problem.context(blank, self.secret.for_exam(exam), self.sandbox))
            if len(self._blanks) > MAX_PREPARED_BLANKS:
                self._blanks.popitem(last=False)
        self._blanks.move_to_end(key)
        return self._blanks[key]


class Worker:
    """Grades one answer after another until it is stopped.

    One that has no memory left, or takes too long, ends: a new one takes its place, and its answer is tried again there, and after
    ``grading_tries`` tries left to a person.
    """

    def __init__(
        self,
        settings: Settings,
        name: str,
        wake: int | None = None,
        questions: Sequence[socket.socket] = (),
        lanes: Sequence[Lane] = job_queue.LANES,
    ) -> None:
        self.settings, self.name, self.lanes = settings, name, lanes
        self.wake, self.question_sockets = wake, questions
        self.database = Database(settings.database, connections=2)
        self.sandbox = Sandbox(1)  # Always locked: where there is no sandbox, programs are ungraded.
        self.prepared_cache = PreparedCache(ProblemCache(self.database), settings.grading_secret, self.sandbox)
        self.stopping = False  # No event: to set one in a handler of signals may wait for itself.

    def run(self) -> None:
        """Grade until it is stopped, or the process that wakes it has gone; then end the sandbox."""
        retry, pause = 0.1, 0.0
        while not self.stopping:
            try:
                self._wait(pause)
                pause = 0.0 if self.grade_one() else POLL_SECONDS
                retry = 0.1
            except DBAPIError as error:
                log.warning("the database does not answer", extra={"error": type(error.orig).__name__})
                time.sleep(retry)
                retry = min(MAX_DATABASE_PAUSE_SECONDS, 2 * retry)
        self.sandbox.close()
        self.database.close()

    def grade_one(self) -> bool:
        """Grade one answer; return False if there was none."""
        with self.database.reading() as connection:
            if not job_queue.has_pending(connection, lanes=self.lanes):
                return False
        with self.database.writing() as connection:
            job = job_queue.claim(connection, self.name, self.settings.limits, lanes=self.lanes)
        if job is None:
            return False
        began = time.monotonic()
        seconds = self.settings.limits.lease_seconds
        with end_process_after(seconds):  # Another has taken the answer by then.
            self._store(job, self._verdict(job), until=began + seconds)
        log.info("graded", extra={"attempt": job.attempt, "seconds": round(time.monotonic() - began, 4)})
        return True

    def _store(self, job: job_queue.Job, verdict: Verdict | None, until: float) -> None:
        """Store the verdict; while the database does not answer, try until the lease is over."""
        while True:
            try:
                with self.database.writing() as connection:
                    if verdict is None:
                        job_queue.requeue(connection, job, seconds=job.tries)
                    else:
                        job_queue.finish(connection, job, verdict)
            except (OperationalError, InterfaceError):
                if self.stopping or time.monotonic() > until - 1:
                    raise
                time.sleep(0.2)
            else:
                return

    def _verdict(self, job: job_queue.Job) -> Verdict | None:
        """Return the verdict on an answer, None if the blank could not be prepared this time."""
        if exhausted := job_queue.exhausted_verdict(job, self.settings.limits):
            return exhausted
        try:
            prepared = self.prepared_cache.blank(job.snapshot, job.blank, job.exam)
        except (DBAPIError, MemoryError):
            raise
        except Fault:
            log.exception("a blank could not be prepared", extra={"attempt": job.attempt})
            return None
        except Exception:  # Our own failure on one problem must not end the grading of the others; a person is told.
            log.exception("a blank could not be prepared", extra={"attempt": job.attempt})
            return Verdict.failed("its problem could not be prepared")
        return judge(prepared, job.written, job.setting, raised=MemoryError)

    def _instant_verdict(self, question: Question) -> Verdict | None:
        """Return the verdict on an answer whose student waits, None if it is better graded from the job queue."""
        try:
            with end_process_after(self.settings.limits.lease_seconds):
                prepared = self.prepared_cache.blank(question.snapshot, question.blank)
                if isinstance(prepared, RunsCode) and prepared.runs_code(question.written):
                    return None
                return judge(prepared, question.written, "self-check", raised=MemoryError)
        except MemoryError:
            raise
        except Exception:  # The answer comes from the job queue next: there the fault is tried again, and told.
            log.exception("no instant verdict")
            return None

    def _wait(self, pause: float) -> None:
        """Answer questions until the worker is woken or the pause is over."""
        until = time.monotonic() + pause
        sources = [*self.question_sockets, *(() if self.wake is None else (self.wake,))]
        while not self.stopping:
            readable = select.select(sources, [], [], max(0.0, until - time.monotonic()))[0]
            for source in readable:
                if source is not self.wake:
                    instant_verdicts.answer(source, self._instant_verdict)
            if self.wake is not None and self.wake in readable:
                self.stopping = not _take_wake_byte(self.wake)
                return
            if time.monotonic() >= until:
                return


def _take_wake_byte(wake: int) -> bool:
    """Take one byte, which another worker may have taken already; False if the other end is closed."""
    try:
        return os.read(wake, 1) != b""
    except BlockingIOError:
        return True


def _settings(on_stdin: bool) -> Settings:
    if on_stdin:
        return Settings.from_json(sys.stdin.readline())
    return Settings()


def main(arguments: list[str] | None = None) -> None:
    """Run one worker until SIGTERM; the answer in work is finished first."""
    parser = argparse.ArgumentParser(prog="worker", description=__doc__)
    parser.add_argument("--wake", type=int)
    parser.add_argument("--questions", default="")
    parser.add_argument("--name", default=new_id())
    parser.add_argument("--lane", choices=job_queue.LANES, help="grade only these  [default: all]")
    options = parser.parse_args(arguments)
    json_logging.start()
    limit_address_space(MAX_ADDRESS_SPACE_BYTES)
    questions = [socket.socket(fileno=int(number)) for number in filter(None, options.questions.split(","))]
    lanes = (options.lane,) if options.lane else job_queue.LANES
    worker = Worker(_settings(options.wake is not None), options.name, options.wake, questions, lanes)

    def stop(*_: object) -> None:
        worker.stopping = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    worker.run()


if __name__ == "__main__":
    main()
