"""Where a record was read, and remarks on what is odd in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from grader.core.errors import Complaint, InputError
from grader.core.files.strict_yaml import Document, Path
from grader.grading.readers.values import as_text

CONTROL_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class SourceLocation:
    """Where a record was read; ``stem`` names its student if the record does not.

    ``document`` and ``path`` lead to the line of each key, where the format knows it.
    """

    file: str
    line: int | None = None
    stem: str | None = None
    document: Document | None = None
    path: Path = ()

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def complaint(self, message: str, path: Path = (), suggestion: str | None = None) -> Complaint:
        """Return what is wrong, or odd, at a path within the record."""
        if self.document is None or not path:
            return Complaint(self.file, message, self.line, None, suggestion)
        return Complaint(self.file, message, *self.document.key_place((*self.path, *path)), suggestion)


@dataclass(frozen=True)
class RemarkSink:
    """Collects the remarks on one record: worth knowing, nothing lost."""

    origin: SourceLocation
    complaints: list[Complaint] = field(default_factory=list)

    def add(self, message: str, path: Path = (), suggestion: str | None = None) -> None:
        """Add a remark on what is at ``path``."""
        self.complaints.append(self.origin.complaint(message, path, suggestion))

    def refuse(self, message: str, path: Path = ()) -> NoReturn:
        """Raise the InputError that says why the record cannot be read."""
        raise InputError(self.origin.complaint(message, path))

    def text(self, value: Any, what: str, path: Path) -> str:
        """Return a value as text, with a remark on control characters in it."""
        text = as_text(value)
        if control := CONTROL_CHARACTER.search(text):
            hint = "; a backslash in JSON is written twice" if control[0] in "\b\f" else ""
            self.add(f"{what} holds a control character (U+{ord(control[0]):04X}){hint}", path)
        return text
