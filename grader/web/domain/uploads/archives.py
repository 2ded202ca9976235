"""Archives that staff upload, such as a learning platform exports: their files, without the folders that they lie in."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from grader.web.domain.uploads.report import UploadedFile, UploadReport

ZIP_SUFFIX = ".zip"
MAX_UNPACKED_BYTES = 50_000_000
"""Bytes of the files in all archives of an upload together."""
MAX_ENTRIES = 5_000
ENTRY_SIGNATURE = b"PK\x01\x02"
"""What each entry of the list of files begins with: they are counted before anything is made of them."""
SUPPORTED_COMPRESSION = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED_FLAG = 0x1
ARCHIVE_SUFFIXES = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar")
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
"""What ``zipfile`` raises where an archive is not what it says."""


class _Refused(Exception):
    """Nothing of an archive is read; says why."""


def unpack(files: Iterable[UploadedFile], report: UploadReport) -> Iterator[UploadedFile]:
    """Yield all files, those in archives one by one; an archive that is refused is told as broken, and nothing of it is read."""
    room = MAX_UNPACKED_BYTES
    for each in files:
        if not each.name.lower().endswith(ZIP_SUFFIX):
            yield each
            continue
        try:
            inside = _inside(each, room)
        except _Refused as refused:
            report.broken.append(f"{_last(each.name)}: {refused}")
            continue
        room -= sum(len(file.data.getbuffer()) for file in inside)
        yield from inside


class _Inside(UploadedFile):
    """A file of an archive, as a whole in memory."""

    data: io.BytesIO


def _inside(file: UploadedFile, room: int) -> list[_Inside]:
    data = file.data.read()
    if data.count(ENTRY_SIGNATURE) > MAX_ENTRIES:
        raise _Refused(f"this archive holds more than {MAX_ENTRIES:,} files")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            wanted = [each for each in archive.infolist() if not _is_beside(each)]
            _check(wanted, room)
            return [_Inside(_last(each.filename), _whole(archive, each)) for each in wanted]
    except ZIP_ERRORS as error:
        raise _Refused("this archive is damaged; make it anew, or upload the files in it") from error


def _whole(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> io.BytesIO:
    """Return one file of an archive."""
    with archive.open(entry) as data:
        # Without the number all that is packed comes at once, whatever the entry says.
        return io.BytesIO(data.read(entry.file_size))


def _check(wanted: list[zipfile.ZipInfo], room: int) -> None:
    """Refuse an archive before anything in it is unpacked; no entry gives more than it says here."""
    for each in wanted:
        name = _last(each.filename)
        if each.flag_bits & ENCRYPTED_FLAG:
            raise _Refused(f"{name[:80]!r} in this archive is locked by a password; upload it unlocked")
        if PurePosixPath(name).suffix.lower() in ARCHIVE_SUFFIXES:
            raise _Refused(f"{name[:80]!r} is an archive inside this archive; unpack it and upload its files")
        if each.compress_type not in SUPPORTED_COMPRESSION:
            raise _Refused("this archive is packed in a way that is not read here; make it anew as a common .zip")
    if sum(each.file_size for each in wanted) > room:
        raise _Refused(f"unpacked, this is more than {MAX_UNPACKED_BYTES // 1_000_000} MB; upload it in parts")
    if not wanted:
        raise _Refused("there are no files in this archive")


def _is_beside(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a folder, or what a system keeps beside the files, such as ``__MACOSX/._class.csv``."""
    return entry.is_dir() or _last(entry.filename).startswith(".") or "__MACOSX/" in entry.filename


def _last(name: str) -> str:
    """Return the last part of a name, which leads nowhere."""
    return PurePosixPath(name.replace("\\", "/")).name.replace("\0", "")
