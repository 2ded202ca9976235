"""The worker pool of a check: several problems at a time, each in a process that can be ended, reports in the order of the folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Self

from grader.authoring.checks.findings import CheckFinding, Report, report_from_json
from grader.authoring.checks.runner.discovery import duplicate_ids
from grader.authoring.checks.runner.report_cache import ReportCache
from grader.authoring.loader import SPEC
from grader.authoring.reference_functions import REFERENCE_SECONDS
from grader.core.errors import Complaint
from grader.core.processes.child_process import ChildProcess, DeadlineExceeded, ProcessEnded
from grader.core.processes.environment import PASSED_VARIABLES, python_environment

CHECK_SECONDS = 60.0
"""Seconds that the check of one problem may take."""


@dataclass
class WorkerPool:
    """Worker processes, started when they are needed.

    ``seconds`` is the deadline of one check, and ``reference_seconds`` that of one step of its ``reference.py``, by default a third
    of it. Reports in ``cache`` are not made again.
    """

    workers: int
    seconds: float = CHECK_SECONDS
    cache: ReportCache | None = None
    idle: SimpleQueue[ChildProcess | None] = field(default_factory=SimpleQueue)
    started: list[ChildProcess] = field(default_factory=list)
    reference_seconds: float | None = None
    untrusted: bool = False
    """Whether problems are of strangers: a ``reference.py`` is refused where it cannot be locked in, and the processes get few
    variables of this one's environment, since the memory of one is copied into the next."""

    def __post_init__(self) -> None:
        for _ in range(self.workers):
            self.idle.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """End all processes; a thread that waits for an answer goes on at once."""
        for child in self.started:
            child.close()

    def check(self, folders: Sequence[Path], step: Callable[[], None]) -> list[Report]:
        """Return a report for each folder; ``step`` is called as each is done."""

        def one(folder: Path) -> Report:
            report = self.report(folder)
            step()
            return report

        with ThreadPoolExecutor(self.workers, thread_name_prefix="check") as pool:
            futures = [pool.submit(one, folder) for folder in folders]
            try:
                return [future.result() for future in futures]
            except BaseException:  # Interrupted, or a failure of ours: the other threads wait for processes.
                pool.shutdown(wait=False, cancel_futures=True)
                self.close()
                raise

    def report(self, folder: Path) -> Report:
        """Return the report on one problem's folder, from the cache if nothing has changed."""
        try:
            return (self.cache and self.cache.find(folder)) or self._check_anew(folder)
        except (
            OSError,
            RecursionError,
            ValueError,
        ) as error:  # Whatever is odd about one folder, the others are checked.
            return _failure_report(
                folder, f"the folder cannot be read: {type(error).__name__}: {error}", grader_failed=False
            )

    def _check_anew(self, folder: Path) -> Report:
        report = self._ask_worker(folder)
        if self.cache:
            self.cache.store(folder, report)
        return report

    def _ask_worker(self, folder: Path) -> Report:
        child: ChildProcess | None = self.idle.get()
        try:
            if child is None:
                environment = python_environment(PASSED_VARIABLES) if self.untrusted else None
                child = ChildProcess("grader.authoring.checks.runner.worker", environment, may_start=True)
                self.started.append(child)
            request = {
                "path": str(folder),
                "reference_seconds": self.reference_seconds or min(REFERENCE_SECONDS, self.seconds / 3),
                "untrusted": self.untrusted,
            }
            answer = child.ask(request, self.seconds)
        except DeadlineExceeded:
            child = None
            return _failure_report(
                folder, f"the check took longer than {self.seconds:g} seconds and was ended", grader_failed=False
            )
        except ProcessEnded as ended:
            child = None
            last = (ended.errors.strip().splitlines() or ["no message"])[-1]
            return _failure_report(
                folder, f"the grader itself failed: its process ended (exit code {ended.code}): {last}"
            )
        finally:
            self.idle.put(child)
        if "failed" in answer:
            return _failure_report(folder, f"the grader itself failed; please report this:\n{answer['failed']}")
        return report_from_json(answer)


def flag_duplicate_ids(folders: Sequence[Path], reports: list[Report]) -> list[Report]:
    """Add a finding to each problem whose id another one has."""
    others = duplicate_ids(folders)
    found = []
    for folder, report in zip(folders, reports, strict=True):
        if other := others.get(folder):
            message = f"there are two problems {report.problem!r}: the other is {other}"
            clash = CheckFinding("spec", Complaint(str(folder / SPEC), message))
            report = replace(report, findings=(clash, *report.findings))
        found.append(report)
    return found


def _failure_report(folder: Path, message: str, grader_failed: bool = True) -> Report:
    finding = CheckFinding("run", Complaint(str(folder / SPEC), message), grader_failed=grader_failed)
    return Report(folder.resolve().name, str(folder), (finding,), cacheable=False)
