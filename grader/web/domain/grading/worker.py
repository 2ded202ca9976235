"""A process that takes answers from the database and grades them: ``python -m grader.web.grading_worker``.

It finds its settings in GRADER_DATABASE and GRADER_SECRET. With ``--bell FD`` it is told them in one line of JSON on
standard input, hears on a pipe when there is something to do, and ends when whoever holds the other end has ended; with
``--asked FD,FD`` it answers questions too, on sockets, between two answers of the database (``at_once``).
"""

from __future__ import annotations

import argparse
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from grader.core import json_logging
from grader.core.errors import Fault
from grader.core.verdict import Verdict
from grader.grading.grade import judge
from grader.kinds.base.prepared import RunsCode
from grader.sandbox import Sandbox
from grader.web.db.engine import Database
from grader.web.db.types import new_id
from grader.web.domain.exams.snapshots import ProblemCache
from grader.web.domain.grading import instant_verdicts, job_queue
from grader.web.domain.grading.instant_verdicts import Question
from grader.web.domain.grading.prepared_cache import Ready
from grader.web.settings import Settings

IDLE = 0.25
"""Seconds after which the database is asked, even if no bell rang."""
HICCUP = 5.0
"""The most seconds between two tries to reach the database."""
log = logging.getLogger("grader.web.worker")


class Worker:
    """Grades one answer after another until it is stopped."""

    def __init__(
        self, settings: Settings, name: str, bell: int | None = None, asked: Sequence[socket.socket] = ()
    ) -> None:
        self.settings, self.name, self.bell, self.asked = settings, name, bell, asked
        self.database = Database(settings.database, connections=2)
        self.sandbox = Sandbox(1)  # Always locked: where there is no sandbox, programs are ungraded.
        self.ready = Ready(ProblemCache(self.database), settings.grading_secret, self.sandbox)
        self.stopping = False  # No event: to set one in a handler of signals may wait for itself.
        self._overdue = float("inf")

    def run(self) -> None:
        """Grade until it is stopped, or whoever rings the bell has gone; then end the sandbox."""
        threading.Thread(target=self._watch, daemon=True).start()
        hiccup, pause = 0.1, 0.0
        while not self.stopping:
            try:
                self._listen(pause)
                pause = 0.0 if self.one() else IDLE
                hiccup = 0.1
            except DBAPIError as error:
                log.warning("the database does not answer", extra={"error": type(error.orig).__name__})
                time.sleep(hiccup)
                hiccup = min(HICCUP, 2 * hiccup)
        self.sandbox.close()
        self.database.close()

    def one(self) -> bool:
        """Grade one answer; return False if there was none."""
        with self.database.reading() as connection:
            if not job_queue.is_any(connection):
                return False
        with self.database.writing() as connection:
            job = job_queue.claim(connection, self.name, self.settings.limits)
        if job is None:
            return False
        began = time.monotonic()
        self._overdue = began + self.settings.limits.lease
        try:
            self._keep(job, self._verdict(job))
        finally:
            self._overdue = float("inf")
        log.info("graded", extra={"attempt": job.attempt, "seconds": round(time.monotonic() - began, 4)})
        return True

    def _keep(self, job: job_queue.Job, verdict: Verdict | None) -> None:
        """Write down what was found; while the database does not answer, try until the lease is over."""
        while True:
            try:
                with self.database.writing() as connection:
                    if verdict is None:
                        job_queue.give_back(connection, job, seconds=job.tries)
                    else:
                        job_queue.finish(connection, job, verdict)
            except (OperationalError, InterfaceError):
                if self.stopping or time.monotonic() > self._overdue - 1:
                    raise
                time.sleep(0.2)
            else:
                return

    def _verdict(self, job: job_queue.Job) -> Verdict | None:
        """Return the verdict on an answer, None if the blank could not be made ready this time."""
        if gone := job_queue.given_up(job, self.settings.limits):
            return gone
        try:
            ready = self.ready.blank(job.snapshot, job.blank)
        except DBAPIError:
            raise
        except Fault:
            log.exception("a blank could not be made ready", extra={"attempt": job.attempt})
            return None
        except Exception:  # Our own failure on one problem must not end the grading of the others; a person is told.
            log.exception("a blank could not be made ready", extra={"attempt": job.attempt})
            return Verdict.failed("its problem could not be prepared")
        return judge(ready, job.written, job.setting)

    def _answer(self, question: Question) -> Verdict | None:
        """Return the verdict on an answer whose student waits, None if it is better graded from the database."""
        self._overdue = time.monotonic() + self.settings.limits.lease
        try:
            ready = self.ready.blank(question.snapshot, question.blank)
            if isinstance(ready, RunsCode) and ready.runs_code(question.written):
                return None
            return judge(ready, question.written, "self-check")
        except Exception:  # What it was is told, and tried again, when the answer comes from the database.
            log.exception("no verdict at once")
            return None
        finally:
            self._overdue = float("inf")

    def _listen(self, pause: float) -> None:
        """Answer questions until the bell rings or the pause is over."""
        until = time.monotonic() + pause
        ends = [*self.asked, *(() if self.bell is None else (self.bell,))]
        while not self.stopping:
            heard = select.select(ends, [], [], max(0.0, until - time.monotonic()))[0]
            for each in heard:
                if each is not self.bell:
                    instant_verdicts.answer(each, self._answer)
            if self.bell is not None and self.bell in heard:
                self.stopping = not _rung(self.bell)
                return
            if time.monotonic() >= until:
                return

    def _watch(self) -> None:
        """End this process when an answer takes longer than its lease: another has taken it by then."""
        while True:
            time.sleep(0.5)
            if time.monotonic() > self._overdue:
                log.error("an answer took longer than its lease")
                os._exit(70)


def _rung(bell: int) -> bool:
    """Take one ring, which another worker may have taken already; False if nobody will ring again."""
    try:
        return os.read(bell, 1) != b""
    except BlockingIOError:
        return True


def _settings(told: bool) -> Settings:
    if told:
        return Settings.from_json(sys.stdin.readline())
    return Settings()


def main(arguments: list[str] | None = None) -> None:
    """Run one worker until SIGTERM; the answer in hand is finished first."""
    parser = argparse.ArgumentParser(prog="grading_worker", description=__doc__)
    parser.add_argument("--bell", type=int)
    parser.add_argument("--asked", default="")
    parser.add_argument("--name", default=new_id())
    chosen = parser.parse_args(arguments)
    json_logging.start()
    asked = [socket.socket(fileno=int(each)) for each in filter(None, chosen.asked.split(","))]
    worker = Worker(_settings(chosen.bell is not None), chosen.name, chosen.bell, asked)

    def stop(*_: object) -> None:
        worker.stopping = True

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
    worker.run()


if __name__ == "__main__":
    main()
