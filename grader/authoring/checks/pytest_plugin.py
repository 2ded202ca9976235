"""The check of problems as tests: ``pytest problems/`` collects each ``problem.yaml`` as a file with a test for each check."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # pytest loads this module in every run: what it needs is imported when there is a problem.
    from grader.authoring.checks.findings import CheckFinding, Report
    from grader.authoring.checks.runner.worker_pool import WorkerPool

SPEC = "problem.yaml"
POOL: pytest.StashKey[WorkerPool] = pytest.StashKey()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a problem."""
    return ProblemFile.from_parent(parent, path=file_path) if file_path.name == SPEC else None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the process in which problems were checked."""
    if POOL in session.config.stash:
        session.config.stash[POOL].close()


class FindingsReported(Exception):
    """The findings of one check."""


class ProblemFile(pytest.File):
    """One problem; it is checked when its first test runs, in a process that can be ended."""

    @cached_property
    def report(self) -> Report:
        """What the check found."""
        from grader.authoring.checks.runner import report_cache, worker_pool

        checking = self.config.stash.setdefault(
            POOL, worker_pool.WorkerPool(1, cache=report_cache.ReportCache(report_cache.cache_folder()))
        )
        return checking.report(self.path.parent)

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test for each check."""
        from grader.authoring.checks.findings import CHECKS

        for name in CHECKS:
            yield CheckItem.from_parent(self, name=name)


class CheckItem(pytest.Item):
    """One check of one problem."""

    def runtest(self) -> None:
        """Fail with what was found."""
        assert isinstance(self.parent, ProblemFile)
        found: list[CheckFinding] = [each for each in self.parent.report.findings if each.check == self.name]
        if found:
            from grader.core.printable import printable

            lines = (f"{each.level}: {each.complaint}".replace("\n", "\n    ") for each in found)
            raise FindingsReported(printable("\n".join(lines)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kwargs: Any) -> Any:
        """Show findings without a traceback, which would be one of ours."""
        if isinstance(excinfo.value, FindingsReported):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args, **kwargs)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Name the file and the check."""
        return self.path, None, f"{self.path.parent.name}: {self.name}"
