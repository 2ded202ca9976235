"""A JSON file: the record of one student, named in it or by the file, or a list of records."""

from __future__ import annotations

from grader.grading.readers.formats.encoding import Source, whole
from grader.grading.readers.formats.json_text import Malformed, decoded, items
from grader.grading.readers.reading import ReadingBuilder
from grader.grading.readers.remarks import SourceLocation


def read(source: Source, pile: ReadingBuilder) -> None:
    """Hand in every record of the file."""
    text, remark = whole(source)
    pile.remark(remark)
    if not text.strip():
        raise source.refusal("is empty")
    try:
        data = decoded(text)
    except Malformed as wrong:
        line = text.count("\n", 0, wrong.index) + 1
        raise source.refusal(wrong.message, line, wrong.index - text.rfind("\n", 0, wrong.index)) from wrong
    if not isinstance(data, list):
        pile.add(data, SourceLocation(source.name, stem=source.stem))
        return
    for item, line in items(text):
        pile.add(item, SourceLocation(source.name, line))
