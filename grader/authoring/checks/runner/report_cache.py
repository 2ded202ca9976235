"""The cache of check reports, and its invalidation: one holds until its problem's files change, the grader, or what it depends on."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from grader.authoring.checks.findings import Report, report_from_json
from grader.authoring.checks.runner import discovery
from grader.core.files.atomic_write import write_atomically

DEPENDENCIES = ("numpy", "scipy", "python-flint", "math-core", "pydantic")


def cache_folder() -> Path:
    """Return the cache folder of the user, as the XDG Base Directory Specification names it."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if os.path.isabs(home) else Path.home() / ".cache") / "grader" / "check"


@dataclass(frozen=True)
class ReportCache:
    """Reports in a folder, by a hash of what they were made from; a folder that cannot be written stores nothing."""

    folder: Path

    @cached_property
    def version(self) -> str:
        """A hash of what a report depends on besides the problem: the files of the grader, Python and the packages below it."""
        digest = hashlib.sha256(sys.version.encode())
        root = Path(__file__).parents[3]
        for file in sorted(each for each in root.rglob("*") if each.suffix in (".py", ".txt", ".html", ".css")):
            digest.update(file.read_bytes())
        for name in DEPENDENCIES:
            digest.update(f"{name} {_version(name)}".encode())
        return digest.hexdigest()

    def _file(self, path: Path) -> Path:
        name = f"{self.version} {path.resolve().name} {discovery.content_hash(path)}"
        return self.folder / f"{hashlib.sha256(name.encode()).hexdigest()}.json"

    def find(self, path: Path) -> Report | None:
        """Return the report on a problem's folder as it is now, or None.

        A report that is cut off, or of another layout, counts as none: it is made anew.
        """
        try:
            report = report_from_json(json.loads(self._file(path).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        return _with_path(report, str(path))

    def store(self, path: Path, report: Report) -> None:
        """Store a report, if it is cacheable."""
        if not report.cacheable:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self._file(path), json.dumps(report.to_json()))
        except OSError:  # What is not stored is made again: a check must not fail for that.
            return


def _with_path(report: Report, path: str) -> Report:
    """Return a report as if its problem had been checked under another path."""
    findings = tuple(
        replace(each, complaint=replace(each.complaint, file=path + each.complaint.file.removeprefix(report.path)))
        for each in report.findings
    )
    return replace(report, path=path, findings=findings)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
