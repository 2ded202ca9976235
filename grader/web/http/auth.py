"""Authentication and authorization: the visitor behind a session cookie, and who may go where (FastAPI dependencies)."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from grader.web.domain.accounts import sessions
from grader.web.domain.accounts.people import Person, Role
from grader.web.errors import NotAuthenticated, NotFound
from grader.web.http import csrf, known_devices
from grader.web.http.rate_limits import RateLimiter
from grader.web.service import Service

MAX_FORM_FIELDS = 2_000
MAX_FORM_FILES = 20
MAX_FORM_PART_BYTES = 1_000_000


@dataclass(frozen=True)
class Visitor:
    """Whoever makes a request; ``person`` is None before they sign in, ``token`` is the cookie's, or a new one (``fresh``)."""

    service: Service
    token: str
    person: Person | None
    fresh: bool
    address: str
    rate_limits: RateLimiter
    device: str | None = None
    """The cookie of a known device, as it came."""

    @property
    def csrf(self) -> str:
        """The CSRF token for the forms on this visitor's pages."""
        return sessions.csrf_token(self.service.settings, self.token)

    @property
    def key(self) -> str:
        """Whose rate limits apply: the person's, else the address's."""
        return self.person.id if self.person else self.address


def service_of(request: Request) -> Service:
    """Return the running service."""
    service: Service = request.app.state.service
    return service


def cookie_name(service: Service) -> str:
    """Return the name of the session cookie; by https it has a prefix, so that no other host or path can set it (RFC 6265bis)."""
    return "__Host-grader" if service.secure else "grader"


def set_session_cookie(response: Response, service: Service, token: str) -> None:
    """Set the session cookie on a response."""
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


def client_network(host: str) -> str:
    """Return what counts as one address for rate limits: one IPv4 address, or a /64 of IPv6, which is what one household has."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:  # A path of a socket, or the name that tests have.
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def find_visitor(request: Request) -> Visitor:
    """Authenticate a request by its session cookie."""
    service = service_of(request)
    token = request.cookies.get(cookie_name(service))
    address = client_network(request.client.host) if request.client else ""
    device = request.cookies.get(known_devices.COOKIE)
    limits: RateLimiter = request.app.state.rate_limits
    if token is None:
        return Visitor(service, sessions.anonymous_token(), None, True, address, limits, device)
    with service.database.reading() as connection:
        person = sessions.find_person(connection, token)
    visitor = Visitor(service, token, person, False, address, limits, device)
    request.state.visitor = visitor
    return visitor


CurrentVisitor = Annotated[Visitor, Depends(find_visitor)]


async def form(request: Request, visitor: CurrentVisitor) -> FormData:
    """Return the fields of a form that one of our pages sent.

    Raises: CsrfFailed.
    """
    service = visitor.service
    csrf.check_source(request.headers, service.secure)
    fields = await request.form(max_fields=MAX_FORM_FIELDS, max_files=MAX_FORM_FILES, max_part_size=MAX_FORM_PART_BYTES)
    token = request.headers.get("x-csrf-token") or fields.get("csrf")
    token = token if isinstance(token, str) else None  # A file is none.
    csrf.check_request(request.headers, service.secure, service.settings, visitor.token, token)
    return fields


Fields = Annotated[FormData, Depends(form)]


async def require_sign_in(visitor: CurrentVisitor) -> Visitor:
    """Return a visitor who has signed in.

    Raises: NotAuthenticated.
    """
    if visitor.person is None:
        raise NotAuthenticated
    return visitor


SignedIn = Annotated[Visitor, Depends(require_sign_in)]


def at_least(role: Role) -> Callable[[Visitor], Awaitable[Visitor]]:
    """Make a dependency that admits a role and the higher ones; to all others the page does not exist (NotFound)."""

    async def require_role(visitor: CurrentVisitor) -> Visitor:
        if visitor.person is None:
            raise NotAuthenticated
        if not visitor.person.at_least(role):
            raise NotFound
        return visitor

    return require_role


RequireGrader = Annotated[Visitor, Depends(at_least("grader"))]
RequireInstructor = Annotated[Visitor, Depends(at_least("instructor"))]


def may_upload(request: Request) -> bool:
    """True if the visitor may upload large files."""
    person = find_visitor(request).person
    return person is not None and person.at_least("instructor")


def signed_in_person(visitor: Visitor) -> Person:
    """Return the person of a visitor who was admitted by ``SignedIn`` or a role."""
    assert visitor.person is not None
    return visitor.person


def limit_rate(visitor: Visitor, purpose: str) -> None:
    """Count a request against the visitor's rate limit for a purpose.

    Raises: RateLimited.
    """
    visitor.rate_limits.consume(purpose, visitor.key)
