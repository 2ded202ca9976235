"""Entering, for the pages and for programs alike: by a code, by a password or as a guest, each at its pace."""

from __future__ import annotations

from grader.web.db.types import new_id
from grader.web.domain.accounts import login_codes, people, sessions
from grader.web.domain.accounts.people import Person
from grader.web.errors import NotFound, ServiceError
from grader.web.http.auth import Visitor

WRONG = "This code is not valid: it may have been used already, or have expired. Ask for a new one."
UNKNOWN = "This name and this password do not belong together."


class SignInFailed(ServiceError):
    """The code or the password is not the right one."""

    code = "not-let-in"
    status = 403


def by_code(visitor: Visitor, code: str) -> tuple[Person, str]:
    """Return whose code or link this is, and the token of a new session; raises NotLetIn and TooMany.

    Only wrong ones count against an address: a lecture hall behind one address enters with right ones, whoever guesses there.
    They are only looked up, so that guessing keeps nobody from writing.
    """
    service = visitor.service
    with service.database.reading() as connection:
        right = login_codes.is_valid(connection, code, service.settings)
    if right:
        with service.database.writing() as connection:
            found = login_codes.redeem(connection, code, service.settings)
            if found is not None:
                return found, sessions.begin(connection, found, service.settings, visitor.token)
    visitor.rate_limits.consume("code", visitor.address)
    raise SignInFailed(WRONG)


def by_password(visitor: Visitor, login: str, password: str) -> tuple[Person, str]:
    """Return the member of staff whose password this is, and the token of a new session; raises NotLetIn and TooMany."""
    service, who = visitor.service, login.strip().casefold()
    visitor.rate_limits.consume("passwords", visitor.address)
    visitor.rate_limits.consume("password", f"{who} {visitor.address}")
    visitor.rate_limits.consume("login", who)
    with service.database.reading() as connection:
        found = people.check_password(connection, login, password)
    if found is None:
        raise SignInFailed(UNKNOWN)
    with service.database.writing() as connection:
        return found, sessions.begin(connection, found, service.settings, visitor.token)


def as_guest(visitor: Visitor) -> tuple[Person, str]:
    """Return a new guest where all is mere practice, and the token of their session; raises NotFound and TooMany."""
    service = visitor.service
    if not service.settings.practice:
        raise NotFound
    visitor.rate_limits.consume("guest", visitor.address)
    with service.database.writing() as connection:
        made = people.get_or_create_student(connection, people.GUEST + new_id()[:10], "Guest")
        return made, sessions.begin(connection, made, service.settings, visitor.token)
