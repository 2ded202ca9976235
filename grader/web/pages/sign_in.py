"""Sign in and sign out: a login code or a link for students, a password for staff, and for practice nothing at all."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from grader.web.domain.accounts import people, sessions
from grader.web.domain.accounts.people import Person
from grader.web.errors import SignInFailed
from grader.web.http import known_devices, sign_in
from grader.web.http.auth import CurrentVisitor, Fields, SignedIn, cookie_name, set_session_cookie
from grader.web.http.rendering.templates import render_page
from grader.web.pages.form_fields import text_field

router = APIRouter()
MAX_FIELD_CHARACTERS = 200


@router.get("/enter")
def sign_in_page(visitor: CurrentVisitor) -> Response:
    """Show the forms to sign in."""
    if visitor.person is not None:
        return RedirectResponse("/", 303)
    return _sign_in_page(visitor)


@router.get("/enter/{code}")
def link_page(code: str, visitor: CurrentVisitor) -> Response:
    """Show the button behind a link: fetching the link alone, as a mail filter does, does not use up the code."""
    return render_page(visitor, "sign_in.html", code=code, error=None, is_practice=False)


@router.post("/enter")
def sign_in_by_code(visitor: CurrentVisitor, fields: Fields) -> Response:
    """Sign in by a code, or by the secret part of a link."""
    try:
        return _signed_in(visitor, *sign_in.by_code(visitor, text_field(fields, "code", MAX_FIELD_CHARACTERS)))
    except SignInFailed as error:
        return _sign_in_page(visitor, error)


@router.post("/enter/password")
def sign_in_by_password(visitor: CurrentVisitor, fields: Fields) -> Response:
    """Sign in by username and password."""
    login, password = (text_field(fields, name, MAX_FIELD_CHARACTERS) for name in ("login", "password"))
    try:
        response = _signed_in(visitor, *sign_in.by_password(visitor, login, password))
    except SignInFailed as error:
        return _sign_in_page(visitor, error)
    known_devices.remember(response, visitor.service, login)
    return response


@router.post("/enter/practice")
def sign_in_as_guest(visitor: CurrentVisitor, fields: Fields) -> Response:
    """Sign in anybody as a guest, where the service is for practice only."""
    return _signed_in(visitor, *sign_in.as_guest(visitor))


@router.post("/leave")
def sign_out(request: Request, visitor: SignedIn, fields: Fields) -> Response:
    """End the session."""
    service = visitor.service
    with service.database.writing() as connection:
        sessions.end(connection, visitor.token)
    response = RedirectResponse("/enter", 303)
    response.delete_cookie(cookie_name(service), path="/", secure=service.secure, httponly=True, samesite="lax")
    return response


def _sign_in_page(visitor: CurrentVisitor, error: SignInFailed | None = None) -> Response:
    """Show the forms to sign in, and why the last attempt failed."""
    with visitor.service.database.reading() as connection:
        has_passwords = bool(people.with_password(connection))
    return render_page(
        visitor,
        "sign_in.html",
        error.status if error else 200,
        code="",
        error=error and error.message,
        is_practice=visitor.service.settings.practice,
        has_passwords=has_passwords,
    )


def _signed_in(visitor: CurrentVisitor, person: Person, token: str) -> Response:
    response = RedirectResponse("/staff" if person.is_staff else "/", 303)
    set_session_cookie(response, visitor.service, token)
    return response
