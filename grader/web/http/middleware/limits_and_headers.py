"""What every response says, and how much a request may bring: two small layers around the application (ASGI)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.web.http.problem_details import TYPE, details

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: nothing from elsewhere, no script or style inside a page, no framing."""
FIXED = {
    "content-security-policy": POLICY, "x-content-type-options": "nosniff", "referrer-policy": "same-origin", "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}  # fmt: skip
STRICT = "max-age=31536000"
LARGEST = 1_000_000
"""Bytes of a request, but for those below."""
SMALLER: Sequence[tuple[re.Pattern[str], int]] = (
    (re.compile(r"/enter.*|/api/v1/session"), 10_000),
    (re.compile(r"/api/.*"), 300_000),
)
"""Programs send one answer at a time, of 20,000 characters with 12 bytes each at the most: what JSON does not bound, this does."""
UPLOADS, UPLOAD = re.compile(r"/staff/exams/[^/]+/uploads"), 50_000_000
AT_ONCE = 4
"""Uploads that are in memory at a time."""
PATIENCE, WHOLE = 20.0, 120.0
"""Seconds that may pass before the next piece of a request, and before it is there as a whole."""
BRINGING = frozenset(("POST", "PUT", "PATCH", "DELETE"))
GONE = b"\0broken off"
TOO_LARGE = "This is more than is taken at once."


@dataclass
class Headers:
    """Adds the headers of every response; what is not static is never kept by a browser or a proxy."""

    app: ASGIApp
    secure: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in FIXED.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                if self.secure:
                    headers.setdefault("strict-transport-security", STRICT)
            await send(message)

        await self.app(scope, receive, sent)


@dataclass
class Bounds:
    """Takes in what a request brings before anything is made of it, and refuses what is too large (413) or too slow (408).

    ``may_upload`` says whether somebody who may upload asks: nobody else gets the room, or a turn, for it.
    """

    app: ASGIApp
    may_upload: Callable[[Request], bool] = lambda _: False
    patience: float = PATIENCE
    whole: float = WHOLE
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] not in BRINGING:
            await self.app(scope, receive, send)
            return
        path, most = scope["path"], LARGEST
        if UPLOADS.fullmatch(path):
            allowed: bool = await run_in_threadpool(self.may_upload, Request(scope))
            most = UPLOAD if allowed else LARGEST
        most = next((size for pattern, size in SMALLER if pattern.fullmatch(path)), most)
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if told.isdigit() and int(told) > most:
            await _refusal(413, "too-large", TOO_LARGE)(scope, receive, send)
            return
        try:
            async with self.turn if most == UPLOAD else nullcontext(), asyncio.timeout(self.whole):
                body = await self._body(receive, most)
        except TimeoutError:
            await _refusal(408, "too-slow", "The request came too slowly.")(scope, receive, send)
            return
        if body is GONE:
            return
        if body is None:
            await _refusal(413, "too-large", TOO_LARGE)(scope, receive, send)
            return
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def received() -> Message:
            return waiting.pop() if waiting else await receive()

        await self.app(scope, received, send)

    async def _body(self, receive: Receive, most: int) -> bytes | None:
        """Return all that is sent, None if that is too much, and GONE if it breaks off."""
        pieces: list[bytes] = []
        came = 0
        while True:
            async with asyncio.timeout(self.patience):
                message = await receive()
            if message["type"] != "http.request":  # Whoever sent it went away: half of it is nothing.
                return GONE
            pieces.append(message.get("body", b""))
            came += len(pieces[-1])
            if came > most:
                return None
            if not message.get("more_body", False):
                return b"".join(pieces)


def _refusal(status: int, code: str, says: str) -> Response:
    return Response(details(status, code, says), status, {"connection": "close"}, TYPE)
