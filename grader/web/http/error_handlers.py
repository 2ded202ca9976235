"""What is said when something is refused or fails: problem details to programs, a page to people, nothing of the inside to anybody."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import Request
from starlette.responses import Response

from grader.web.http.auth import find_visitor
from grader.web.http.problem_details import TYPE, details
from grader.web.http.rendering.templates import render_page

log = logging.getLogger("grader.web")
FAILED = "Something went wrong here. It was noted; please try again."
MOST_PLACES = 20
NOT_FOUND = "There is nothing here."
SAID = {404: NOT_FOUND, 405: "This cannot be done here.", 400: "This request makes no sense."}


def is_api(request: Request) -> bool:
    """Whether a program asks."""
    return request.url.path.startswith("/api/")


def refused(request: Request, error: Any) -> Response:
    """Answer a request that is not carried out."""
    wait = getattr(error, "retry_after", None)
    return _said(request, error.status, error.code, error.message, {} if wait is None else {"retry-after": str(wait)})


def invalid(request: Request, error: Any) -> Response:
    """Answer a request whose fields have another form; what was sent is not repeated."""
    places = [".".join(map(str, each["loc"])) for each in error.errors()[:MOST_PLACES]]
    return _said(request, 422, "invalid", "This request has not the form that is needed here.", {}, fields=places)


def http(request: Request, error: Any) -> Response:
    """Answer what the framework itself refuses, such as an address that does not exist."""
    status = error.status_code
    says = SAID.get(status, HTTPStatus(status).phrase + ".")
    return _said(request, status, HTTPStatus(status).phrase.lower().replace(" ", "-"), says, dict(error.headers or {}))


def failed(request: Request, error: Exception) -> Response:
    """Answer our own failure; the log has its type and place."""
    log.error("a request failed", exc_info=error)
    return _said(request, 500, "failed", FAILED, {})


def _said(request: Request, status: int, code: str, says: str, headers: dict[str, str], **more: Any) -> Response:
    if is_api(request):
        return Response(details(status, code, says, **more), status, headers, TYPE)
    visitor = getattr(request.state, "visitor", None) or find_visitor(request)
    if request.headers.get("hx-request"):
        response = render_page(visitor, "_error.html", status, says=says)
    else:
        response = render_page(visitor, "error.html", status, says=says, title=HTTPStatus(status).phrase)
    response.headers.update(headers)
    return response
