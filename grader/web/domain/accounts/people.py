"""People: students by the id that marks are joined on, staff by a login with a password."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Connection, delete, insert, select, update

from grader.web.db import bulk_insert, row_locks, tables
from grader.web.db.column_types import new_id, now_or, one_line
from grader.web.domain import audit_log
from grader.web.domain.accounts import passwords
from grader.web.errors import Conflict, NotFound, ValidationFailed

Role = Literal["student", "grader", "instructor", "admin"]
STAFF: tuple[Role, ...] = ("grader", "instructor", "admin")


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in; of one who was erased the id is left."""

    id: str
    login: str
    name: str | None
    role: Role

    @property
    def display_name(self) -> str:
        """The name to show to staff: the login where no name is known."""
        return self.name or self.login

    @property
    def is_staff(self) -> bool:
        """True unless this is a student."""
        return self.role in STAFF

    @property
    def is_guest(self) -> bool:
        """True if this is a guest, who merely practises."""
        return self.role == "student" and self.login.startswith(GUEST)

    def at_least(self, role: Role) -> bool:
        """True if this person may do what ``role`` may (authorization): an admin everything, an instructor what a grader may."""
        order = get_args(Role)
        return bool(order.index(self.role) >= order.index(role))


MAX_PEOPLE_PER_STATEMENT = 1_000
"""Logins that are looked up by one statement: databases limit what a statement holds."""
GUEST = "guest-"
"""How the logins of guests begin."""
COLUMNS = (tables.people.c.id, tables.people.c.login, tables.people.c.name, tables.people.c.role)
_present = select(*COLUMNS).where(tables.people.c.erased_at.is_(None))


def person_of(row: Any) -> Person:
    """Return the person in a row that has COLUMNS."""
    return Person(row.id, row.login, row.name, row.role)


def add(
    connection: Connection,
    login: str,
    name: str | None = None,
    role: Role = "student",
    password: str | None = None,
    actor: str | None = None,
    now: datetime | None = None,
) -> Person:
    """Add somebody; raises Conflict if the login is taken."""
    login = one_line(login, "login")
    clean_name = one_line(name, "name") if name and name.strip() else None
    if by_login(connection, login):
        raise Conflict(f"There is a person {login} already.")
    id = new_id()
    row = {
        "id": id,
        "login": login,
        "name": clean_name,
        "role": role,
        "created_at": now_or(now),
        "password": None if password is None else passwords.hash_password(password),
    }
    connection.execute(insert(tables.people).values(row))
    audit_log.record(connection, actor, "person-added", id, now=now, role=role)
    return Person(id, login, clean_name, role)


def get_or_create_student(
    connection: Connection, login: str, name: str | None = None, actor: str | None = None
) -> Person:
    """Return the student of a roster's line, added or renamed as it says; raises Conflict if that is one of the staff."""
    person = by_login(connection, one_line(login, "login"))
    if person is None:
        return add(connection, login, name, actor=actor)
    if person.is_staff:
        raise Conflict(f"{person.login} is one of the staff.")
    if name and name.strip() and name.strip() != person.name:
        new_name = one_line(name, "name")
        connection.execute(update(tables.people).where(tables.people.c.id == person.id).values(name=new_name))
        return Person(person.id, person.login, new_name, person.role)
    return person


def get_or_create_students(
    connection: Connection, names: Mapping[str, str | None], actor: str | None = None
) -> dict[str, Person]:
    """Return many students by their logins, added or renamed as the names say, and locked until this transaction ends.

    Raises Conflict if one is of the staff, and NotFound if one is erased meanwhile.
    """
    logins = sorted(one_line(login, "login") for login in names)
    known = by_logins(connection, logins)
    new = [login for login in logins if login not in known]
    rows = [
        {"id": new_id(), "login": login, "name": None, "role": "student", "password": None, "created_at": now_or(None)}
        for login in new
    ]
    bulk_insert.add_missing(connection, tables.people, rows)
    known |= by_logins(connection, new)
    for row in rows:
        if row["id"] == known[str(row["login"])].id:  # Else somebody else has added this login at the same moment.
            audit_log.record(connection, actor, "person-added", str(row["id"]), role="student")
    row_locks.lock_present_people(connection, [person.id for person in known.values()])
    students: dict[str, Person] = {}
    for login, name in names.items():
        person = known[one_line(login, "login")]
        is_unchanged = not person.is_staff and (not name or name.strip() == person.name)
        students[login] = person if is_unchanged else get_or_create_student(connection, person.login, name, actor)
    return students


def by_login(connection: Connection, login: str) -> Person | None:
    """Return the person of a login."""
    query = _present.where(tables.people.c.login == login)
    row = connection.execute(query).first() if login.isprintable() else None
    return person_of(row) if row else None


def by_logins(connection: Connection, logins: Sequence[str]) -> dict[str, Person]:
    """Return the people of many logins, by these."""
    found: dict[str, Person] = {}
    for start in range(0, len(logins), MAX_PEOPLE_PER_STATEMENT):
        is_one = tables.people.c.login.in_(logins[start : start + MAX_PEOPLE_PER_STATEMENT])
        found |= {row.login: person_of(row) for row in connection.execute(_present.where(is_one))}
    return found


def by_id(connection: Connection, id: str) -> Person:
    """Return the person of an id; raises NotFound."""
    query = _present.where(tables.people.c.id == id)
    row = connection.execute(query).first() if id.isprintable() else None
    if row is None:
        raise NotFound
    return person_of(row)


def display_names(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Return the names to show to staff by id; who was erased has none and is left out."""
    found: dict[str, str] = {}
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), MAX_PEOPLE_PER_STATEMENT):
        query = _present.where(tables.people.c.id.in_(wanted[start : start + MAX_PEOPLE_PER_STATEMENT]))
        found |= {row.id: person_of(row).display_name for row in connection.execute(query)}
    return found


def everyone(connection: Connection, role: Role | None = None) -> list[Person]:
    """Return all people, or those of one role, by their logins."""
    query = _present.order_by(tables.people.c.login)
    if role is not None:
        query = query.where(tables.people.c.role == role)
    return [person_of(row) for row in connection.execute(query)]


def with_password(connection: Connection) -> set[str]:
    """Return the ids of those who have a password."""
    query = select(tables.people.c.id).where(tables.people.c.password.is_not(None))
    return set(connection.scalars(query))


def set_password(connection: Connection, person: Person, password: str, actor: str | None = None) -> None:
    """Give one of the staff a password; all their sessions end."""
    if not person.is_staff:
        raise ValidationFailed("Students enter by a link or a code.")
    change = (
        update(tables.people).where(tables.people.c.id == person.id).values(password=passwords.hash_password(password))
    )
    connection.execute(change)
    connection.execute(delete(tables.sessions).where(tables.sessions.c.person == person.id))
    audit_log.record(connection, actor, "password-set", person.id)


def check_password(connection: Connection, login: str, password: str) -> Person | None:
    """Return the member of staff whose password this is; it takes as long for a login that does not exist. Raises RateLimited."""
    query = select(tables.people.c.password, *COLUMNS).where(
        tables.people.c.login == login.strip(), tables.people.c.erased_at.is_(None)
    )
    row = connection.execute(query).first() if login.isprintable() else None
    hashed = row.password if row and row.role in STAFF else None
    return person_of(row) if passwords.matches(hashed, password) else None
