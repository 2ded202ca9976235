"""The files of a folder that a reader knows, in the order of their names."""

from __future__ import annotations

from collections.abc import Container, Iterable
from pathlib import Path

from grader.core.errors import Complaint

CLUTTER = frozenset(("Thumbs.db", "desktop.ini", "__MACOSX"))
MOST_NAMED = 5


def files(folder: Path, endings: Container[str]) -> tuple[list[Path], list[Path]]:
    """Return the files to read and everything else but what systems and editors leave behind."""
    known: list[Path] = []
    others: list[Path] = []
    for path in sorted(folder.iterdir()):
        if not _clutter(path.name):
            # A link out of a student's archive may lead to anything that the grader can read, the key included.
            wanted = path.suffix.lower() in endings and path.is_file() and not path.is_symlink()
            (known if wanted else others).append(path)
    return known, others


def left_out(folder: str, others: list[Path], endings: Iterable[str]) -> Complaint | None:
    """Return the one remark on what was not read, if there is anything."""
    if not others:
        return None
    names = [path.name + "/" * path.is_dir() for path in others[:MOST_NAMED]]
    more = [f"{len(others) - MOST_NAMED:,} more"] if len(others) > MOST_NAMED else []
    return Complaint(
        folder,
        f"not read: {', '.join([*names, *more])}; only {', '.join(endings)} files are read, and no links",
    )


def _clutter(name: str) -> bool:
    return name.startswith((".", "~$", "~lock")) or name.endswith("~") or name in CLUTTER
