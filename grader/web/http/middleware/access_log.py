"""Access log (ASGI middleware): every request counted and logged by its route, and a response for those on which we fail."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.web.http import error_handlers
from grader.web.http.monitoring import Metrics

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
log = logging.getLogger("grader.web")


@dataclass
class AccessLog:
    """Log and count requests by their route: never by the path, which may hold what nobody else should read."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = time.perf_counter(), 0

        async def send_and_note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note_status)
        except Exception as error:  # Our own failure: it is answered here, inside the layer that adds the headers.
            response = await run_in_threadpool(error_handlers.internal_error, Request(scope), error)
            if status:  # Half a response is sent already: the connection is broken off.
                raise
            await response(scope, receive, send_and_note_status)
        finally:
            seconds = time.perf_counter() - start
            route = getattr(scope.get("route"), "path", "none")
            # A made-up method must not become a label: every new label is a new time series.
            method = scope["method"] if scope["method"] in METHODS else "other"
            metrics: Metrics = scope["app"].state.metrics
            metrics.count_request(method, route, status, seconds)
            fields = {"method": method, "route": route, "status": status, "duration_ms": round(1000 * seconds, 1)}
            log.info("request", extra=fields)
