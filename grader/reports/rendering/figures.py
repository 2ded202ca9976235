"""The pictures that a problem's texts refer to: found, checked and kept as bytes."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from grader.core.files.contained_files import read_contained

IMAGE = re.compile(r"!\[((?:(?!!\[)[^\]\n])*+)\]\(\s{0,100}+<?([^)\s>]{1,300}+)>?+[^)\n]{0,300}+\)")
REFERENCED = re.compile(r"!\[(?:(?!!\[)[^\]\n])*+\]\s*+\[")
MEDIA_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
MAX_PICTURE_BYTES = 2_000_000


def picture_references(text: str) -> Iterator[tuple[str, str]]:
    """Yield (alternative text, file name) of every picture in a Markdown text."""
    for match in IMAGE.finditer(text):
        yield match[1].strip(), match[2]


def embed_pictures(text: str, pictures: Mapping[str, bytes]) -> str:
    """Return a Markdown text with its pictures inside, as data addresses."""

    def inside(found: re.Match[str]) -> str:
        name = found[2]
        if name not in pictures:
            return found[0]
        kind = MEDIA_TYPES[PurePosixPath(name).suffix.lower()]
        return f"![{found[1]}](data:{kind};base64,{base64.b64encode(pictures[name]).decode()})"

    return IMAGE.sub(inside, text)


def read_picture(folder: Path, name: str) -> bytes:
    """Return the bytes of a picture in the problem's own folder; ValueError says what is wrong."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or ":" in name:
        raise ValueError(f"the picture {name!r} must lie in the problem's own folder")
    if path.suffix.lower() not in MEDIA_TYPES:
        raise ValueError(f"the picture {name!r} is none of {', '.join(MEDIA_TYPES)}")
    try:
        return read_contained(folder, name, MAX_PICTURE_BYTES)
    except FileNotFoundError:
        raise ValueError(f"there is no picture {name!r} in the problem's folder") from None
    except OSError as error:
        raise ValueError(f"the picture {name!r} cannot be shown: {error.strerror}") from None
