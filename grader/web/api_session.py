"""Entering and leaving by the API: the same codes, passwords, cookies and limits as on the pages."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from grader.web import entry, people, sessions
from grader.web.api_door import Sent, answers, from_here
from grader.web.api_shapes import Code, Me, Password, Practice
from grader.web.columns import new_id
from grader.web.door import Asking, Known, Visitor, cookie, person, remember
from grader.web.entrance import UNKNOWN, WRONG
from grader.web.people import Person
from grader.web.refusals import NotFound, Refused

router = APIRouter(tags=["session"])


class NotLetIn(Refused):
    """The code or the password is not the right one."""

    code = "not-let-in"
    status = 403


@router.post("/session", responses=answers(403, 404, 429), dependencies=[Depends(from_here)], summary="Enter")
def enter(asking: Asking, given: Code | Password | Practice, response: Response) -> Me:
    """Let in by a code, by login and password, or in mere practice by nothing; sets the session's cookie."""
    purpose = "password" if isinstance(given, Password) else "enter"
    asking.service.pace.take(purpose, asking.address)
    known = _who(asking, given)
    with asking.service.database.writing() as connection:
        token = sessions.begin(connection, known, asking.service.settings, asking.token)
    remember(response, asking.service, token)
    return _me(known, sessions.csrf(asking.service.settings, token))


def _who(asking: Visitor, given: Code | Password | Practice) -> Person:
    service = asking.service
    if isinstance(given, Password):
        with service.database.reading() as connection:
            found = people.check_password(connection, given.login, given.password)
        return _let_in(found, UNKNOWN)
    if isinstance(given, Practice) and not service.settings.practice:
        raise NotFound
    with service.database.writing() as connection:
        if isinstance(given, Practice):
            return people.student(connection, f"guest-{new_id()[:10]}", "Guest")
        return _let_in(entry.enter(connection, given.code, service.settings), WRONG)


def _let_in(found: Person | None, says: str) -> Person:
    if found is None:
        raise NotLetIn(says)
    return found


@router.get("/me", responses=answers(401), summary="Who asks")
def me(asking: Known) -> Me:
    """Tell who asks, and the token against forgery."""
    return _me(person(asking), asking.csrf)


@router.delete("/session", status_code=204, responses=answers(401, 403), summary="Leave")
def leave(asking: Sent, response: Response) -> None:
    """End the session."""
    service = asking.service
    with service.database.writing() as connection:
        sessions.end(connection, asking.token)
    response.delete_cookie(cookie(service), path="/", secure=service.secure, httponly=True, samesite="lax")


def _me(known: Person, csrf: str) -> Me:
    return Me(login=known.login, name=known.name, role=known.role, csrf=csrf)
