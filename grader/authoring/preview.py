"""Showing an author the exam that students will get: once, or anew whenever a file of the problem is saved."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from grader.authoring.loader import SPEC, load_problem
from grader.core.errors import Complaint, InputError, SpecError
from grader.core.files.atomic_write import write_atomically
from grader.core.printable import printable
from grader.reports.pages.exam_paper import exam_page, mistakes_page

FolderState = frozenset[tuple[str, int, int]]
"""Every file of a folder, with when it was last changed and its size."""


def write_preview(folder: Path, output: Path, solutions: bool) -> None:
    """Write the exam as one HTML page; SpecError says what is wrong with the problem."""
    _write(output, _page(folder, solutions, refresh=False))


def watch_preview(
    folder: Path, output: Path, solutions: bool, tell: Callable[[str], None], ticks: Iterator[None]
) -> None:
    """Write the exam, and again whenever at one of ``ticks`` a file has changed; mistakes are listed on the page.

    ``tell`` gets a line for each page that was written.
    """
    seen: FolderState | None = None
    for _ in chain([None], ticks):
        now = _folder_state(folder, output)
        if now != seen:
            seen = now
            tell(f"{time.strftime('%H:%M:%S')} {_write_or_explain(folder, output, solutions)}")


def _page(folder: Path, solutions: bool, refresh: bool) -> str:
    problem = load_problem(folder)
    ready = problem.prepare().prepared_blanks if solutions else {}
    keys = {address: each.key() for address, each in ready.items()}
    return exam_page(problem, keys if solutions else None, refresh)


def _write_or_explain(folder: Path, output: Path, solutions: bool) -> str:
    """Write what can be shown, and return what to tell of it."""
    try:
        page = _page(folder, solutions, refresh=True)
    except Exception as error:  # A file that is half saved can be wrong in any way; the next save is waited for.
        wrong = _complaints(folder, error)
        _write(output, mistakes_page(folder.resolve().name, wrong))
        first = printable(" ".join(str(wrong[0]).split()))
        return f"{len(wrong)} mistake{'' if len(wrong) == 1 else 's'}: {first}"
    _write(output, page)
    return f"written {output}"


def _complaints(folder: Path, error: Exception) -> tuple[Complaint, ...]:
    if isinstance(error, SpecError):
        return error.complaints
    if isinstance(error, InputError):
        return (error.complaint,)
    return (Complaint(str(folder), f"the grader itself failed: {type(error).__name__}: {error}"),)


def _write(output: Path, page: str) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(output, page)


def problem_folder(folder: Path) -> Path:
    """Return the folder of a problem that may be named by its spec."""
    return folder.parent if folder.name == SPEC else folder


def _folder_state(folder: Path, output: Path) -> FolderState:
    """Return the state of a folder; what was written there by ourselves is no change."""
    found = (Path(inside, name) for inside, _, names in os.walk(problem_folder(folder)) for name in names)
    return frozenset(chain.from_iterable(_stamp(each) for each in found if not _same(each, output)))


def _stamp(file: Path) -> Iterator[tuple[str, int, int]]:
    try:
        status = file.stat()
    except OSError:  # It went away while we looked.
        return
    yield str(file), status.st_mtime_ns, status.st_size


def _same(file: Path, output: Path) -> bool:
    return file.name == output.name and file.resolve() == output.resolve()
