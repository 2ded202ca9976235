"""Files of a folder that somebody else filled: read only where they lie in it themselves, never through a link, and never without end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path, PurePosixPath

MAX_BYTES = 2_000_000
"""Bytes of one file of a problem."""
IS_A_LINK = "it is a link; the files of a problem must lie in its own folder"
NO_FILE = "it is not a file"
OUTSIDE = "it is not in the folder"


def read_contained(folder: Path, name: str, most: int = MAX_BYTES) -> bytes:
    """Return the bytes of a file by its path within a folder; the folder itself may be reached through a link.

    Every step is opened without following links, so that nothing can be put in the way between a look and the reading.

    Raises:
        OSError: the file is not there, is a link or lies behind one, is no file, or has more than ``most`` bytes.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise OSError(errno.EPERM, OUTSIDE, name)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in path.parts[:-1]:
            descriptor = _step(descriptor, part, os.O_DIRECTORY)
        # A pipe without a writer would keep whoever opens it waiting.
        descriptor = _step(descriptor, path.parts[-1], os.O_NONBLOCK)
        return _read(descriptor, name, most)
    finally:
        os.close(descriptor)


def decode_text(data: bytes) -> str:
    """Return text with single line breaks, as a file that is opened as text gives it, without a byte order mark.

    Raises UnicodeDecodeError for what is not UTF-8.
    """
    return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _step(folder: int, part: str, flags: int) -> int:
    """Open what is in a folder, and close the folder; on failure the folder stays open."""
    try:
        opened = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | flags, dir_fd=folder)
    except OSError as error:
        if error.errno != errno.ENOENT and stat.S_ISLNK(os.lstat(part, dir_fd=folder).st_mode):
            raise OSError(errno.ELOOP, IS_A_LINK, part) from None
        raise
    os.close(folder)
    return opened


def _read(descriptor: int, name: str, most: int) -> bytes:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, NO_FILE, name)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it has more than {most:,} bytes", name)
    return data
