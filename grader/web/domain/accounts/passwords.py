"""Password hashing (Argon2): what is stored of a password, and checking one; each takes 64 MB, so that few are checked at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from grader.web.db.column_types import new_id
from grader.web.errors import RateLimited, ValidationFailed

MIN_CHARACTERS, MAX_CHARACTERS = 10, 1_000
MAX_CONCURRENT, MAX_WAITING = 2, 6
"""How many are checked at a time, and how many requests may wait for their turn: each of them holds a thread."""
BUSY = "Many are entering at this moment. Please try again in a second."
HASHER = PasswordHasher()
_running, _admitted = BoundedSemaphore(MAX_CONCURRENT), BoundedSemaphore(MAX_CONCURRENT + MAX_WAITING)


def hash_password(password: str) -> str:
    """Return what is stored of a password; raises ValidationFailed if it is too short or too long."""
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        raise ValidationFailed(f"A password has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters.")
    return HASHER.hash(password.encode("utf-8", "surrogatepass"))


def matches(hashed: str | None, password: str) -> bool:
    """True if this is the password of a hash; it takes as long where there is none. Raises RateLimited."""
    with _turn():
        dummy = _dummy_hash()
        try:
            HASHER.verify(hashed or dummy, password[:MAX_CHARACTERS].encode("utf-8", "surrogatepass"))
        except (Argon2Error, InvalidHashError):
            return False
    return hashed is not None


@contextmanager
def _turn() -> Iterator[None]:
    if not _admitted.acquire(blocking=False):
        raise RateLimited(BUSY, 1)
    try:
        with _running:
            yield
    finally:
        _admitted.release()


@cache
def _dummy_hash() -> str:
    """Return the hash of a password that nobody has: a wrong login must take as long as a wrong password."""
    return HASHER.hash(new_id())
