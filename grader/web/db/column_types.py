"""Custom column types, the same on every database: instants in UTC, exact fractions, opaque names and hashes."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Column, ColumnElement, DateTime, Dialect, String, Text, and_, bindparam
from sqlalchemy.types import TypeDecorator

from grader.web.errors import ValidationFailed


class UtcDateTime(TypeDecorator[datetime]):
    """An instant with its time zone, stored in UTC; a time without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment as the database keeps it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class FractionText(TypeDecorator[Fraction]):
    """An exact fraction, stored as ``2/3``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Fraction | None, dialect: Dialect) -> str | None:
        """Return the text that the database keeps."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Fraction | None:
        """Return the fraction."""
        return None if value is None else Fraction(value)


def equals_bound(*columns: Column[Any]) -> ColumnElement[bool]:
    """Return the condition that each column has the value bound to the name of the column.

    Statements of every request are built from such conditions once, at import: to build one takes longer than to run it.
    """
    return and_(*(column == bindparam(column.name, type_=column.type) for column in columns))


Name = String(40)
"""The type of ids that are made here and of short words."""
Digest = String(64)
"""The type of SHA-256 in hexadecimal digits."""


def new_id() -> str:
    """Return an id that nobody guesses."""
    return secrets.token_hex(12)


def now_or(now: datetime | None) -> datetime:
    """Return the stated moment, or this one."""
    return now or datetime.now(UTC)


def digest(*values: Any) -> str:
    """Return a hash of plain values."""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def printable(text: str, max_characters: int = 2_000) -> str:
    """Return a text that every database can keep: what no text should hold is replaced, the rest is cut."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")[:max_characters]


def one_line(text: str, what: str, max_characters: int = 200) -> str:
    """Return a short text without white space around it; raises ValidationFailed where it is none."""
    line = text.strip()
    if not line or len(line) > max_characters or not line.isprintable():
        raise ValidationFailed(f"The {what} must be one line of 1 to {max_characters} characters.")
    return line
