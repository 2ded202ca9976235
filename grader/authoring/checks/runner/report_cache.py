"""The cache of check reports, and its invalidation: one holds until its problem's files change, the grader, or what it depends on."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import stat
import sys
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from grader.authoring.checks.findings import Report, report_from_json
from grader.authoring.checks.runner import discovery
from grader.core.files.atomic_write import write_atomically

KEY_FILE = "key"
KEY_BYTES = 32
DEPENDENCIES = ("numpy", "scipy", "python-flint", "math-core", "pydantic")


def cache_folder() -> Path:
    """Return the cache folder of the user, as the XDG Base Directory Specification names it."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if os.path.isabs(home) else Path.home() / ".cache") / "grader" / "check"


@dataclass(frozen=True)
class ReportCache:
    """Reports in a folder, by a hash of what they were made from; a folder that cannot be written stores nothing.

    Each carries an authentication code (HMAC) over itself and that hash, by a key that only the owner of the folder can read:
    a report that somebody else wrote, or that was made from something else, is none.
    """

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

    def _name(self, path: Path) -> str:
        """Return a hash of what the report on a problem's folder is made from."""
        name = f"{self.version} {path.resolve().name} {discovery.content_hash(path)}"
        return hashlib.sha256(name.encode()).hexdigest()

    def find(self, path: Path) -> Report | None:
        """Return the report on a problem's folder as it is now, or None.

        A report that is cut off, of another layout, or without the right authentication code counts as none: it is made anew.
        """
        try:
            key, name = _read_key(self.folder / KEY_FILE), self._name(path)
            code, _, text = (self.folder / f"{name}.json").read_text(encoding="utf-8").partition("\n")
            if key is None or not hmac.compare_digest(code.encode(), _code(key, name, text).encode()):
                return None
            report = report_from_json(json.loads(text))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        return _with_path(report, str(path))

    def store(self, path: Path, report: Report) -> None:
        """Store a report, if it is cacheable."""
        if not report.cacheable:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            name, text = self._name(path), json.dumps(report.to_json())
            code = _code(_make_key(self.folder / KEY_FILE), name, text)
            write_atomically(self.folder / f"{name}.json", f"{code}\n{text}")
        except OSError:  # What is not stored is made again: a check must not fail for that.
            return


def _code(key: bytes, name: str, text: str) -> str:
    return hmac.digest(key, f"{name}\n{text}".encode(), "sha256").hex()


def _read_key(file: Path) -> bytes | None:
    """Return the key in a file that is this user's and that nobody else may read or write, or None."""
    with contextlib.suppress(OSError):
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as opened:
            status = os.fstat(descriptor)
            private = stat.S_ISREG(status.st_mode) and not status.st_mode & 0o077 and status.st_uid == os.geteuid()
            key = opened.read(KEY_BYTES + 1) if private else b""
        return key if len(key) == KEY_BYTES else None
    return None


def _make_key(file: Path) -> bytes:
    """Return the key in a file; one that is missing or that somebody else may know is made anew. Raises OSError."""
    key = _read_key(file)
    if key is None:
        write_atomically(file, secrets.token_bytes(KEY_BYTES), private=True)
        key = _read_key(file)  # Another process may have made one at the same time.
    if key is None:
        raise PermissionError(f"{file} cannot be kept private")
    return key


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
