"""JSON Lines: one record per line, of any number."""

from __future__ import annotations

from grader.grading.readers.formats.encoding import LONGEST_LINE, MIB, Line, Source, lines
from grader.grading.readers.formats.json_text import Malformed, decoded
from grader.grading.readers.reading import ReadingBuilder
from grader.grading.readers.remarks import SourceLocation


def read(source: Source, pile: ReadingBuilder) -> None:
    """Hand in the record of every line; a line that cannot be read leaves the others alone."""
    found, remark = lines(source)
    pile.remark(remark)
    for line in found:
        if not line.text.isspace():
            _read_line(line, source, pile)


def _read_line(line: Line, source: Source, pile: ReadingBuilder) -> None:
    if line.cut:
        pile.break_at(source.refusal(f"this line is longer than {LONGEST_LINE // MIB} MiB", line.number))
        return
    try:
        data = decoded(line.text.rstrip("\r\n"))
    except Malformed as wrong:
        pile.break_at(source.refusal(wrong.message, line.number, wrong.index + 1))
        return
    pile.add(data, SourceLocation(source.name, line.number))
