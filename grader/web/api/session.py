"""Entering and leaving by the API: the same codes, passwords, cookies and limits as on the pages."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from grader.web.api.dependencies import Sent, answers, from_here
from grader.web.api.schemas import Code, Me, Password, Practice
from grader.web.domain.accounts import sessions
from grader.web.domain.accounts.people import Person
from grader.web.http import sign_in
from grader.web.http.auth import CurrentVisitor, SignedIn, Visitor, cookie_name, set_session_cookie, signed_in_person

router = APIRouter(tags=["session"])


@router.post("/session", responses=answers(403, 404, 429), dependencies=[Depends(from_here)], summary="Enter")
def enter(asking: CurrentVisitor, given: Code | Password | Practice, response: Response) -> Me:
    """Let in by a code, by login and password, or in mere practice by nothing; sets the session's cookie."""
    known, token = _who(asking, given)
    set_session_cookie(response, asking.service, token)
    return _me(known, sessions.csrf_token(asking.service.settings, token))


def _who(asking: Visitor, given: Code | Password | Practice) -> tuple[Person, str]:
    if isinstance(given, Password):
        return sign_in.by_password(asking, given.login, given.password)
    if isinstance(given, Practice):
        return sign_in.as_guest(asking)
    return sign_in.by_code(asking, given.code)


@router.get("/me", responses=answers(401), summary="Who asks")
def me(asking: SignedIn) -> Me:
    """Tell who asks, and the token against forgery."""
    return _me(signed_in_person(asking), asking.csrf)


@router.delete("/session", status_code=204, responses=answers(401, 403), summary="Leave")
def leave(asking: Sent, response: Response) -> None:
    """End the session."""
    service = asking.service
    with service.database.writing() as connection:
        sessions.end(connection, asking.token)
    response.delete_cookie(cookie_name(service), path="/", secure=service.secure, httponly=True, samesite="lax")


def _me(known: Person, csrf: str) -> Me:
    return Me(login=known.login, name=known.name, role=known.role, csrf=csrf)
