"""Encoding detection, bytes to text: a byte order mark decides, then strict UTF-8, then Windows-1252 with a remark."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.core.errors import Complaint, InputError

MIB = 2**20
MAX_FILE_BYTES = 64 * MIB
MAX_LINE_CHARACTERS = 16 * MIB

BYTE_ORDER_MARKS = (  # UTF-32 first: its mark begins with that of UTF-16.
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ZIP_MAGIC = b"PK\x03\x04"
IS_ZIP = "is a zip archive or a spreadsheet, not text; unpack it, or save the sheet as CSV (UTF-8)"
GUESSED_ENCODING = "is not UTF-8, so it was read as {}; if letters look wrong, name the right one with --encoding"
UNKNOWN_ENCODING = "is neither UTF-8 nor Windows-1252 text; name its encoding with --encoding"


@dataclass(frozen=True)
class Source:
    """One file to read, its name in messages, and its encoding if somebody said so."""

    path: Path
    name: str
    encoding: str | None = None

    @property
    def stem(self) -> str:
        """The name without its ending, which may name a student."""
        return Path(self.name).stem

    def refusal(self, message: str, line: int | None = None, column: int | None = None) -> InputError:
        """Return the error that says why this file, or what follows in it, cannot be read."""
        return InputError(Complaint(self.name, message, line, column))


@dataclass(frozen=True)
class SourceLine:
    """One line of a file with its end, its number from 1, and whether it was cut at 16 MiB."""

    number: int
    text: str
    cut: bool = False


def read_text(source: Source) -> tuple[str, Complaint | None]:
    """Return the text of a file of at most 64 MiB, and a remark if its encoding had to be guessed."""
    size = source.path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise source.refusal(f"is {size / MIB:.0f} MiB large; at most {MAX_FILE_BYTES // MIB} MiB are read here")
    encoding, remark = detect_encoding(source)
    with source.path.open(encoding=encoding, newline="") as file:
        return file.read().removeprefix("\ufeff"), remark


def read_lines(source: Source) -> tuple[Iterator[SourceLine], Complaint | None]:
    """Return the lines of a file of any size, read as they are needed, and a remark on a guessed encoding."""
    encoding, remark = detect_encoding(source)
    return _lines(source.path, encoding), remark


def _lines(path: Path, encoding: str) -> Iterator[SourceLine]:
    number = 0
    with path.open(encoding=encoding, newline="") as file:
        while text := file.readline(MAX_LINE_CHARACTERS + 1):
            number += 1
            cut = tail = len(text) > MAX_LINE_CHARACTERS and not text.endswith(("\n", "\r"))
            while tail:
                rest = file.readline(MIB)
                tail = bool(rest) and not rest.endswith(("\n", "\r"))
            yield SourceLine(number, text.removeprefix("\ufeff") if number == 1 else text, cut)


def detect_encoding(source: Source) -> tuple[str, Complaint | None]:
    """Return the encoding in which all of the file can be read, and a remark if it is a guess."""
    with source.path.open("rb") as file:
        head = file.read(4)
    if head == ZIP_MAGIC:
        raise source.refusal(IS_ZIP)
    certain = _encoding_of_mark(head) or source.encoding
    if certain:
        if not _decodes(source.path, certain):
            raise source.refusal(f"is not {certain.upper()} text, or was cut off")
        return certain, None
    if guess := _utf16_by_zeros(head):
        return guess, Complaint(source.name, GUESSED_ENCODING.format("UTF-16"))
    if _decodes(source.path, "utf-8"):
        return "utf-8", None
    if _decodes(source.path, "cp1252"):
        return "cp1252", Complaint(source.name, GUESSED_ENCODING.format("Windows-1252"))
    raise source.refusal(UNKNOWN_ENCODING)


def _encoding_of_mark(head: bytes) -> str | None:
    return next((encoding for mark, encoding in BYTE_ORDER_MARKS if head.startswith(mark)), None)


def _utf16_by_zeros(head: bytes) -> str | None:
    """Tell UTF-16 without a mark by the zero bytes beside its first two letters."""
    zero = [byte == 0 for byte in head]
    if zero == [False, True, False, True]:
        return "utf-16-le"
    return "utf-16-be" if zero == [True, False, True, False] else None


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(MIB):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
