"""Readers: files in, ``Submission``s out.

``formats`` has one module for each format, and ``READERS`` one line. Each adds records, plain mappings, to a
``ReadResultBuilder`` (``reading``); ``record`` makes a submission of one, with the help of ``addresses``, ``answers`` and
``values``; ``attachments`` and ``duplicates`` bring together what belongs to one student; ``remarks`` says what is odd.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from grader.core.errors import Complaint, InputError
from grader.grading.readers import folder
from grader.grading.readers.formats import csv_table, json_file, json_lines, python_file, yaml_file
from grader.grading.readers.formats.encoding import Source
from grader.grading.readers.reading import ReadResult, ReadResultBuilder
from grader.grading.readers.values import encodable

if TYPE_CHECKING:
    from grader.grading.problem import Problem

__all__ = ["READERS", "ReadResult", "read"]

READERS: Mapping[str, Callable[[Source, ReadResultBuilder], None]] = {
    ".yaml": yaml_file.read,
    ".yml": yaml_file.read,
    ".json": json_file.read,
    ".jsonl": json_lines.read,
    ".csv": csv_table.read,
    ".py": python_file.read,
}


def read(source: Path, problem: Problem, encoding: str | None = None) -> ReadResult:
    """Read the submissions to ``problem`` in a file, or in all the files of a folder.

    ``encoding`` is for files without a byte order mark. What cannot be read is in ``ReadResult.errors``.

    Raises:
        InputError: The source holds no submission at all.
    """
    name = encodable(str(source))
    _check_encoding(encoding)
    builder = ReadResultBuilder(problem)
    try:
        paths = _paths(source, name, builder)
    except OSError as error:
        raise InputError(Complaint(name, f"cannot be read: {error.strerror}")) from error
    for path in paths:
        _read_file(Source(path, encodable(path.name), encoding), builder)
    return builder.build(name)


def _check_encoding(encoding: str | None) -> None:
    try:
        "".encode(encoding or "utf-8")
    except (LookupError, ValueError) as error:
        raise InputError(Complaint("--encoding", f"there is no text encoding called {encoding!r}")) from error


def _paths(source: Path, name: str, builder: ReadResultBuilder) -> list[Path]:
    if source.is_dir():
        readable, others = folder.files(source, READERS)
        builder.add_remark(folder.skipped_remark(name, others, READERS))
        return readable
    if not source.exists():
        raise InputError(Complaint(name, "does not exist"))
    if source.suffix.lower() not in READERS or not source.is_file():
        raise InputError(Complaint(name, f"is not a folder or a file with one of the endings {', '.join(READERS)}"))
    return [source]


def _read_file(file: Source, builder: ReadResultBuilder) -> None:
    try:
        READERS[file.path.suffix.lower()](file, builder)
    except InputError as error:
        builder.add_error(error)
    except OSError as error:
        builder.add_error(file.refusal(f"cannot be read: {error.strerror}"))
