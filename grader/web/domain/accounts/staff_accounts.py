"""Staff accounts, for the command line (user management): add and list them, give a link, set a password (password reset)."""

from __future__ import annotations

from sqlalchemy import Connection

from grader.web.db.engine import Database
from grader.web.domain.accounts import login_codes, people
from grader.web.domain.accounts.people import Person, Role
from grader.web.errors import NotFound
from grader.web.settings import Settings

LINK_DAYS = 1
"""How long a link is good."""


def add(
    database: Database,
    settings: Settings,
    login: str,
    role: Role,
    name: str | None = None,
    password: str | None = None,
) -> str | None:
    """Add a member of staff, and return the secret part of their link; None if they have a password instead."""
    with database.writing() as connection:
        person = people.add(connection, login, name, role, password)
        return None if password else login_codes.issue_link(connection, person, settings, LINK_DAYS)


def new_link(database: Database, settings: Settings, login: str) -> str:
    """Return the secret part of a new link; codes and links before it are worthless."""
    with database.writing() as connection:
        person = _staff(connection, login)
        login_codes.revoke(connection, person)
        return login_codes.issue_link(connection, person, settings, LINK_DAYS)


def set_password(database: Database, login: str, password: str) -> None:
    """Give a member of staff another password; their links are worthless and their sessions end."""
    with database.writing() as connection:
        person = _staff(connection, login)
        login_codes.revoke(connection, person)
        people.set_password(connection, person, password)


def find(database: Database, login: str) -> Person:
    """Return a member of staff; raises NotFound."""
    with database.reading() as connection:
        return _staff(connection, login)


def all_staff(database: Database) -> list[tuple[Person, bool]]:
    """Return all members of staff, each with whether they have a password."""
    with database.reading() as connection:
        have_password = people.with_password(connection)
        staff = (person for person in people.everyone(connection) if person.is_staff)
        return [(person, person.id in have_password) for person in staff]


def _staff(connection: Connection, login: str) -> Person:
    person = people.by_login(connection, login.strip())
    if person is None or not person.is_staff:
        raise NotFound(f"There is no member of staff {login}. `grader staff list` names all of them.")
    return person
