"""A YAML file: the record of one student, named in it or by the file, or a list of records."""

from __future__ import annotations

from grader.core.files import strict_yaml
from grader.grading.readers.formats.encoding import Source, read_text
from grader.grading.readers.reading import ReadResultBuilder
from grader.grading.readers.remarks import SourceLocation


def read(source: Source, builder: ReadResultBuilder) -> None:
    """Add every record of the file, with each answer as it was typed."""
    text, remark = read_text(source)
    builder.add_remark(remark)
    document = strict_yaml.load(text, source.name, texts=True)
    if document.data is None:
        raise source.refusal("is empty")
    if not isinstance(document.data, list):
        builder.add(document.data, SourceLocation(source.name, stem=source.stem, document=document))
        return
    for number, item in enumerate(document.data):
        line, _ = document.place((number,))
        builder.add(item, SourceLocation(source.name, line, document=document, path=(number,)))
