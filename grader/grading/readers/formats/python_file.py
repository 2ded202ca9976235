"""A Python file: the program of one student, named by the file, for one blank or for all whose functions it defines."""

from __future__ import annotations

from grader.grading.readers.formats.encoding import Source, read_text
from grader.grading.readers.reading import ReadResultBuilder
from grader.grading.readers.remarks import SourceLocation


def read(source: Source, builder: ReadResultBuilder) -> None:
    """Attach the program to the answers of its student."""
    text, remark = read_text(source)
    builder.add_remark(remark)
    builder.attach(text, SourceLocation(source.name, stem=source.stem))
