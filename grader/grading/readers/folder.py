"""The files of a folder that a reader knows, in the order of their names."""

from __future__ import annotations

from collections.abc import Container, Iterable
from pathlib import Path

from grader.core.errors import Complaint

CLUTTER_NAMES = frozenset(("Thumbs.db", "desktop.ini", "__MACOSX"))
MAX_NAMED = 5


def files(folder: Path, endings: Container[str]) -> tuple[list[Path], list[Path]]:
    """Return the files to read and everything else but what systems and editors leave behind."""
    readable: list[Path] = []
    others: list[Path] = []
    for path in sorted(folder.iterdir()):
        if not _is_clutter(path.name):
            # A link out of a student's archive may lead to anything that the grader can read, the key included.
            wanted = path.suffix.lower() in endings and path.is_file() and not path.is_symlink()
            (readable if wanted else others).append(path)
    return readable, others


def skipped_remark(folder: str, others: list[Path], endings: Iterable[str]) -> Complaint | None:
    """Return the one remark on what was not read, if there is anything."""
    if not others:
        return None
    names = [path.name + "/" * path.is_dir() for path in others[:MAX_NAMED]]
    more = [f"{len(others) - MAX_NAMED:,} more"] if len(others) > MAX_NAMED else []
    return Complaint(
        folder,
        f"not read: {', '.join([*names, *more])}; only {', '.join(endings)} files are read, and no links",
    )


def _is_clutter(name: str) -> bool:
    return name.startswith((".", "~$", "~lock")) or name.endswith("~") or name in CLUTTER_NAMES
