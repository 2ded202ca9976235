"""Sessions: an opaque random token from page to page, of which only a hash is stored, and CSRF tokens for forms."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select

from grader.web.db import tables
from grader.web.db.column_types import equals_bound, now_or
from grader.web.domain.accounts import people
from grader.web.domain.accounts.people import Person
from grader.web.settings import Settings

_PERSON = (
    select(*people.COLUMNS)
    .join(tables.sessions, tables.sessions.c.person == tables.people.c.id)
    .where(equals_bound(tables.sessions.c.token), tables.sessions.c.expires_at > bindparam("now"))
    .where(tables.people.c.erased_at.is_(None))
)


def begin(
    connection: Connection,
    person: Person,
    settings: Settings,
    old: str | None = None,
    now: datetime | None = None,
) -> str:
    """Return the token of a new session; the session of ``old``, which somebody may have planted, ends."""
    if old is not None:
        end(connection, old)
    moment, token = now_or(now), secrets.token_urlsafe(32)
    connection.execute(delete(tables.sessions).where(tables.sessions.c.expires_at <= moment))
    expires_at = moment + timedelta(hours=settings.limits.session_hours)
    row = {"token": _hash(token), "person": person.id, "created_at": moment, "expires_at": expires_at}
    connection.execute(insert(tables.sessions).values(row))
    return token


def find_person(connection: Connection, token: str, now: datetime | None = None) -> Person | None:
    """Return the person of a session, None if there is none or it has expired."""
    row = connection.execute(_PERSON, {"token": _hash(token), "now": now_or(now)}).first()
    return people.person_of(row) if row else None


def end(connection: Connection, token: str) -> None:
    """End a session."""
    connection.execute(delete(tables.sessions).where(tables.sessions.c.token == _hash(token)))


def end_all(connection: Connection, person: Person) -> None:
    """End every session of a person."""
    connection.execute(delete(tables.sessions).where(tables.sessions.c.person == person.id))


def anonymous_token() -> str:
    """Return a token for a visitor who has not signed in; it is stored nowhere, and serves only to make CSRF tokens."""
    return secrets.token_urlsafe(32)


def csrf_token(settings: Settings, token: str) -> str:
    """Return the CSRF token that a form must hold beside the cookie with this session token."""
    return hmac.new(settings.key("csrf"), token.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def is_csrf_token(settings: Settings, token: str, sent: str) -> bool:
    """True if this is the CSRF token of a session token."""
    return hmac.compare_digest(csrf_token(settings, token).encode(), sent.encode("utf-8", "replace"))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
