"""Zip archives that staff upload, such as a learning platform exports: their files, without folders, within limits (zip bombs)."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from grader.web.domain.uploads.report import UploadedFile, UploadReport

ZIP_SUFFIX = ".zip"
MAX_UNPACKED_BYTES = 50_000_000
"""The files in all archives of an upload together."""
MAX_ENTRIES = 5_000
ENTRY_SIGNATURE = b"PK\x01\x02"
"""What each entry of the list of files begins with: they are counted before any is parsed."""
SUPPORTED_COMPRESSION = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED_FLAG = 0x1
ARCHIVE_SUFFIXES = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar")
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
"""What ``zipfile`` raises where an archive is not what it says."""


class _ArchiveRefused(Exception):
    """Nothing of an archive is read; says why."""


def unpack(files: Iterable[UploadedFile], report: UploadReport) -> Iterator[UploadedFile]:
    """Yield all files, those in archives one by one; an archive that is refused is reported as broken, and nothing of it is read."""
    remaining = MAX_UNPACKED_BYTES
    for file in files:
        if not file.name.lower().endswith(ZIP_SUFFIX):
            yield file
            continue
        try:
            archived = _read_archive(file, remaining)
        except _ArchiveRefused as error:
            report.broken.append(f"{_file_name(file.name)}: {error}")
            continue
        remaining -= sum(len(member.data.getbuffer()) for member in archived)
        yield from archived


class _ArchivedFile(UploadedFile):
    """A file of an archive, as a whole in memory."""

    data: io.BytesIO


def _read_archive(file: UploadedFile, remaining: int) -> list[_ArchivedFile]:
    data = file.data.read()
    if data.count(ENTRY_SIGNATURE) > MAX_ENTRIES:
        raise _ArchiveRefused(f"this archive holds more than {MAX_ENTRIES:,} files")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not _is_metadata(entry)]
            _check(entries, remaining)
            return [_ArchivedFile(_file_name(entry.filename), _read_entry(archive, entry)) for entry in entries]
    except ZIP_ERRORS as error:
        raise _ArchiveRefused("this archive is damaged; make it anew, or upload the files in it") from error


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> io.BytesIO:
    """Return one file of an archive."""
    with archive.open(entry) as data:
        # Without the size all that is packed would be unpacked, whatever the entry says.
        return io.BytesIO(data.read(entry.file_size))


def _check(entries: list[zipfile.ZipInfo], remaining: int) -> None:
    """Refuse an archive before anything in it is unpacked; ``_read_entry`` reads no more of an entry than it says here."""
    for entry in entries:
        name = _file_name(entry.filename)
        if entry.flag_bits & ENCRYPTED_FLAG:
            raise _ArchiveRefused(f"{name[:80]!r} in this archive is locked by a password; upload it unlocked")
        if PurePosixPath(name).suffix.lower() in ARCHIVE_SUFFIXES:
            raise _ArchiveRefused(f"{name[:80]!r} is an archive inside this archive; unpack it and upload its files")
        if entry.compress_type not in SUPPORTED_COMPRESSION:
            raise _ArchiveRefused(
                "this archive is packed in a way that is not read here; make it anew as a common .zip"
            )
    if sum(entry.file_size for entry in entries) > remaining:
        raise _ArchiveRefused(f"unpacked, this is more than {MAX_UNPACKED_BYTES // 1_000_000} MB; upload it in parts")
    if not entries:
        raise _ArchiveRefused("there are no files in this archive")


def _is_metadata(entry: zipfile.ZipInfo) -> bool:
    """True if an entry is a folder, or what a system keeps beside the files, such as ``__MACOSX/._class.csv``."""
    return entry.is_dir() or _file_name(entry.filename).startswith(".") or "__MACOSX/" in entry.filename


def _file_name(name: str) -> str:
    """Return the last part of a name, which leads nowhere."""
    return PurePosixPath(name.replace("\\", "/")).name.replace("\0", "")
