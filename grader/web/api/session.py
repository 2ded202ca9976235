"""Routes of the API for sessions: sign in and out with the codes, passwords, cookies and rate limits of the pages."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from grader.web.api.dependencies import CheckedSignedIn, check_source, error_responses
from grader.web.api.schemas import CodeSignIn, Me, PasswordSignIn, PracticeSignIn
from grader.web.domain.accounts import sessions
from grader.web.domain.accounts.people import Person
from grader.web.http import known_devices, sign_in
from grader.web.http.auth import CurrentVisitor, SignedIn, Visitor, cookie_name, set_session_cookie, signed_in_person

router = APIRouter(tags=["session"])


@router.post(
    "/session", responses=error_responses(403, 404, 429), dependencies=[Depends(check_source)], summary="Sign in"
)
def create_session(
    visitor: CurrentVisitor, credentials: CodeSignIn | PasswordSignIn | PracticeSignIn, response: Response
) -> Me:
    """Sign in by a code, by login and password, or as a guest on a service for practice. Sets the session's cookie."""
    person, token = _sign_in(visitor, credentials)
    set_session_cookie(response, visitor.service, token)
    if isinstance(credentials, PasswordSignIn):
        known_devices.remember(response, visitor.service, credentials.login)
    return _me(person, sessions.csrf_token(visitor.service.settings, token))


def _sign_in(visitor: Visitor, credentials: CodeSignIn | PasswordSignIn | PracticeSignIn) -> tuple[Person, str]:
    if isinstance(credentials, PasswordSignIn):
        return sign_in.by_password(visitor, credentials.login, credentials.password)
    if isinstance(credentials, PracticeSignIn):
        return sign_in.as_guest(visitor)
    return sign_in.by_code(visitor, credentials.code)


@router.get("/me", responses=error_responses(401), summary="Who is signed in")
def get_me(visitor: SignedIn) -> Me:
    """Return who you are, and your CSRF token."""
    return _me(signed_in_person(visitor), visitor.csrf)


@router.delete("/session", status_code=204, responses=error_responses(401, 403), summary="Sign out")
def delete_session(visitor: CheckedSignedIn, response: Response) -> None:
    """End the session."""
    service = visitor.service
    with service.database.writing() as connection:
        sessions.end(connection, visitor.token)
    response.delete_cookie(cookie_name(service), path="/", secure=service.secure, httponly=True, samesite="lax")


def _me(person: Person, csrf: str) -> Me:
    return Me(login=person.login, name=person.name, role=person.role, csrf=csrf)
