"""The way in and out: a code or a link for students, a password for staff, and in practice nothing at all."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from grader.web.domain.accounts import people, sessions
from grader.web.domain.accounts.people import Person
from grader.web.http import sign_in
from grader.web.http.auth import CurrentVisitor, Fields, SignedIn, cookie_name, set_session_cookie
from grader.web.http.rendering.templates import render_page
from grader.web.http.sign_in import SignInFailed

router = APIRouter()


@router.get("/enter")
def entrance(asking: CurrentVisitor) -> Response:
    """Show the ways in."""
    if asking.person is not None:
        return RedirectResponse("/", 303)
    return _ways(asking)


@router.get("/enter/{code}")
def by_link(code: str, asking: CurrentVisitor) -> Response:
    """Show the button behind a link: whoever merely fetches the link, such as a mail filter, uses nothing up."""
    return render_page(asking, "sign_in.html", code=code, wrong=None, practice=False)


@router.post("/enter")
def enter(asking: CurrentVisitor, fields: Fields) -> Response:
    """Let in by a code, or by the secret part of a link."""
    try:
        return _in(asking, *sign_in.by_code(asking, str(fields.get("code", ""))[:200]))
    except SignInFailed as refused:
        return _ways(asking, refused)


@router.post("/enter/password")
def by_password(asking: CurrentVisitor, fields: Fields) -> Response:
    """Let in by name and password."""
    login, password = (str(fields.get(name, ""))[:200] for name in ("login", "password"))
    try:
        return _in(asking, *sign_in.by_password(asking, login, password))
    except SignInFailed as refused:
        return _ways(asking, refused)


@router.post("/enter/practice")
def as_guest(asking: CurrentVisitor, fields: Fields) -> Response:
    """Let in anybody, where all is mere practice."""
    return _in(asking, *sign_in.as_guest(asking))


@router.post("/leave")
def leave(request: Request, asking: SignedIn, fields: Fields) -> Response:
    """End the session."""
    with asking.service.database.writing() as connection:
        sessions.end(connection, asking.token)
    response = RedirectResponse("/enter", 303)
    response.delete_cookie(
        cookie_name(asking.service), path="/", secure=asking.service.secure, httponly=True, samesite="lax"
    )
    return response


def _ways(asking: CurrentVisitor, refused: SignInFailed | None = None) -> Response:
    """Show the ways in that there are, and why the one that was tried is none."""
    with asking.service.database.reading() as connection:
        passwords = bool(people.with_password(connection))
    return render_page(
        asking,
        "sign_in.html",
        refused.status if refused else 200,
        code="",
        wrong=refused and refused.message,
        practice=asking.service.settings.practice,
        passwords=passwords,
    )


def _in(asking: CurrentVisitor, person: Person, token: str) -> Response:
    response = RedirectResponse("/staff" if person.is_staff else "/", 303)
    set_session_cookie(response, asking.service, token)
    return response
