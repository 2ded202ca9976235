"""The way in and out: a code or a link for students, a password for staff, and in practice nothing at all."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from grader.web import entry, people, sessions
from grader.web.columns import new_id
from grader.web.door import Asking, Fields, Known, cookie, remember
from grader.web.pages import render
from grader.web.people import Person

router = APIRouter()
WRONG = "This code is not valid: it may have been used already, or have expired. Ask for a new one."
UNKNOWN = "This name and this password do not belong together."
Text = Annotated[str, "what was typed"]


@router.get("/enter")
def entrance(asking: Asking) -> Response:
    """Show the ways in."""
    if asking.person is not None:
        return RedirectResponse("/", 303)
    return render(asking, "enter.html", code="", wrong=None, practice=asking.service.settings.practice)


@router.get("/enter/{code}")
def by_link(code: str, asking: Asking) -> Response:
    """Show the button behind a link: whoever merely fetches the link, such as a mail filter, uses nothing up."""
    return render(asking, "enter.html", code=code, wrong=None, practice=False)


@router.post("/enter")
def enter(asking: Asking, fields: Fields) -> Response:
    """Let in by a code, or by the secret part of a link."""
    asking.service.pace.take("enter", asking.address)
    with asking.service.database.writing() as connection:
        person = entry.enter(connection, str(fields.get("code", ""))[:200], asking.service.settings)
        token = sessions.begin(connection, person, asking.service.settings, asking.token) if person else ""
    if person is None:
        return render(
            asking, "enter.html", 403, code="", wrong=WRONG, practice=asking.service.settings.practice
        )
    return _in(asking, person, token)


@router.post("/enter/password")
def by_password(asking: Asking, fields: Fields) -> Response:
    """Let in by name and password."""
    asking.service.pace.take("enter", asking.address)
    login, password = (str(fields.get(name, ""))[:200] for name in ("login", "password"))
    asking.service.pace.take("password", login.casefold())
    with asking.service.database.reading() as connection:
        person = people.check_password(connection, login, password)
    if person is None:
        return render(
            asking, "enter.html", 403, code="", wrong=UNKNOWN, practice=asking.service.settings.practice
        )
    with asking.service.database.writing() as connection:
        token = sessions.begin(connection, person, asking.service.settings, asking.token)
    return _in(asking, person, token)


@router.post("/enter/practice")
def as_guest(asking: Asking, fields: Fields) -> Response:
    """Let in anybody, where all is mere practice."""
    asking.service.pace.take("enter", asking.address)
    if not asking.service.settings.practice:
        return render(asking, "error.html", 404, says="There is nothing here.", title="Not Found")
    with asking.service.database.writing() as connection:
        person = people.student(connection, f"guest-{new_id()[:10]}", "Guest")
        token = sessions.begin(connection, person, asking.service.settings, asking.token)
    return _in(asking, person, token)


@router.post("/leave")
def leave(request: Request, asking: Known, fields: Fields) -> Response:
    """End the session."""
    with asking.service.database.writing() as connection:
        sessions.end(connection, asking.token)
    response = RedirectResponse("/enter", 303)
    response.delete_cookie(
        cookie(asking.service), path="/", secure=asking.service.secure, httponly=True, samesite="lax"
    )
    return response


def _in(asking: Asking, person: Person, token: str) -> Response:
    response = RedirectResponse("/staff" if person.is_staff else "/", 303)
    remember(response, asking.service, token)
    return response
