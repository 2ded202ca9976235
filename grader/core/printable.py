"""Text of students made safe to show or to store: control characters, overrides of direction, lone surrogates."""

from __future__ import annotations

import re

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def printable(text: str) -> str:
    """Return a text for a page or a file: control characters visible, lone surrogates, which no file can hold, replaced."""
    return _UNPRINTABLE.sub(_visible, text.replace("\r\n", "\n"))


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"


def terminal_safe(text: str) -> str:
    """Return a text for a terminal: escape sequences and overrides of direction are shown, not obeyed."""
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


def storable(text: str, max_characters: int = 2_000) -> str:
    """Return a text that every database can store: PostgreSQL takes no null byte, and no UTF-8 a lone surrogate."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")[:max_characters]
