"""Every request counted and logged by its route, and an answer for those on which we fail (ASGI)."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.web.http import error_handlers
from grader.web.http.metrics import Metrics

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
log = logging.getLogger("grader.web")


@dataclass
class Traffic:
    """Counts by the route: never by the address, which may hold what nobody else should read."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = time.perf_counter(), 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, sent)
        except Exception as error:  # Our own failure: it is answered here, inside the layer that adds the headers.
            response = await run_in_threadpool(error_handlers.failed, Request(scope), error)
            if status:  # Half an answer is sent already: the connection is broken off.
                raise
            await response(scope, receive, sent)
        finally:
            seconds = time.perf_counter() - start
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in METHODS else "other"
            metrics: Metrics = scope["app"].state.metrics
            metrics.seen(method, route, status, seconds)
            told = {"method": method, "route": route, "status": status, "ms": round(1000 * seconds, 1)}
            log.info("request", extra=told)
