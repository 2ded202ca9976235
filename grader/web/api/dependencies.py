"""Dependencies of the API: the CSRF check of requests with side effects; and the error responses in its description (OpenAPI)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.security import APIKeyCookie
from pydantic import BaseModel

from grader.web.api.schemas import ProblemDetails
from grader.web.http import csrf
from grader.web.http.auth import RequireGrader, RequireInstructor, SignedIn, Visitor, service_of
from grader.web.http.error_handlers import MEDIA_TYPE

COOKIE = APIKeyCookie(
    name="grader",
    description="Set by `POST /session`; over https it is named `__Host-grader`.",
    auto_error=False,
)
"""Only for the description: ``http.auth`` reads the cookie."""
COMMON_ERRORS = (400, 408, 413, 422, 500)
FROM_ELSEWHERE = "This request came from another site."
TOKEN_NEEDED = "Send the token that GET /me returns as csrf in the header x-csrf-token."
Token = Annotated[
    str, Header(alias="x-csrf-token", description="What `GET /me` returns in `csrf`. Browsers of our pages need none.")
]


def check_source(request: Request) -> None:
    """Refuse a request that its browser says comes from another site.

    Raises: CsrfFailed.
    """
    csrf.check_source(request.headers, service_of(request).secure, FROM_ELSEWHERE)


def _checked(request: Request, visitor: Visitor, token: str) -> Visitor:
    check_source(request)
    service = visitor.service
    csrf.check_request(request.headers, service.secure, service.settings, visitor.token, token, TOKEN_NEEDED)
    return visitor


async def _check_signed_in(request: Request, visitor: SignedIn, token: Token = "") -> Visitor:
    return _checked(request, visitor, token)


async def _check_grader(request: Request, visitor: RequireGrader, token: Token = "") -> Visitor:
    return _checked(request, visitor, token)


async def _check_instructor(request: Request, visitor: RequireInstructor, token: Token = "") -> Visitor:
    return _checked(request, visitor, token)


CheckedSignedIn = Annotated[Visitor, Depends(_check_signed_in)]
CheckedGrader = Annotated[Visitor, Depends(_check_grader)]
CheckedInstructor = Annotated[Visitor, Depends(_check_instructor)]
"""``SignedIn`` and the roles, for requests with side effects: they pass the CSRF check too."""


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the errors of one operation, beside those that every operation has."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": _bare_schema(ProblemDetails)}},
        }
        for status in sorted({*statuses, *COMMON_ERRORS})
    }


def _bare_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return a model's JSON schema without titles: it is repeated in every operation."""
    schema = model.model_json_schema()
    left_out = {"title", "default"}
    fields = {
        name: {key: value for key, value in field.items() if key not in left_out}
        for name, field in schema["properties"].items()
    }
    return {"type": "object", "required": schema["required"], "properties": fields}
