"""Which problems a check is about: the folders under the paths that were named, perhaps only those that changed."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grader.authoring.loader import SPEC
from grader.core.errors import Complaint, InputError, nearest

PROBLEM_FILES = frozenset((SPEC, "problem.yml", "reference.py", "examples.yaml"))
"""Files by which a folder is known to be meant as a problem."""
GIT_SETTINGS = ("core.fsmonitor=false", "safe.bareRepository=explicit")
"""What git must not take from a repository that somebody else wrote: a program to run, and a repository that is part of a change."""
GIT_FOLDER = ("HEAD", "objects", "refs")
MAX_HASHED_BYTES = 10_000_000
"""Bytes of a file in a problem's folder that count for its hash."""


def find_problems(paths: Iterable[Path]) -> list[Path]:
    """Return the folders of problems at or under paths, each once, in order; a file stands for the problem it belongs to.

    Raises InputError for a path that is not there, or a folder without a problem.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if not path.exists():
            near = nearest(path.name, (each.name for each in path.parent.glob("*")))
            raise InputError(Complaint(str(path), "there is no such file or folder", suggestion=near))
        own = list(_problems_below(path)) if path.is_dir() else _enclosing_problem(path)
        if path.is_dir() and not own:
            raise InputError(Complaint(str(path), f"there is no problem here: no folder with a {SPEC}"))
        for folder in own:
            found.setdefault(folder.resolve(), folder)
    return list(found.values())


def _enclosing_problem(file: Path) -> list[Path]:
    """Return the problem that a file belongs to, however deep in its folder; a file of no problem has none."""
    whole = [*file.parents, *(each for each in file.resolve().parents if not file.is_absolute())]
    return next(([folder] for folder in whole if (folder / SPEC).is_file()), [])


def _problems_below(top: Path) -> Iterator[Path]:
    """Yield the problems in a folder, by name; what looks like one is one, so that a misnamed file is not passed over.

    Links are not walked through; one that leads to a problem comes after all the others.
    """
    linked = []
    for inside, folders, files in os.walk(top):
        folders[:] = sorted(each for each in folders if not each.startswith((".", "_")))
        linked += [
            link
            for each in folders
            if (link := Path(inside, each)).is_symlink() and PROBLEM_FILES & set(os.listdir(link))
        ]
        if PROBLEM_FILES & {*files, *folders}:
            folders.clear()
            yield Path(inside)
    yield from linked


def duplicate_ids(folders: Sequence[Path]) -> dict[Path, Path]:
    """Return the folders whose problem has the id of an earlier one, with that one: marks are kept by the id."""
    first: dict[str, Path] = {}
    return {
        folder: first[name] for folder in folders if first.setdefault(name := folder.resolve().name, folder) != folder
    }


def changed_problems(folders: Iterable[Path], revision: str) -> list[Path]:
    """Return the folders in which a file differs from a revision of git, or is new; raises InputError."""
    folders = list(folders)
    for folder in folders:
        _check_no_git_folder(folder.resolve())
    top = Path(_git(["rev-parse", "--show-toplevel"], folders[0] if folders else Path.cwd()).strip("\n"))
    if revision.startswith("-"):
        raise InputError(Complaint("--changed", f"{revision!r} is no revision"))
    named = _git(["diff", "--name-only", "--no-renames", "-z", "--merge-base", revision, "--"], top)
    new = _git(["ls-files", "--others", "--exclude-standard", "-z"], top)
    files = {top / name for name in (named + new).split("\0") if name}
    touched = {parent for file in files for parent in file.parents}
    return [folder for folder in folders if folder.resolve() in touched]


def _check_no_git_folder(folder: Path) -> None:
    """Raise InputError for a folder that git takes for a repository: its settings, part of a change, may name programs to run."""
    for inside in (folder, *folder.parents):
        if (inside / ".git").exists():
            return
        if all((inside / name).exists() for name in GIT_FOLDER):
            message = "git would take this folder for a repository, whose settings may run programs; remove HEAD, objects and refs"
            raise InputError(Complaint(str(inside), message))


def _git(arguments: list[str], folder: Path) -> str:
    try:
        settings = [part for each in GIT_SETTINGS for part in ("-c", each)]
        done = subprocess.run(["git", *settings, *arguments], cwd=folder, capture_output=True, check=False)
    except OSError as error:
        raise InputError(Complaint("--changed", f"git cannot be run: {error.strerror}")) from error
    if done.returncode:
        said = (os.fsdecode(done.stderr).strip().splitlines() or ["git failed"])[0]
        raise InputError(Complaint("--changed", said))
    return os.fsdecode(done.stdout)


def content_hash(folder: Path) -> str:
    """Return a hash of all that is in a problem's folder, by which its report may be kept."""
    digest = hashlib.sha256()
    for inside, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if each != "__pycache__")
        for name in sorted(files):
            file = Path(inside, name)
            if file.is_symlink():  # Nothing is read through it; where it leads is part of what the folder holds.
                digest.update(os.fsencode(f"{file.relative_to(folder)} -> {os.readlink(file)}"))
            elif file.is_file():
                digest.update(hashlib.sha256(os.fsencode(file.relative_to(folder))).digest())
                with file.open("rb") as data:
                    digest.update(hashlib.sha256(data.read(MAX_HASHED_BYTES)).digest())
    return digest.hexdigest()
