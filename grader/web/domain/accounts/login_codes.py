"""Login codes and login links (one-time codes, magic links): the way to sign in without a password, each good for one time."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from grader.web.db import tables
from grader.web.db.column_types import now_or
from grader.web.domain import audit_log
from grader.web.domain.accounts import people
from grader.web.domain.accounts.people import Person
from grader.web.settings import Settings

ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Letters and digits of which none is taken for another."""
CODE_LETTERS = 12
"""The length of a code, which makes 58 bits."""


def issue_code(
    connection: Connection,
    person: Person,
    settings: Settings,
    days: float | None = None,
    actor: str | None = None,
    now: datetime | None = None,
) -> str:
    """Return a new code such as ``K7PX-2MQD-9RTA``, good for one time within so many days, by default ``limits.code_days``."""
    letters = _random_letters()
    _store(connection, person, settings, letters, days, actor, now)
    return _with_hyphens(letters)


def issue_codes(
    connection: Connection,
    persons: Sequence[Person],
    settings: Settings,
    days: float | None = None,
    now: datetime | None = None,
) -> list[str]:
    """Return a new code for each person, in their order; the caller records it in the audit log."""
    codes = [_random_letters() for _ in persons]
    rows = [_row(settings, code, person, days, now) for code, person in zip(codes, persons, strict=True)]
    if rows:
        connection.execute(insert(tables.codes), rows)
    return [_with_hyphens(code) for code in codes]


def issue_link(
    connection: Connection,
    person: Person,
    settings: Settings,
    days: float | None = None,
    actor: str | None = None,
    now: datetime | None = None,
) -> str:
    """Return the secret part of a new link, good for one time."""
    token = secrets.token_urlsafe(32)
    _store(connection, person, settings, token, days, actor, now)
    return token


def is_valid(connection: Connection, code: str, settings: Settings, now: datetime | None = None) -> bool:
    """True if this is a code or link that is good now; it is not used up."""
    return connection.execute(select(tables.codes.c.code).where(_is_good(code, settings, now))).first() is not None


def redeem(connection: Connection, code: str, settings: Settings, now: datetime | None = None) -> Person | None:
    """Return whose code or link this is, and use it up; None if it is nobody's, was used before or has expired."""
    codes = tables.codes
    change = update(codes).where(_is_good(code, settings, now)).values(used_at=now_or(now))
    owner = connection.execute(change.returning(codes.c.person)).scalar()
    return None if owner is None else people.by_id(connection, owner)


def _is_good(code: str, settings: Settings, now: datetime | None) -> ColumnElement[bool]:
    codes = tables.codes
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    hashes = [_hmac(settings, letters), _hmac(settings, code.strip())]
    return and_(codes.c.code.in_(hashes), codes.c.used_at.is_(None), codes.c.expires_at > now_or(now))


def revoke(connection: Connection, person: Person, actor: str | None = None) -> None:
    """Make all codes and links of a person worthless."""
    connection.execute(delete(tables.codes).where(tables.codes.c.person == person.id))
    audit_log.record(connection, actor, "codes-revoked", person.id)


def _store(
    connection: Connection,
    person: Person,
    settings: Settings,
    code: str,
    days: float | None,
    actor: str | None,
    now: datetime | None,
) -> None:
    connection.execute(insert(tables.codes).values(_row(settings, code, person, days, now)))
    audit_log.record(connection, actor, "code-made", person.id, now=now)


def _row(settings: Settings, code: str, person: Person, days: float | None, now: datetime | None) -> dict[str, Any]:
    moment = now_or(now)
    return {
        "code": _hmac(settings, code),
        "person": person.id,
        "created_at": moment,
        "expires_at": moment + timedelta(days=settings.limits.code_days if days is None else days),
        "used_at": None,
    }


def _random_letters() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))


def _with_hyphens(letters: str) -> str:
    """Return a code as people read and type it."""
    return "-".join(letters[start : start + 4] for start in range(0, CODE_LETTERS, 4))


def _hmac(settings: Settings, code: str) -> str:
    """Return what is stored of a code. It takes the secret: who steals the database alone cannot try codes out."""
    return hmac.new(settings.key("entry"), code.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
