"""Settings of the service (pydantic-settings): from the command line, else from environment variables ``GRADER_…``."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import Field, SecretBytes, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from grader.core.seeds import Secret, from_bytes

DEFAULT_DATABASE = "sqlite:///grader.sqlite3"
MIN_SECRET_BYTES = 16
SECRET_NEEDED = "The service needs a secret of its own: name a file with --secret-file, or set GRADER_SECRET."
SECRET_TOO_SHORT = f"The secret of the service is too short: it needs at least {MIN_SECRET_BYTES} bytes."


@dataclass(frozen=True)
class ServiceLimits:
    """How much is accepted: the characters and texts of one answer, and the attempts of one student (in a minute, ungraded at a time,
    and at one blank, however many the exam allows).

    A login code is good for ``code_days``. An answer is graded at most ``grading_tries`` times, each for ``lease_seconds`` before another worker may take it.
    """

    answer_characters: int = 20_000
    answer_texts: int = 200
    attempts_per_minute: int = 60
    ungraded_attempts: int = 40
    attempts_per_blank: int = 500
    grading_tries: int = 3
    lease_seconds: float = 120.0
    session_hours: float = 12.0
    code_days: float = 7.0


class Settings(BaseSettings):
    """The secret, the database, the number of workers, the limits (``GRADER_LIMITS__…``), and whether guests may practise.

    The secret and the database's address, which may hold a password, stand in no ``repr`` and no error.

    Raises: ValueError for a value that is not valid, and without a secret that is long enough.
    """

    model_config = SettingsConfigDict(
        env_prefix="GRADER_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        hide_input_in_errors=True,
    )

    secret: SecretBytes = SecretBytes(b"")
    database: str = Field(default=DEFAULT_DATABASE, repr=False)
    workers: int = 2
    limits: ServiceLimits = ServiceLimits()
    practice: bool = False

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ValueError(" ".join(map(_message, error.errors()))) from None

    @field_validator("secret", mode="before")
    @classmethod
    def _strip(cls, value: Any) -> Any:
        """Strip a text, which is from the environment: as ``core.seeds`` does, so that both find the same secret."""
        return value.strip() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _check_secret(self) -> Self:
        if not self.secret:
            raise ValueError(SECRET_NEEDED)
        if len(self.secret) < MIN_SECRET_BYTES:
            raise ValueError(SECRET_TOO_SHORT)
        return self

    @property
    def grading_secret(self) -> Secret:
        """The secret from which sample points and hidden inputs derive."""
        return from_bytes(self.secret.get_secret_value())

    def key(self, purpose: str) -> bytes:
        """Return a key for one purpose of the service, from which the secret cannot be found."""
        # The first bytes separate these keys from the seeds, which derive from the same secret.
        return hmac.new(self.secret.get_secret_value(), b"web\0" + purpose.encode(), hashlib.sha256).digest()

    def to_json(self) -> str:
        """Return all settings in one line, the secret included: only for the standard input of a worker."""
        return json.dumps(self.model_dump(mode="json") | {"secret": self.secret.get_secret_value().hex()})

    @classmethod
    def from_json(cls, line: str) -> Settings:
        """Return the settings that ``to_json`` wrote, whatever the environment says."""
        values = json.loads(line)
        return cls(**(values | {"secret": bytes.fromhex(values["secret"])}))


def _message(error: ErrorDetails) -> str:
    """Return what is wrong in one line, by the environment variable: pydantic's own text takes three for each error."""
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    variable = "GRADER_" + "__".join(map(str, error["loc"])).upper()
    return f"{variable}: {error['msg']}."


def read_or_create_secret(path: Path) -> bytes:
    """Return the secret in a file; create it, readable for its owner alone, if there is none."""
    with contextlib.suppress(FileExistsError), open(path, "x", opener=_open_private) as file:
        file.write(secrets.token_hex(32) + "\n")
    return path.read_bytes().strip()


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
