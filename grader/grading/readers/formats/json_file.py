"""A JSON file: the record of one student, named in it or by the file, or a list of records."""

from __future__ import annotations

from grader.grading.readers.formats.encoding import Source, read_text
from grader.grading.readers.formats.json_text import Malformed, decode, items_with_lines
from grader.grading.readers.reading import ReadResultBuilder
from grader.grading.readers.remarks import SourceLocation


def read(source: Source, builder: ReadResultBuilder) -> None:
    """Add every record of the file."""
    text, remark = read_text(source)
    builder.add_remark(remark)
    if not text.strip():
        raise source.refusal("is empty")
    try:
        data = decode(text)
    except Malformed as error:
        line = text.count("\n", 0, error.index) + 1
        raise source.refusal(error.message, line, error.index - text.rfind("\n", 0, error.index)) from error
    if not isinstance(data, list):
        builder.add(data, SourceLocation(source.name, stem=source.stem))
        return
    for item, line in items_with_lines(text):
        builder.add(item, SourceLocation(source.name, line))
