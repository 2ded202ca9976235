"""The fingerprint of the secret that a database was used with: a lost secret is noticed, and not replaced without a word."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from grader.web.db import tables
from grader.web.settings import Settings

NAME = "secret-fingerprint"
CHANGED = """\
Warning: this database was used with another secret. With this one:
  - login codes, sessions and receipts from before are not valid;
  - sample points and hidden inputs of running exams are others, so that verdicts may differ;
  - grader audit verify finds that the log of before does not hold.
Bring the file grader.secret (or GRADER_SECRET) of before back; or go on with this one: grader db accept-secret."""
_FACTS = tables.service_facts


def fits(connection: Connection, settings: Settings) -> bool:
    """Whether the secret is the one that the database was used with; the first secret is stored as that."""
    stored = connection.execute(select(_FACTS.c.value).where(_FACTS.c.name == NAME)).scalar()
    if stored is None:
        connection.execute(insert(_FACTS).values(name=NAME, value=_fingerprint(settings)))
        return True
    return bool(stored == _fingerprint(settings))


def is_another(connection: Connection, settings: Settings) -> bool:
    """Whether the database was used with another secret; it is only looked at."""
    stored = connection.execute(select(_FACTS.c.value).where(_FACTS.c.name == NAME)).scalar()
    return stored is not None and stored != _fingerprint(settings)


def accept(connection: Connection, settings: Settings) -> None:
    """Store the secret as the one that belongs to the database."""
    if not fits(connection, settings):
        connection.execute(update(_FACTS).where(_FACTS.c.name == NAME).values(value=_fingerprint(settings)))


def _fingerprint(settings: Settings) -> str:
    return settings.key("fingerprint").hex()
