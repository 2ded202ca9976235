"""The way in and out: a code or a link for students, a password for staff, and in practice nothing at all."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from grader.web.domain.accounts import people, sessions
from grader.web.domain.accounts.people import Person
from grader.web.errors import SignInFailed
from grader.web.http import sign_in
from grader.web.http.auth import CurrentVisitor, Fields, SignedIn, cookie_name, set_session_cookie
from grader.web.http.rendering.templates import render_page

router = APIRouter()


@router.get("/enter")
def entrance(visitor: CurrentVisitor) -> Response:
    """Show the ways in."""
    if visitor.person is not None:
        return RedirectResponse("/", 303)
    return _ways(visitor)


@router.get("/enter/{code}")
def by_link(code: str, visitor: CurrentVisitor) -> Response:
    """Show the button behind a link: whoever merely fetches the link, such as a mail filter, uses nothing up."""
    return render_page(visitor, "sign_in.html", code=code, wrong=None, practice=False)


@router.post("/enter")
def enter(visitor: CurrentVisitor, fields: Fields) -> Response:
    """Let in by a code, or by the secret part of a link."""
    try:
        return _in(visitor, *sign_in.by_code(visitor, str(fields.get("code", ""))[:200]))
    except SignInFailed as refused:
        return _ways(visitor, refused)


@router.post("/enter/password")
def by_password(visitor: CurrentVisitor, fields: Fields) -> Response:
    """Let in by name and password."""
    login, password = (str(fields.get(name, ""))[:200] for name in ("login", "password"))
    try:
        return _in(visitor, *sign_in.by_password(visitor, login, password))
    except SignInFailed as refused:
        return _ways(visitor, refused)


@router.post("/enter/practice")
def as_guest(visitor: CurrentVisitor, fields: Fields) -> Response:
    """Let in anybody, where all is mere practice."""
    return _in(visitor, *sign_in.as_guest(visitor))


@router.post("/leave")
def leave(request: Request, visitor: SignedIn, fields: Fields) -> Response:
    """End the session."""
    with visitor.service.database.writing() as connection:
        sessions.end(connection, visitor.token)
    response = RedirectResponse("/enter", 303)
    response.delete_cookie(
        cookie_name(visitor.service), path="/", secure=visitor.service.secure, httponly=True, samesite="lax"
    )
    return response


def _ways(visitor: CurrentVisitor, refused: SignInFailed | None = None) -> Response:
    """Show the ways in that there are, and why the one that was tried is none."""
    with visitor.service.database.reading() as connection:
        passwords = bool(people.with_password(connection))
    return render_page(
        visitor,
        "sign_in.html",
        refused.status if refused else 200,
        code="",
        wrong=refused and refused.message,
        practice=visitor.service.settings.practice,
        passwords=passwords,
    )


def _in(visitor: CurrentVisitor, person: Person, token: str) -> Response:
    response = RedirectResponse("/staff" if person.is_staff else "/", 303)
    set_session_cookie(response, visitor.service, token)
    return response
