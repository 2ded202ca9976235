"""Sign-in for the pages and the API alike: by a login code, by a password or as a guest, each with its rate limits."""

from __future__ import annotations

from grader.web.db.column_types import new_id
from grader.web.domain.accounts import login_codes, people, sessions
from grader.web.domain.accounts.people import Person
from grader.web.errors import NotFound, SignInFailed
from grader.web.http import known_devices
from grader.web.http.auth import Visitor

WRONG_CODE = "This code is not valid: it may have been used already, or have expired. Ask for a new one."
WRONG_PASSWORD = "Incorrect username or password."


def by_code(visitor: Visitor, code: str) -> tuple[Person, str]:
    """Return whose login code or link this is, and the token of a new session.

    Only wrong codes count against an address: a lecture hall behind one address signs in, whoever guesses there. They are only
    looked up, so that guessing keeps nobody from writing to the database.

    Raises: SignInFailed, RateLimited.
    """
    service = visitor.service
    with service.database.reading() as connection:
        is_valid = login_codes.is_valid(connection, code, service.settings)
    if is_valid:
        with service.database.writing() as connection:
            person = login_codes.redeem(connection, code, service.settings)
            if person is not None:  # Somebody else may have used it in between.
                return person, sessions.begin(connection, person, service.settings, visitor.token)
    visitor.rate_limits.consume("code", visitor.address)
    raise SignInFailed(WRONG_CODE)


def by_password(visitor: Visitor, login: str, password: str) -> tuple[Person, str]:
    """Return the member of staff with this login and password, and the token of a new session.

    A device that has signed in to the account before has a limit of its own: no stranger uses that up.

    Raises: SignInFailed, RateLimited.
    """
    service, folded_login = visitor.service, login.strip().casefold()
    device = known_devices.recognize(service.settings, visitor.device, login)
    if device is not None:
        visitor.rate_limits.consume("password", f"device {device}")
    else:
        visitor.rate_limits.consume("passwords", visitor.address)
        visitor.rate_limits.consume("password", f"{folded_login} {visitor.address}")
        visitor.rate_limits.consume("login", folded_login)
    with service.database.reading() as connection:
        person = people.check_password(connection, login, password)
    if person is None:
        raise SignInFailed(WRONG_PASSWORD)
    with service.database.writing() as connection:
        return person, sessions.begin(connection, person, service.settings, visitor.token)


def as_guest(visitor: Visitor) -> tuple[Person, str]:
    """Return a new guest of a service for practice, and the token of their session.

    Raises: NotFound, RateLimited.
    """
    service = visitor.service
    if not service.settings.practice:
        raise NotFound
    visitor.rate_limits.consume("guest", visitor.address)
    with service.database.writing() as connection:
        guest = people.get_or_create_student(connection, people.GUEST + new_id()[:10], "Guest")
        return guest, sessions.begin(connection, guest, service.settings, visitor.token)
