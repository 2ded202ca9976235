"""The processes that grade: so many are started, one that dies is replaced, and all stop together."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError

from grader.core.child_process import python_command, python_environment
from grader.web.db.engine import Database
from grader.web.db.types import new_id
from grader.web.domain.grading import job_queue
from grader.web.domain.grading.instant_verdicts import Asking
from grader.web.settings import Settings

GRACE = 30.0
"""Seconds that a process has for the answer in hand when all stop."""
SLOWEST = 10.0
"""The most seconds between two starts of a process that keeps dying."""
log = logging.getLogger("grader.web.crew")


@dataclass
class _Member:
    name: str
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)


class WorkerPool:
    """``settings.workers`` grading processes, from ``start`` (or the beginning of a ``with`` block) to ``stop``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.database, connections=1)
        self.members: list[_Member] = []
        self.restarts = 0
        self._stopping = threading.Event()
        self.asking = Asking()
        self._ear, self._bell = os.pipe()
        os.set_blocking(self._ear, False)
        os.set_blocking(self._bell, False)
        self._watcher = threading.Thread(target=self._watch, name="crew", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start all processes, and watch them; what those of a killed server had in hand is taken again at once."""
        with self.database.writing() as connection:
            job_queue.release_all(connection)
        self.asking.open()
        self.members = [self._begin() for _ in range(self.settings.workers)]
        self._watcher.start()

    def notify(self) -> None:
        """Tell one process that there is something to grade; call it when the transaction of a submission has ended."""
        with contextlib.suppress(BlockingIOError):  # There are rings enough that nobody has heard yet.
            os.write(self._bell, b"!")

    def alive(self) -> int:
        """Return how many processes run."""
        return sum(each.process.poll() is None for each in self.members)

    def stop(self, grace: float = GRACE) -> None:
        """Let each process finish the answer in hand, and end those that take too long."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        for each in self.members:
            each.process.terminate()
        deadline = time.monotonic() + grace
        for each in self.members:
            try:
                each.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("a grading process did not stop in time")
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(each.process.pid, signal.SIGKILL)
                each.process.wait()
        self.asking.close()
        for end in (self._ear, self._bell):
            os.close(end)
        self.database.close()

    def _begin(self) -> _Member:
        name = new_id()
        asked = [each.fileno() for each in self.asking.there]
        ends = ["--bell", str(self._ear), "--asked", ",".join(map(str, asked))]
        process = subprocess.Popen(
            python_command("grader.web.domain.grading.worker", *ends, "--name", name),
            stdin=subprocess.PIPE,
            pass_fds=[self._ear, *asked],
            env=python_environment(),
            start_new_session=True,
        )
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin as told:
            told.write(self.settings.to_json().encode() + b"\n")
        return _Member(name, process)

    def _watch(self) -> None:
        pause = 0.0
        while not self._stopping.wait(0.1):
            for place, each in enumerate(self.members):
                if each.process.poll() is None:
                    continue
                lived = time.monotonic() - each.started
                pause = 0.0 if lived > SLOWEST else min(SLOWEST, 2 * pause + 0.1)
                log.warning("a grading process has ended", extra={"code": each.process.returncode})
                self._release(each.name)
                if self._stopping.wait(pause):
                    return
                self.members[place] = self._begin()
                self.restarts += 1

    def _release(self, name: str) -> None:
        """Let others take at once what a dead process had in hand."""
        try:
            with self.database.writing() as connection:
                job_queue.release(connection, name)
        except DBAPIError:
            log.warning("the database does not answer")  # Its leases end by themselves.
