"""The worker pool: so many grading processes are started, one that dies is replaced (supervision), and all stop together."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import threading
import time
from dataclasses import dataclass, field
from itertools import chain
from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError

from grader.core.processes.fork_server import ForkedProcess, start_process
from grader.web.db.column_types import new_id
from grader.web.db.engine import Database
from grader.web.domain import audit_chain
from grader.web.domain.exams.exams import Lane
from grader.web.domain.grading import job_queue
from grader.web.domain.grading.instant_verdicts import InstantVerdicts
from grader.web.domain.grading.job_queue import LANES
from grader.web.settings import Settings

STOP_GRACE_SECONDS = 30.0
"""What a worker has for the answer in work when all stop."""
MAX_RESTART_PAUSE_SECONDS = 10.0
"""Longest pause between two starts of a worker that keeps dying."""
STDOUT, STDERR = 1, 2
LINK_SECONDS = 2.0
"""Seconds after which events of the audit log are linked."""
log = logging.getLogger("grader.web.worker_pool")


@dataclass
class _WorkerProcess:
    name: str
    lane: Lane
    process: ForkedProcess
    started: float = field(default_factory=time.monotonic)


class WorkerPool:
    """``settings.workers`` grading processes for each lane, from ``start`` (or the beginning of a ``with`` block) to ``stop``.

    Programs have processes of their own: whatever they do, other answers are not kept waiting.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.database, connections=1)
        self.workers: list[_WorkerProcess] = []
        self.restarts = 0
        self._stopping = threading.Event()
        self.instant_verdicts = InstantVerdicts()
        self._wake_pipes = {lane: os.pipe() for lane in LANES}
        for end in chain.from_iterable(self._wake_pipes.values()):
            os.set_blocking(end, False)
        self._watcher = threading.Thread(target=self._watch, name="worker-pool", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start all processes, and watch them; what the workers of a killed server had leased is free again at once."""
        with self.database.writing() as connection:
            job_queue.release_all(connection)
        self.instant_verdicts.open()
        self.workers = [self._start_worker(lane) for lane in LANES for _ in range(self.settings.workers)]
        self._watcher.start()

    def notify(self) -> None:
        """Wake a worker of each lane; call it when the transaction of a submission has ended, or it finds nothing yet."""
        for _, write in self._wake_pipes.values():
            with contextlib.suppress(BlockingIOError):  # The pipe is full: enough workers will wake.
                os.write(write, b"!")

    def alive(self) -> int:
        """Return how many workers run."""
        return sum(worker.process.poll() is None for worker in self.workers)

    def stop(self, grace: float = STOP_GRACE_SECONDS) -> None:
        """Let each worker finish the answer in work, and end those that take longer than ``grace`` seconds."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        for worker in self.workers:
            worker.process.terminate()
        deadline = time.monotonic() + grace
        for worker in self.workers:
            try:
                worker.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("a grading process did not stop in time")
                worker.process.kill()
        self.instant_verdicts.close()
        for end in chain.from_iterable(self._wake_pipes.values()):
            os.close(end)
        self.database.close()

    def _start_worker(self, lane: Lane) -> _WorkerProcess:
        name = new_id()
        # What waits for a program would keep a student waiting who is to have a verdict at once.
        servers = self.instant_verdicts.servers if lane == "answers" else ()
        descriptors = [self._wake_pipes[lane][0], *(server.fileno() for server in servers)]
        numbers = range(STDERR + 1, STDERR + 1 + len(descriptors))  # Under which the worker has them.
        ends = ["--wake", str(numbers[0]), "--questions", ",".join(map(str, numbers[1:]))]
        stdin, settings = os.pipe()
        try:
            process = start_process(
                "grader.web.domain.grading.worker",
                [*ends, "--name", name, "--lane", lane],
                descriptors=[stdin, STDOUT, STDERR, *descriptors],
            )
        finally:
            os.close(stdin)
            with contextlib.suppress(BrokenPipeError), open(settings, "w", encoding="utf-8") as pipe:
                pipe.write(self.settings.to_json() + "\n")
        return _WorkerProcess(name, lane, process)

    def _watch(self) -> None:
        pause, linked = 0.0, time.monotonic()
        while not self._stopping.wait(0.1):
            if time.monotonic() - linked > LINK_SECONDS:
                self._link_audit_log()
                linked = time.monotonic()
            for index, worker in enumerate(self.workers):
                if worker.process.poll() is None:
                    continue
                lived = time.monotonic() - worker.started
                pause = 0.0 if lived > MAX_RESTART_PAUSE_SECONDS else min(MAX_RESTART_PAUSE_SECONDS, 2 * pause + 0.1)
                log.warning("a grading process has ended", extra={"code": worker.process.returncode})
                self._release(worker.name)
                if self._stopping.wait(pause):
                    return
                try:
                    self.workers[index] = self._start_worker(worker.lane)
                except Exception:  # Nothing can be started now: without this thread nothing ever would be.
                    log.exception("a grading process cannot be started")
                    continue
                self.restarts += 1

    def _link_audit_log(self) -> None:
        with contextlib.suppress(DBAPIError):  # The database does not answer, or is busy: next time.
            audit_chain.link_all(self.database, self.settings)

    def _release(self, name: str) -> None:
        """Let others take at once what a dead worker had leased."""
        try:
            with self.database.writing() as connection:
                job_queue.release(connection, name)
        except DBAPIError:
            log.warning("the database does not answer")  # Its leases end by themselves.
