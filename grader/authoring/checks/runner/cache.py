"""Reports that are kept until something changes: the files of a problem, the grader, or what it stands on."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from grader.authoring.checks.findings import Report, restored
from grader.authoring.checks.runner import discovery
from grader.core.files.atomic_write import write_atomically

STANDS_ON = ("numpy", "scipy", "python-flint", "math-core", "pydantic")


def place() -> Path:
    """Return the folder for what may be thrown away, as the XDG Base Directory Specification names it."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if os.path.isabs(home) else Path.home() / ".cache") / "grader" / "check"


@dataclass(frozen=True)
class Kept:
    """Reports by the content that they were made from; a folder that cannot be written keeps nothing."""

    folder: Path

    @cached_property
    def version(self) -> str:
        """What a report depends on besides the problem: the grader's own files, and what they stand on."""
        digest = hashlib.sha256(sys.version.encode())
        root = Path(__file__).parents[3]
        for file in sorted(each for each in root.rglob("*") if each.suffix in (".py", ".txt", ".html", ".css")):
            digest.update(file.read_bytes())
        for name in STANDS_ON:
            digest.update(f"{name} {_version(name)}".encode())
        return digest.hexdigest()

    def _file(self, path: Path) -> Path:
        name = f"{self.version} {path.resolve().name} {discovery.content(path)}"
        return self.folder / f"{hashlib.sha256(name.encode()).hexdigest()}.json"

    def find(self, path: Path) -> Report | None:
        """Return the report on a problem's folder as it is now, if it was kept."""
        try:
            report = restored(json.loads(self._file(path).read_text(encoding="utf-8")))
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            RecursionError,
        ):  # It is not there, or half of it is: it is made anew.
            return None
        return _moved(report, str(path))

    def keep(self, path: Path, report: Report) -> None:
        """Keep a report, if it may be kept."""
        if not report.kept:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self._file(path), json.dumps(report.plain()))
        except OSError:  # What is not kept is made again: a check must not fail for that.
            return


def _moved(report: Report, path: str) -> Report:
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
