"""Exceptions for three readers (students, authors, whoever runs the grader), complaints about an input, and “did you mean”."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


class Unreadable(Exception):
    """A student's answer that cannot be read; its reader is the student.

    ``span`` is the half-open range of characters in the student's own text that the message is about.
    """

    def __init__(self, message: str, span: tuple[int, int] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


class Fault(Exception):
    """The grader's own failure on one answer; never a mark. Its reader is whoever runs the grader."""


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong in an author's or an instructor's file, with where it is (lines and columns from 1)."""

    file: str
    message: str
    line: int | None = None
    column: int | None = None
    suggestion: str | None = None

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        hint = f"; did you mean {self.suggestion}?" if self.suggestion else ""
        return f"{where}: {self.message}{hint}"


class SpecError(Exception):
    """Everything that is wrong with a problem's files, at once; its reader is the author."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("\n".join(str(complaint) for complaint in self.complaints))


class InputError(Exception):
    """Submissions, or a file named on the command line, that cannot be read at all; its reader is the instructor."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(str(complaint))
        self.complaint = complaint


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is spelt most like ``word``, if any is near enough to suggest: “Did you mean …?”."""
    folded = {candidate.casefold(): candidate for candidate in known}
    matches = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None
