"""Erasing a person, who is asked for by their login once more."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from grader.web.domain.accounts import erasure, people
from grader.web.domain.accounts.people import Person
from grader.web.errors import NotFound
from grader.web.http.auth import Fields, Visitor, at_least, limit_rate, signed_in_person
from grader.web.pages.staff.rendering import show
from grader.web.pages.staff.routes import uploads

router = APIRouter()
Admin = Annotated[Visitor, Depends(at_least("admin"))]
WARNING = (
    "Their name, their login, their answers and their drafts go for good, from every exam; marks without them stay, and the log. "
    "This cannot be taken back."
)
MISTYPED = "This is not their login. Nothing was erased."


@router.get("/staff/people/{login:path}/erase")
def ask(visitor: Admin, login: str) -> Response:
    """Ask whether a student is to be erased."""
    with visitor.service.database.reading() as connection:
        who = _student(connection, login)
    return _confirm(visitor, who)


@router.post("/staff/people/{login:path}/erase")
def erase(visitor: Admin, login: str, fields: Fields) -> Response:
    """Erase a student, if their login was typed once more."""
    limit_rate(visitor, "staff")
    with visitor.service.database.reading() as connection:
        who = _student(connection, login)
    if str(fields.get("typed", "")).strip() != who.login:
        return _confirm(visitor, who, 422, wrong=MISTYPED)
    with visitor.service.database.writing() as connection:
        erasure.erase(connection, who.id, signed_in_person(visitor).id)
    visitor.service.database.truncate_log()
    uploads.forget()
    return RedirectResponse("/staff/audit", 303)


def _student(connection: Connection, login: str) -> Person:
    who = people.by_login(connection, login)
    if who is None or who.is_staff:
        raise NotFound
    return who


def _confirm(visitor: Admin, who: Person, status: int = 200, **more: Any) -> Response:
    return show(
        visitor,
        "staff/confirm.html",
        status,
        title=f"Erase {who.name or who.login}?",
        says=WARNING,
        word="Erase for good",
        action=f"/staff/people/{quote(who.login, safe='')}/erase",
        back="/staff",
        typed=who.login,
        **more,
    )
