"""A submission: what one student submitted for a problem, as plain values without files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Written = str | tuple[str, ...]
"""What a student wrote in a blank: a text, or a list of texts such as ticked options (``()`` is "none")."""

NOTHING: Mapping[str, Written] = MappingProxyType({})


@dataclass(frozen=True)
class Student:
    """Who handed in; ``id`` is what marks are joined on."""

    id: str
    name: str | None = None


@dataclass(frozen=True)
class Submission:
    """The answers of one student to one problem, by blank address (``b``, ``a.W_ss``).

    ``source`` says where it was read (``file`` or ``file:line``); ``held`` why nothing of it can be graded before a
    person has decided (such as two different submissions of one student).
    """

    student: Student
    problem: str
    answers: Mapping[str, Written] = field(default_factory=lambda: NOTHING)
    source: str = ""
    held_reason: str | None = None


def is_blank(written: Written | None) -> bool:
    """Whether nothing was written: missing, empty or only white space. An empty list is the answer "none".

    Zero-width characters and the byte order mark count as white space: they arrive by copy and paste.
    """
    if written is None:
        return True
    if isinstance(written, tuple):  # A form with no box ticked may hand in one empty text.
        return bool(written) and all(is_blank(each) for each in written)
    return not written.strip().strip("\u200b\u200c\u200d\u2060\ufeff").strip()
