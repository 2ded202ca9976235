"""A CSV table: one student per row, one column per blank, as Excel, LibreOffice and scripts write it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

from grader.core.errors import Complaint
from grader.grading.readers.addresses import Addresses
from grader.grading.readers.formats.csv_columns import Columns, match_columns, sniff_delimiter
from grader.grading.readers.formats.encoding import MAX_LINE_CHARACTERS, MIB, Source, SourceLine, read_lines
from grader.grading.readers.reading import ReadResultBuilder
from grader.grading.readers.remarks import SourceLocation
from grader.grading.readers.values import quoted

SEPARATOR = re.compile(r"\"?sep=(.)\"?[\r\n]*", re.IGNORECASE)
CELL_TOO_LARGE = f"a cell here is larger than {MAX_LINE_CHARACTERS // MIB} MiB, so nothing from this line on was read"
UNCLOSED_QUOTE = "a quote that opens in this row is never closed, so nothing from this line on was read"
STRAY_QUOTE = "a quote stands inside a quoted cell; there it is written twice"
WRONG_CELL_COUNT = (
    "this row has {} cells and the header {}; a text that holds {} or a line break stands in double quotes"
)


def read(source: Source, builder: ReadResultBuilder) -> None:
    """Add every row; a row that cannot be read leaves the others alone."""
    source_lines, remark = read_lines(source)
    builder.add_remark(remark)
    texts = _texts(source, source_lines)
    with _large_cells():
        first, before, delimiter = _header_line(source, texts, builder.addresses)
        table = csv.reader(chain([first], texts), delimiter=delimiter, strict=True)
        rows = _rows(table, before, source, builder)
        line, header = next(rows)
        columns = match_columns(header, line, source, builder)
        for line, row in rows:
            _read_row(row, SourceLocation(source.name, line), columns, delimiter, builder)


def _read_row(
    row: list[str], origin: SourceLocation, columns: Columns, delimiter: str, builder: ReadResultBuilder
) -> None:
    if len(row) < columns.width or any(cell.strip() for cell in row[columns.width :]):
        message = WRONG_CELL_COUNT.format(len(row), columns.width, quoted(delimiter))
        builder.errors.append(Complaint(origin.file, message, origin.line))
        return
    for index in columns.nameless:
        if row[index].strip():
            message = f"column {index + 1} has no name, so what stands in it was not read"
            builder.add_remark(Complaint(origin.file, message, origin.line))
    builder.add(columns.record(row), origin)


def _texts(source: Source, source_lines: Iterator[SourceLine]) -> Iterator[str]:
    for line in source_lines:
        if line.cut:
            raise source.refusal(CELL_TOO_LARGE, line.number)
        yield line.text


def _header_line(source: Source, texts: Iterator[str], addresses: Addresses) -> tuple[str, int, str]:
    """Return the first line that is not empty, how many stand before it, and the delimiter."""
    stated = None
    for before, text in enumerate(texts):
        if before == 0 and (match := SEPARATOR.fullmatch(text)):
            stated = match[1]
        elif text.strip(" ,;\t\r\n"):
            return text, before, stated or sniff_delimiter(text, addresses)
    raise source.refusal("is empty")


def _rows(table: Any, before: int, source: Source, builder: ReadResultBuilder) -> Iterator[tuple[int, list[str]]]:
    """Yield every row that is not empty, with the line it begins in."""
    while True:
        line = before + table.line_num + 1
        try:
            row = next(table)
        except StopIteration:
            return
        except csv.Error as error:
            if "field larger" in str(error):
                raise source.refusal(CELL_TOO_LARGE, line) from error
            if "end of data" in str(error):
                raise source.refusal(UNCLOSED_QUOTE, line) from error
            refusal = source.refusal(STRAY_QUOTE, line)
            if line == before + 1:  # Without its header nothing in the table can be read.
                raise refusal from error
            builder.add_error(refusal)
            continue
        if any(cell.strip() for cell in row):
            yield line, row


@contextmanager
def _large_cells() -> Iterator[None]:
    """Let cells be as long as the longest line: the limit of the csv module is one for the whole process."""
    before = csv.field_size_limit(MAX_LINE_CHARACTERS)
    try:
        yield
    finally:
        csv.field_size_limit(before)
