"""JSON Lines: one record per line, of any number."""

from __future__ import annotations

from grader.grading.readers.formats.encoding import MAX_LINE_CHARACTERS, MIB, Source, SourceLine, read_lines
from grader.grading.readers.formats.json_text import Malformed, decode
from grader.grading.readers.reading import ReadResultBuilder
from grader.grading.readers.remarks import SourceLocation


def read(source: Source, builder: ReadResultBuilder) -> None:
    """Add the record of every line; a line that cannot be read leaves the others alone."""
    source_lines, remark = read_lines(source)
    builder.add_remark(remark)
    for line in source_lines:
        if not line.text.isspace():
            _read_line(line, source, builder)


def _read_line(line: SourceLine, source: Source, builder: ReadResultBuilder) -> None:
    if line.cut:
        builder.add_error(source.refusal(f"this line is longer than {MAX_LINE_CHARACTERS // MIB} MiB", line.number))
        return
    try:
        data = decode(line.text.rstrip("\r\n"))
    except Malformed as error:
        builder.add_error(source.refusal(error.message, line.number, error.index + 1))
        return
    builder.add(data, SourceLocation(source.name, line.number))
