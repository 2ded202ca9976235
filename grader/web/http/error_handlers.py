"""Exception handlers: problem details for programs, a page for people, nothing of the inside for anybody."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from fastapi import Request
from starlette.responses import Response

from grader.web.http.auth import find_visitor
from grader.web.http.rendering.templates import render_page

log = logging.getLogger("grader.web")
MEDIA_TYPE = "application/problem+json"
INTERNAL_ERROR = "Something went wrong on our side. The error has been logged. Try again."
INVALID_REQUEST = "The request is not valid."
MAX_INVALID_FIELDS = 20
MESSAGES = {
    400: "The request is malformed.",
    404: "There is nothing here.",
    405: "This method is not allowed here.",
}
"""By the status with which the framework refuses; for other statuses the message is their phrase."""


PAGE_TITLES = {409: "Not possible now", 413: "Too large", 422: "Not valid"}
"""By status, where HTTP's phrase is a programmer's word; pages for people have these."""


def is_api(request: Request) -> bool:
    """True if the request is to the API, and so from a program."""
    return request.url.path.startswith("/api/")


def service_error(request: Request, error: Any) -> Response:
    """Respond to a ServiceError."""
    wait = getattr(error, "retry_after", None)
    headers = {} if wait is None else {"retry-after": str(wait)}
    return _error_response(request, error.status, error.code, error.message, headers)


def validation_error(request: Request, error: Any) -> Response:
    """Respond to a request whose fields are not valid; what was sent is not repeated."""
    fields = [".".join(map(str, invalid["loc"])) for invalid in error.errors()[:MAX_INVALID_FIELDS]]
    return _error_response(request, 422, "invalid", INVALID_REQUEST, {}, fields=fields)


def http_error(request: Request, error: Any) -> Response:
    """Respond to what the framework itself refuses, such as a path that does not exist."""
    status, phrase = error.status_code, HTTPStatus(error.status_code).phrase
    message = MESSAGES.get(status, phrase + ".")
    return _error_response(request, status, phrase.lower().replace(" ", "-"), message, dict(error.headers or {}))


def internal_error(request: Request, error: Exception) -> Response:
    """Respond to our own failure; the log has its type and place."""
    log.error("request failed", exc_info=error)
    return _error_response(request, 500, "internal-error", INTERNAL_ERROR, {})


def _error_response(
    request: Request, status: int, code: str, message: str, headers: dict[str, str], **more: Any
) -> Response:
    if is_api(request):
        return Response(problem_details(status, code, message, **more), status, headers, MEDIA_TYPE)
    visitor = getattr(request.state, "visitor", None) or find_visitor(request)
    if request.headers.get("hx-request"):
        response = render_page(visitor, "_error.html", status, says=message)
    else:
        response = render_page(
            visitor, "error.html", status, says=message, title=PAGE_TITLES.get(status) or HTTPStatus(status).phrase
        )
    response.headers.update(headers)
    return response


def problem_details(status: int, code: str, message: str, **extensions: Any) -> str:
    """Return problem details as JSON; ``code`` never changes, and is the end of the problem's type."""
    title = HTTPStatus(status).phrase
    members = {"type": f"urn:grader:{code}", "title": title, "status": status, "detail": message}
    return json.dumps(members | extensions)
