"""Bytes to text: a byte order mark decides, then strict UTF-8, then Windows-1252 with a remark."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.core.errors import Complaint, InputError

MIB = 2**20
LARGEST_FILE = 64 * MIB
LONGEST_LINE = 16 * MIB

MARKS = (  # UTF-32 first: its mark begins with that of UTF-16.
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ZIP = b"PK\x03\x04"
PACKED = "is a zip archive or a spreadsheet, not text; unpack it, or save the sheet as CSV (UTF-8)"
GUESSED = "is not UTF-8, so it was read as {}; if letters look wrong, name the right one with --encoding"
NEITHER = "is neither UTF-8 nor Windows-1252 text; name its encoding with --encoding"


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
class Line:
    """One line of a file with its end, its number from 1, and whether it was cut at 16 MiB."""

    number: int
    text: str
    cut: bool = False


def whole(source: Source) -> tuple[str, Complaint | None]:
    """Return the text of a file of at most 64 MiB, and a remark if its encoding had to be guessed."""
    size = source.path.stat().st_size
    if size > LARGEST_FILE:
        raise source.refusal(f"is {size / MIB:.0f} MiB large; at most {LARGEST_FILE // MIB} MiB are read here")
    encoding, remark = detected(source)
    with source.path.open(encoding=encoding, newline="") as file:
        return file.read().removeprefix("\ufeff"), remark


def lines(source: Source) -> tuple[Iterator[Line], Complaint | None]:
    """Return the lines of a file of any size, read as they are needed, and a remark on a guessed encoding."""
    encoding, remark = detected(source)
    return _lines(source.path, encoding), remark


def _lines(path: Path, encoding: str) -> Iterator[Line]:
    number = 0
    with path.open(encoding=encoding, newline="") as file:
        while text := file.readline(LONGEST_LINE + 1):
            number += 1
            cut = tail = len(text) > LONGEST_LINE and not text.endswith(("\n", "\r"))
            while tail:
                rest = file.readline(MIB)
                tail = bool(rest) and not rest.endswith(("\n", "\r"))
            yield Line(number, text.removeprefix("\ufeff") if number == 1 else text, cut)


def detected(source: Source) -> tuple[str, Complaint | None]:
    """Return the encoding in which all of the file can be read, and a remark if it is a guess."""
    with source.path.open("rb") as file:
        head = file.read(4)
    if head == ZIP:
        raise source.refusal(PACKED)
    sure = _marked(head) or source.encoding
    if sure:
        if not _decodes(source.path, sure):
            raise source.refusal(f"is not {sure.upper()} text, or was cut off")
        return sure, None
    if zeros := _zeros(head):
        return zeros, Complaint(source.name, GUESSED.format("UTF-16"))
    if _decodes(source.path, "utf-8"):
        return "utf-8", None
    if _decodes(source.path, "cp1252"):
        return "cp1252", Complaint(source.name, GUESSED.format("Windows-1252"))
    raise source.refusal(NEITHER)


def _marked(head: bytes) -> str | None:
    return next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)


def _zeros(head: bytes) -> str | None:
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
