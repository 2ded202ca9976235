"""Which problems a check is about: the folders under the paths that were named, perhaps only those that changed."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.errors import Complaint, InputError, nearest
from grader.spec_file import SPEC

LARGEST = 10_000_000
"""Bytes of a file in a problem's folder that count for its hash."""


def problems(paths: Iterable[Path]) -> list[Path]:
    """Return the folders of problems at or under paths, each once, in order; a file stands for the problem it belongs to.

    Raises InputError for a path that is not there, or a folder without a problem.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            near = nearest(path.name, (each.name for each in path.parent.glob("*")))
            raise InputError(Complaint(str(path), "there is no such file or folder", suggestion=near))
        own = list(_under(path)) if path.is_dir() else _around(path)
        if path.is_dir() and not own:
            raise InputError(Complaint(str(path), f"there is no problem here: no folder with a {SPEC}"))
        found.update(dict.fromkeys(own))
    return list(found)


def _around(file: Path) -> list[Path]:
    """Return the problem that a file belongs to, however deep in its folder; a file of no problem has none."""
    return next(([folder] for folder in file.parents if (folder / SPEC).is_file()), [])


def _under(folder: Path) -> Iterator[Path]:
    if (folder / SPEC).is_file():
        yield folder
        return
    for each in sorted(folder.iterdir()):
        if each.is_dir() and not each.is_symlink() and not each.name.startswith((".", "_")):
            yield from _under(each)


def changed(folders: Iterable[Path], revision: str) -> list[Path]:
    """Return the folders in which a file differs from a revision of git, or is new; raises InputError."""
    folders = list(folders)
    top = Path(_git(["rev-parse", "--show-toplevel"], folders[0] if folders else Path.cwd()).strip("\n"))
    if revision.startswith("-"):
        raise InputError(Complaint("--changed", f"{revision!r} is no revision"))
    named = _git(["diff", "--name-only", "--no-renames", "-z", "--merge-base", revision, "--"], top)
    new = _git(["ls-files", "--others", "--exclude-standard", "-z"], top)
    files = {top / name for name in (named + new).split("\0") if name}
    touched = {parent for file in files for parent in file.parents}
    return [folder for folder in folders if folder.resolve() in touched]


def _git(arguments: list[str], folder: Path) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise InputError(Complaint("--changed", f"git cannot be run: {error.strerror}")) from error
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["git failed"])[0]
        raise InputError(Complaint("--changed", said))
    return done.stdout


def content(folder: Path) -> str:
    """Return a hash of all that is in a problem's folder, by which its report may be kept."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            name = str(file.relative_to(folder)).encode("utf-8", "surrogateescape")
            digest.update(hashlib.sha256(name).digest())
            digest.update(hashlib.sha256(file.read_bytes()[:LARGEST]).digest())
    return digest.hexdigest()
