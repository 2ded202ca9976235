"""A Python file: the program of one student, named by the file, for one blank or for all whose functions it defines."""

from __future__ import annotations

from grader.grading.readers.formats.encoding import Source, whole
from grader.grading.readers.reading import ReadingBuilder
from grader.grading.readers.remarks import SourceLocation


def read(source: Source, pile: ReadingBuilder) -> None:
    """Attach the program to the answers of its student."""
    text, remark = whole(source)
    pile.remark(remark)
    pile.attach(text, SourceLocation(source.name, stem=source.stem))
