"""What the API asks of a request beside the session: that it came from a program or page of ours; and how refusals are described."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.security import APIKeyCookie
from pydantic import BaseModel

from grader.web.api.schemas import Details
from grader.web.domain.accounts import sessions
from grader.web.http import auth
from grader.web.http.auth import CsrfFailed, RequireGrader, RequireInstructor, SignedIn, Visitor
from grader.web.http.problem_details import TYPE

COOKIE = APIKeyCookie(
    name="grader",
    description="Set by `POST /session`; over https it is named `__Host-grader`.",
    auto_error=False,
)
"""Only for the description: the door reads the cookie."""
ALWAYS = (400, 408, 413, 422, 500)
FOREIGN = "This came from a page that is not ours."
UNTOLD = "The header x-csrf-token must hold what GET /me says."
Token = Annotated[str, Header(alias="x-csrf-token", description="What `GET /me` says in `csrf`.")]


def from_here(request: Request) -> None:
    """Refuse what a browser says comes from a page of another site; raises Forged."""
    if not auth.same_origin(request):
        raise CsrfFailed(FOREIGN)


def _ours(request: Request, asking: Visitor, token: str) -> Visitor:
    from_here(request)
    if not sessions.is_csrf_token(asking.service.settings, asking.token, token):
        raise CsrfFailed(UNTOLD)
    return asking


async def _sent(request: Request, asking: SignedIn, token: Token = "") -> Visitor:
    return _ours(request, asking, token)


async def _grader_sent(request: Request, asking: RequireGrader, token: Token = "") -> Visitor:
    return _ours(request, asking, token)


async def _instructor_sent(request: Request, asking: RequireInstructor, token: Token = "") -> Visitor:
    return _ours(request, asking, token)


Sent = Annotated[Visitor, Depends(_sent)]
GraderSent = Annotated[Visitor, Depends(_grader_sent)]
InstructorSent = Annotated[Visitor, Depends(_instructor_sent)]
"""Whoever may be here, with the token that a page of another site cannot know."""


def answers(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Describe the refusals of one operation, beside those that every one has."""
    return {
        code: {"description": HTTPStatus(code).phrase, "content": {TYPE: {"schema": _bare(Details)}}}
        for code in sorted({*codes, *ALWAYS})
    }


def _bare(model: type[BaseModel]) -> dict[str, Any]:
    """Return a model's schema without words: it stands in many places."""
    made = model.model_json_schema()
    words = {"title", "default"}
    fields = {
        name: {key: value for key, value in each.items() if key not in words}
        for name, each in made["properties"].items()
    }
    return {"type": "object", "required": made["required"], "properties": fields}
