"""Seeds: what sample points and hidden inputs derive from, and the secret behind them, so that they cannot be guessed."""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass, replace
from pathlib import Path

HIDDEN_INPUTS = "inputs"
"""The purpose of what students' programs are run on."""
SECRET_VARIABLE = "GRADER_SECRET"
"""The environment variable with the secret."""


@dataclass(frozen=True)
class Secret:
    """A key and its public id; without a key (``public``) everything derives from the blank alone.

    ``exam`` is the id of an exam of the service, which hidden inputs derive from too: what one exam tells of them helps in no other.
    """

    key: bytes = b""
    id: str = "public"
    exam: str = ""

    def derive(self, canonical: bytes, purpose: str) -> int:
        """Return a 256-bit seed for one purpose of one canonical blank (HMAC-SHA256, RFC 2104)."""
        exam = f"\0exam {self.exam}" if self.exam and purpose == HIDDEN_INPUTS else ""
        message = f"{purpose}{exam}".encode() + b"\0" + canonical
        return int.from_bytes(hmac.new(self.key, message, hashlib.sha256).digest(), "big")

    def for_exam(self, exam: str) -> Secret:
        """Return the same secret for one exam of the service."""
        return replace(self, exam=exam)


PUBLIC = Secret()


def from_bytes(key: bytes) -> Secret:
    """Make a secret; its id is a fingerprint that does not give the key away."""
    return Secret(key, hmac.new(key, b"id", hashlib.sha256).hexdigest()[:12])


def find_secret(path: Path | None = None) -> Secret:
    """Read the secret from a file, else from ``GRADER_SECRET``, else use the public one.

    White space at the end of the file is not part of the secret.

    Raises:
        ValueError: The file is empty.
    """
    if path is not None:
        key = path.read_bytes().strip()
        if not key:
            raise ValueError(f"{path}: the secret file is empty")
        return from_bytes(key)
    text = os.environ.get(SECRET_VARIABLE, "").strip()
    return from_bytes(text.encode()) if text else PUBLIC
