"""Files that appear under their final name only when they are whole, under names that never leave their folder."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

UMASK = os.umask(0o077)
os.umask(UMASK)
_KEPT = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,58}[a-z0-9])?")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|clock\$|com\d|lpt\d)(?:\..*)?")
"""Names of devices on Windows, with any extension."""


@contextmanager
def open_atomic(path: Path, private: bool = False) -> Iterator[TextIO]:
    """Open a text file for writing; on leaving without an error it is synced and gets its final name.

    Where ``private``, only its owner may read it.
    """
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o600 if private else 0o666 & ~UMASK)
        os.replace(name, path)
    except BaseException:  # Also an interrupt leaves nothing half written; it is raised again.
        Path(name).unlink(missing_ok=True)
        raise


def write_atomically(path: Path, data: str | bytes, private: bool = False) -> None:
    """Write a file that nobody ever sees half written, and where ``private``, that only its owner may read.

    A lone surrogate, which no file can hold, is written as its escape.
    """
    with open_atomic(path, private) as file:
        if isinstance(data, bytes):
            file.buffer.write(data)
        else:
            file.write(data)


def student_file_name(student_id: str) -> str:
    """Return a file's name, without its ending, for a student: different ids never share one on any file system.

    Simple ids are kept; every other becomes a readable beginning and ten hexadecimal digits of its SHA-256.
    """
    if _KEPT.fullmatch(student_id) and not _RESERVED.fullmatch(student_id) and not _ends_like_ours(student_id):
        return student_id
    ascii_only = unicodedata.normalize("NFKD", student_id[:200]).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:40].strip("-") or "student"
    return f"{slug}-{hashlib.sha256(student_id.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def _ends_like_ours(student_id: str) -> bool:
    """Whether an id looks like a name that is made here: it is made into one itself, so that none can be forged."""
    return re.search(r"-[0-9a-f]{10}$", student_id) is not None
