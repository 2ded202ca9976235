"""Uploaded files, and the report that staff get on an upload."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO


@dataclass(frozen=True)
class UploadedFile:
    """One file as a browser sends it."""

    name: str
    data: BinaryIO = field(repr=False)


@dataclass
class UploadReport:
    """What came of an upload: ``broken`` was not read, ``refused`` was read and not taken, ``remarks`` are worth knowing.

    ``new`` are the students who were put on the list, ``not_enrolled`` those of ``students`` who are not on it and were left out.
    """

    submissions: int = 0
    answers: int = 0
    students: int = 0
    broken: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    not_enrolled: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)

    @property
    def has_remarks(self) -> bool:
        """True if there is anything to say besides what was taken."""
        return bool(self.broken or self.refused or self.remarks or self.not_enrolled or self.new)
