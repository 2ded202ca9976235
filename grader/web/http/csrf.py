"""Protection against cross-site request forgery (CSRF): is a request with side effects one of our own pages', or a program's?

The rule is that of Go 1.25's ``http.CrossOriginProtection``, which datasette adopted too. Browsers say where a request comes from,
in headers that no page can set:

1. ``Sec-Fetch-Site`` is ``same-origin``, or ``none`` (typed by the user): accepted. Any other value: refused, ``same-site`` too,
   since a neighbouring subdomain may be somebody else's.
2. Without it (browsers before 2023, and plain http outside this machine) ``Origin`` decides: accepted where its host is the
   request's ``Host``, and refused elsewhere; ``null`` is elsewhere. A page by http is elsewhere for a service by https.
3. Without both, Go lets a request pass, since no browser of the last years sends one. Here it needs the CSRF token, which is
   derived from the cookie and which only our pages and ``GET /api/v1/me`` tell.

A token makes up for nothing: a request that is refused by the first two rules stays refused.
"""

from __future__ import annotations

from enum import Enum, auto
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from grader.web.domain.accounts import sessions
from grader.web.errors import CsrfFailed
from grader.web.settings import Settings

EXPIRED = "This form has expired. Reload the page and try again."
TRUSTED_SITES = frozenset(("same-origin", "none"))
"""Values of ``Sec-Fetch-Site`` (W3C Fetch Metadata) of requests that no other site has caused."""


class RequestSource(Enum):
    """Where a request comes from, as its browser says."""

    SAME_ORIGIN = auto()
    ELSEWHERE = auto()
    NOT_STATED = auto()


def source_of(headers: Headers, secure: bool) -> RequestSource:
    """Return where a request comes from; ``secure``: the service is reached by https alone."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return RequestSource.SAME_ORIGIN if site in TRUSTED_SITES else RequestSource.ELSEWHERE
    if origin is not None:
        return RequestSource.SAME_ORIGIN if _is_own_origin(origin, headers, secure) else RequestSource.ELSEWHERE
    return RequestSource.NOT_STATED


def _is_own_origin(origin: str, headers: Headers, secure: bool) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:  # Such as an IPv6 address that is not closed.
        return False
    # Behind a proxy that ends TLS the scheme of a request says nothing; only the flag of the service does.
    return parts.netloc != "" and parts.netloc == headers.get("host") and not (secure and parts.scheme != "https")


def check_source(headers: Headers, secure: bool, message: str = EXPIRED) -> None:
    """Raise CsrfFailed for a request from elsewhere: all that can be asked of one that begins a session, and has no token yet."""
    if source_of(headers, secure) is RequestSource.ELSEWHERE:
        raise CsrfFailed(message)


def check_request(
    headers: Headers,
    secure: bool,
    settings: Settings,
    session_token: str,
    csrf_token: str | None,
    message: str = EXPIRED,
) -> None:
    """Raise CsrfFailed unless a request comes from our own pages, or brings the token that only they know."""
    check_source(headers, secure, message)
    if source_of(headers, secure) is RequestSource.NOT_STATED and (
        csrf_token is None or not sessions.is_csrf_token(settings, session_token, csrf_token)
    ):
        raise CsrfFailed(message)
