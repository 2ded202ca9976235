"""Who asks: the session behind a cookie, what a form must hold beside it, and who may go where."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from grader.web.domain.accounts import sessions
from grader.web.domain.accounts.people import Person, Role
from grader.web.errors import NotFound, ServiceError
from grader.web.http.rate_limits import RateLimiter
from grader.web.service import Service

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
FORGED = "This form has grown old, or came from elsewhere. Please load the page anew and try again."
MOST_FIELDS = 2_000


class CsrfFailed(ServiceError):
    """What was sent did not come from a page of ours."""

    code = "forged"
    status = 403


class NotAuthenticated(ServiceError):
    """Nobody is known here yet; a page leads to the way in."""

    code = "unknown"
    status = 401


@dataclass(frozen=True)
class Visitor:
    """Who asks, perhaps nobody known; ``token`` is that of the cookie, or a new one."""

    service: Service
    token: str
    person: Person | None
    fresh: bool
    address: str
    rate_limits: RateLimiter

    @property
    def csrf(self) -> str:
        """What forms on this visitor's pages hold."""
        return sessions.csrf_token(self.service.settings, self.token)

    @property
    def key(self) -> str:
        """Under what this visitor's pace is kept: the person, else the address."""
        return self.person.id if self.person else self.address


def service_of(request: Request) -> Service:
    """Return the running service."""
    service: Service = request.app.state.service
    return service


def cookie_name(service: Service) -> str:
    """Return the name of the cookie; by https one that no other host or path can set."""
    return "__Host-grader" if service.secure else "grader"


def set_session_cookie(response: Response, service: Service, token: str) -> None:
    """Set the cookie."""
    hours = service.settings.limits.session_hours
    response.set_cookie(
        cookie_name(service),
        token,
        max_age=int(hours * 3600),
        path="/",
        secure=service.secure,
        httponly=True,
        samesite="lax",
    )


def find_visitor(request: Request) -> Visitor:
    """Find out who asks."""
    service = service_of(request)
    token = request.cookies.get(cookie_name(service))
    address = request.client.host if request.client else ""
    limits: RateLimiter = request.app.state.rate_limits
    if token is None:
        return Visitor(service, sessions.anonymous_token(), None, True, address, limits)
    with service.database.reading() as connection:
        person = sessions.find_person(connection, token)
    found = Visitor(service, token, person, False, address, limits)
    request.state.visitor = found
    return found


CurrentVisitor = Annotated[Visitor, Depends(find_visitor)]


async def form(request: Request, asking: CurrentVisitor) -> FormData:
    """Return the fields of a form that came from a page of ours; raises Forged."""
    own = same_origin(request)
    fields = await request.form(max_fields=MOST_FIELDS, max_files=20, max_part_size=1_000_000)
    sent = request.headers.get("x-csrf-token") or fields.get("csrf")
    if not own or not isinstance(sent, str) or not sessions.is_csrf_token(asking.service.settings, asking.token, sent):
        raise CsrfFailed(FORGED)
    return fields


Fields = Annotated[FormData, Depends(form)]


def same_origin(request: Request) -> bool:
    """Whether the browser says that a page of ours sent this; older ones say nothing."""
    origin = request.headers.get("origin")
    return origin is None or (origin != "null" and urlsplit(origin).netloc == request.headers.get("host"))


async def known(asking: CurrentVisitor) -> Visitor:
    """Let in whoever is known; raises Unknown."""
    if asking.person is None:
        raise NotAuthenticated("Please enter first.")
    return asking


SignedIn = Annotated[Visitor, Depends(known)]


def at_least(role: Role) -> Callable[[Visitor], Awaitable[Visitor]]:
    """Let in people of a role or a higher one; for all others there is nothing here (NotFound)."""

    async def allowed(asking: CurrentVisitor) -> Visitor:
        if asking.person is None:
            raise NotAuthenticated("Please enter first.")
        if not asking.person.at_least(role):
            raise NotFound
        return asking

    return allowed


RequireGrader = Annotated[Visitor, Depends(at_least("grader"))]
RequireInstructor = Annotated[Visitor, Depends(at_least("instructor"))]


def may_upload(request: Request) -> bool:
    """Whether whoever asks is one who may send much at once."""
    known = find_visitor(request).person
    return known is not None and known.at_least("instructor")


def signed_in_person(asking: Visitor) -> Person:
    """Return the person of a visitor who was let in."""
    assert asking.person is not None
    return asking.person


def limit_rate(visitor: Visitor, purpose: str) -> None:
    """Keep the pace of a visitor; raises TooMany."""
    visitor.rate_limits.consume(purpose, visitor.key)
