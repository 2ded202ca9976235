"""Passwords: what is kept of one, and trying one; each takes 64 MB, so that few are tried at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from grader.web.db.types import new_id
from grader.web.errors import RateLimited, ValidationFailed

MIN_CHARACTERS, MAX_CHARACTERS = 10, 1_000
MAX_CONCURRENT, MAX_WAITING = 2, 6
"""How many are tried at a time, and how many requests may wait for their turn: each of them holds a thread."""
BUSY = "Many are entering at this moment. Please try again in a second."
HASHER = PasswordHasher()
_turn, _room = BoundedSemaphore(MAX_CONCURRENT), BoundedSemaphore(MAX_CONCURRENT + MAX_WAITING)


def hash_password(password: str) -> str:
    """Return what is kept of a password; raises Invalid if it is too short or too long."""
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        raise ValidationFailed(f"A password has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters.")
    return HASHER.hash(password.encode("utf-8", "surrogatepass"))


def matches(kept: str | None, password: str) -> bool:
    """Whether this is the password of which ``kept`` is kept; it takes as long where nothing is. Raises TooMany."""
    with _its_turn():
        nobodys = _nobodys()
        try:
            HASHER.verify(kept or nobodys, password[:MAX_CHARACTERS].encode("utf-8", "surrogatepass"))
        except (Argon2Error, InvalidHashError):
            return False
    return kept is not None


@contextmanager
def _its_turn() -> Iterator[None]:
    if not _room.acquire(blocking=False):
        raise RateLimited(BUSY, 1)
    try:
        with _turn:
            yield
    finally:
        _room.release()


@cache
def _nobodys() -> str:
    """Return what is kept of a password that nobody has."""
    return HASHER.hash(new_id())
