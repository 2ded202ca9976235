"""Fields of a submitted form, read as text: a file where text belongs counts as nothing."""

from __future__ import annotations

from starlette.datastructures import FormData


def text_field(fields: FormData, name: str, max_characters: int | None = None) -> str:
    """Return the text of one field, cut to ``max_characters``; empty where the form has none."""
    value = fields.get(name)
    return value[:max_characters] if isinstance(value, str) else ""
