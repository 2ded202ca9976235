"""What the service is started with."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grader.core.seeds import Secret, from_bytes

DATABASE = "sqlite:///grader.sqlite3"
SHORTEST = 16
"""Bytes of a secret that cannot be guessed."""
NEEDED = "The service needs a secret of its own: name a file with --secret-file, or set GRADER_SECRET."
SHORT = f"The secret of the service is too short: it needs at least {SHORTEST} bytes."


@dataclass(frozen=True)
class Limits:
    """How much is taken: characters and texts of one answer, answers of one student in a minute, that wait and at one blank, tries
    and seconds for one answer.

    ``lease`` is how long a grading process may keep an answer before another takes it.
    """

    answer: int = 20_000
    texts: int = 200
    per_minute: int = 60
    waiting: int = 40
    per_blank: int = 500
    tries: int = 3
    lease: float = 120.0
    session_hours: float = 12.0
    snapshot_bytes: int = 20_000_000


@dataclass(frozen=True)
class Settings:
    """The database, the secret, how many processes grade, the limits, and whether this is mere practice.

    A secret that everybody knows, the public one, is refused (ValueError).
    """

    secret: bytes = field(repr=False)
    database: str = field(default=DATABASE, repr=False)
    workers: int = 2
    limits: Limits = field(default_factory=Limits)
    practice: bool = False

    def __post_init__(self) -> None:
        if not self.secret:
            raise ValueError(NEEDED)
        if len(self.secret) < SHORTEST:
            raise ValueError(SHORT)

    @property
    def grading_secret(self) -> Secret:
        """The secret from which sample points and hidden inputs derive."""
        return from_bytes(self.secret)

    def key(self, purpose: str) -> bytes:
        """Return a key for one purpose of the service, which tells nothing of the secret."""
        return hmac.new(self.secret, b"web\0" + purpose.encode(), hashlib.sha256).digest()

    def plain(self) -> dict[str, Any]:
        """Return all of it as plain values, the secret too: only for a process of ours."""
        return asdict(self) | {"secret": self.secret.hex()}


def restored(plain: dict[str, Any]) -> Settings:
    """Return the settings that ``Settings.plain`` was made of."""
    limits = Limits(**plain["limits"])
    return Settings(**(plain | {"secret": bytes.fromhex(plain["secret"]), "limits": limits}))


def read(line: str) -> Settings:
    """Return the settings in one line of JSON."""
    return restored(json.loads(line))


def own_secret(path: Path) -> bytes:
    """Return the secret in a file, which is made, for the owner's eyes only, where there is none."""
    with contextlib.suppress(FileExistsError), open(path, "x", opener=_private) as new:
        new.write(secrets.token_hex(32) + "\n")
    return path.read_bytes().strip()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
