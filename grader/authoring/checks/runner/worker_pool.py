"""Checking many problems: several at a time, each in a process that can be ended, in the order in which they were named."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Self

from grader.authoring.checks.findings import Finding, Report, restored
from grader.authoring.checks.runner.cache import Kept
from grader.authoring.checks.runner.discovery import namesakes
from grader.authoring.loader import SPEC
from grader.core.child_process import ChildProcess, DeadlineExceeded, ProcessEnded, python_environment
from grader.core.errors import Complaint

SECONDS = 60.0
"""How long the check of one problem may take."""


@dataclass
class Crew:
    """Processes that check problems, begun when they are needed; ``kept`` has the reports that need not be made again."""

    workers: int
    seconds: float = SECONDS
    kept: Kept | None = None
    idle: SimpleQueue[ChildProcess | None] = field(default_factory=SimpleQueue)
    begun: list[ChildProcess] = field(default_factory=list)

    def __post_init__(self) -> None:
        for _ in range(self.workers):
            self.idle.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """End all processes; whoever waits for one goes on at once."""
        for child in self.begun:
            child.close()

    def check(self, folders: Sequence[Path], step: Callable[[], None]) -> list[Report]:
        """Return a report for each folder; ``step`` is called as each is done."""

        def one(folder: Path) -> Report:
            report = self.report(folder)
            step()
            return report

        with ThreadPoolExecutor(self.workers, thread_name_prefix="check") as pool:
            begun = [pool.submit(one, folder) for folder in folders]
            try:
                return [each.result() for each in begun]
            except BaseException:  # Interrupted, or a failure of ours: the other threads wait for processes.
                pool.shutdown(wait=False, cancel_futures=True)
                self.close()
                raise

    def report(self, folder: Path) -> Report:
        """Return the report on one problem's folder, a kept one if nothing has changed."""
        try:
            return (self.kept and self.kept.find(folder)) or self._made(folder)
        except (
            OSError,
            RecursionError,
            ValueError,
        ) as error:  # Whatever is odd about one folder, the others are checked.
            return _failed(folder, f"the folder cannot be read: {type(error).__name__}: {error}", ours=False)

    def _made(self, folder: Path) -> Report:
        report = self._asked(folder)
        if self.kept:
            self.kept.keep(folder, report)
        return report

    def _asked(self, folder: Path) -> Report:
        child: ChildProcess | None = self.idle.get()
        try:
            if child is None:
                child = ChildProcess("grader.authoring.checks.runner.worker", python_environment())
                self.begun.append(child)
            answer = child.ask({"path": str(folder), "seconds": self.seconds, "parent": os.getpid()}, self.seconds)
        except DeadlineExceeded:
            child = None
            return _failed(folder, f"the check took longer than {self.seconds:g} seconds and was ended", ours=False)
        except ProcessEnded as ended:
            child = None
            last = (ended.errors.strip().splitlines() or ["no message"])[-1]
            return _failed(folder, f"the grader itself failed: its process ended (exit code {ended.code}): {last}")
        finally:
            self.idle.put(child)
        if "failed" in answer:
            return _failed(folder, f"the grader itself failed; please report this:\n{answer['failed']}")
        return restored(answer)


def told_apart(folders: Sequence[Path], reports: list[Report]) -> list[Report]:
    """Add a finding to each problem whose id another one has."""
    others = namesakes(folders)
    found = []
    for folder, report in zip(folders, reports, strict=True):
        if other := others.get(folder):
            message = f"there are two problems {report.problem!r}: the other is {other}"
            clash = Finding("spec", Complaint(str(folder / SPEC), message))
            report = replace(report, findings=(clash, *report.findings))
        found.append(report)
    return found


def _failed(folder: Path, message: str, ours: bool = True) -> Report:
    finding = Finding("run", Complaint(str(folder / SPEC), message), ours=ours)
    return Report(folder.resolve().name, str(folder), (finding,), kept=False)
