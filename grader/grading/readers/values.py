"""A value from a file as the text that was typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from numbers import Number
from typing import Any

MAX_NESTING = 40


def as_text(value: Any) -> str:
    """Return a value as text: a list or a mapping as JSON, ``True`` as ``true``."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, Number) and not isinstance(value, bool):
        return str(value)
    return encodable(json.dumps(value, ensure_ascii=False, default=str))


def encodable(text: str) -> str:
    """Return a text that UTF-8 can hold: half a surrogate pair becomes its escape, as it was typed."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def is_nested(value: Any) -> bool:
    """True if a value is a list or a mapping."""
    return isinstance(value, (Mapping, list, tuple))


def is_too_deep(value: Any, levels: int = MAX_NESTING) -> bool:
    """True if lists and mappings are nested more than ``levels`` deep."""
    layer = [value] if is_nested(value) else []
    for _ in range(levels):
        layer = [inner for each in layer for inner in _inside(each) if is_nested(inner)]
    return bool(layer)


def _inside(value: Any) -> Any:
    return value.values() if isinstance(value, Mapping) else value


def quoted(text: Any, max_characters: int = 60) -> str:
    """Return a text in quotes for a message, shortened if it is long."""
    text = str(text)
    return repr(text if len(text) <= max_characters else f"{text[:max_characters]}…")
