"""Snapshots: problems as they were when an exam was opened, all files of a folder under the hash of what they hold."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, insert, select

from grader.authoring.loader import load_problem
from grader.core.errors import Fault, SpecError
from grader.core.seeds import Secret
from grader.grading.problem import Problem
from grader.kinds.base.context import BlankSpecError
from grader.kinds.base.public import Public
from grader.sandbox import Sandbox
from grader.web.db import tables
from grader.web.db.column_types import now_or
from grader.web.db.engine import Database
from grader.web.errors import NotFound, TooLarge

MAX_FOLDER_BYTES = 20_000_000
"""All files of one problem together."""


@dataclass(frozen=True)
class Snapshot:
    """The files of one problem's folder by their paths, and the name of the folder."""

    problem: str
    files: Mapping[str, bytes]

    @cached_property
    def hash(self) -> str:
        """What names it: the same for the same name and the same files."""
        digest = hashlib.sha256(hashlib.sha256(self.problem.encode()).digest())
        for name in sorted(self.files):
            digest.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(self.files[name]).digest())
        return digest.hexdigest()

    def restore(self, into: Path) -> Path:
        """Write the files into a private folder, and return the problem's folder in it."""
        folder = into / self.problem
        for path, data in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        return folder

    def load(self) -> Problem:
        """Read the problem that the files are; raises SpecError."""
        with tempfile.TemporaryDirectory(prefix="grader-") as private:
            return load_problem(self.restore(Path(private)))  # What is needed of the files is in memory then.


def capture(folder: Path) -> Snapshot:
    """Read a problem's folder as it is now, without hidden files, caches and links; raises TooLarge."""
    folder = folder.resolve()
    files: dict[str, bytes] = {}
    remaining = MAX_FOLDER_BYTES
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in name.parts)
        if hidden or not path.is_file() or path.resolve() != path:
            continue
        data = path.read_bytes()
        remaining -= len(data)
        if remaining < 0:
            raise TooLarge(f"The folder {folder.name} holds more than {MAX_FOLDER_BYTES:,} bytes.")
        files[name.as_posix()] = data
    return Snapshot(folder.name, files)


def capture_checked(folder: Path) -> tuple[Snapshot, Problem]:
    """Return a folder's snapshot and the problem that it is; raises SpecError with places in the author's own files."""
    snapshot = capture(folder)
    try:
        return snapshot, snapshot.load()
    except SpecError:
        load_problem(folder)
        raise


def store(connection: Connection, snapshot: Snapshot, now: datetime | None = None) -> str:
    """Store a snapshot, once, and return its hash."""
    same = select(tables.snapshots.c.hash).where(tables.snapshots.c.hash == snapshot.hash)
    if connection.execute(same).first() is None:
        row = {"hash": snapshot.hash, "problem": snapshot.problem, "stored_at": now_or(now)}
        connection.execute(insert(tables.snapshots).values(row))
        rows = [{"snapshot": snapshot.hash, "path": path, "data": data} for path, data in snapshot.files.items()]
        connection.execute(insert(tables.snapshot_files), rows)
    return snapshot.hash


def find(connection: Connection, hash: str) -> Snapshot:
    """Return the snapshot of a hash; raises NotFound, and ValueError if it is not what was stored."""
    name = connection.execute(select(tables.snapshots.c.problem).where(tables.snapshots.c.hash == hash)).scalar()
    if name is None:
        raise NotFound
    files = tables.snapshot_files
    rows = connection.execute(select(files.c.path, files.c.data).where(files.c.snapshot == hash))
    snapshot = Snapshot(name, {row.path: bytes(row.data) for row in rows})
    if snapshot.hash != hash or not all(map(_is_relative, (name, *snapshot.files))):
        raise ValueError(f"the snapshot {hash} is not what was kept")
    return snapshot


class ProblemCache:
    """A cache of the problems that this process has read from their snapshots, each once; safe for several threads.

    The public parts of blanks are cached too.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._problems: dict[str, Problem] = {}
        self._public_parts: dict[tuple[str, str], Public] = {}
        self._official_answers: dict[str, Mapping[str, str]] = {}
        self._lock = threading.Lock()

    def problem(self, hash: str) -> Problem:
        """Return the problem of a snapshot; raises NotFound."""
        with self._lock:
            if hash not in self._problems:
                with self.database.reading() as connection:
                    snapshot = find(connection, hash)
                self._problems[hash] = snapshot.load()
            return self._problems[hash]

    def public(self, hash: str, address: str) -> Public:
        """Return what may be known of a blank of a snapshot; raises NotFound for the snapshot."""
        key = (hash, address)
        if key not in self._public_parts:
            problem = self.problem(hash)
            blank = next(blank for blank in problem.blanks if blank.address == address)
            self._public_parts[key] = problem.public(blank)
        return self._public_parts[key]

    def official_answers(self, hash: str, secret: Secret) -> Mapping[str, str]:
        """Return the official answers of a snapshot's blanks by address, for readers who may know the key; raises NotFound."""
        if hash not in self._official_answers:
            self._official_answers[hash] = official_answers(self.problem(hash), secret)
        return self._official_answers[hash]


def official_answers(problem: Problem, secret: Secret) -> dict[str, str]:
    """Return the official answers of a problem by address; a blank that cannot be prepared here has none."""
    answers: dict[str, str] = {}
    with contextlib.closing(Sandbox(1)) as sandbox:
        for blank in problem.blanks:
            with contextlib.suppress(Fault, BlankSpecError):
                answers[blank.address] = blank.spec.prepare(problem.context(blank, secret, sandbox)).key()
    return answers


def _is_relative(path: str) -> bool:
    return not PurePosixPath(path).is_absolute() and ".." not in PurePosixPath(path).parts
