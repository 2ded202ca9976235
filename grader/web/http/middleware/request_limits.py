"""Request limits (upload limit, body size, slow POST): how large a request body may be and in what time it must come (ASGI middleware).

The time for the headers is bounded in ``header_timeout``.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.web.http.error_handlers import MEDIA_TYPE, problem_details

MAX_BODY_BYTES = 1_000_000
"""Bytes of a request body, but for the paths below."""
MAX_BODY_BYTES_BY_PATH: Sequence[tuple[re.Pattern[str], int]] = (
    (re.compile(r"/enter.*|/api/v1/session"), 10_000),
    (re.compile(r"/api/.*"), 300_000),
)
"""Programs send one answer at a time, of at most 20,000 characters with 12 bytes each: JSON may escape two surrogates."""
UPLOAD_PATH = re.compile(r"/staff/exams/[^/]+/uploads")
MAX_UPLOAD_BYTES = 50_000_000
MAX_CONCURRENT_UPLOADS = 4
"""A body is in memory as a whole, and more than once while it is parsed."""
CHUNK_SECONDS, BODY_SECONDS = 20.0, 120.0
"""Seconds until the next chunk of a request body, and until all of it must be there."""
METHODS_WITH_BODY = frozenset(("POST", "PUT", "PATCH", "DELETE"))
TOO_LARGE = "The request is too large."
TOO_SLOW = "The request took too long. Try again."


class _BodyTooLarge(Exception):
    """A request body has more bytes than its path allows."""


@dataclass
class RequestLimits:
    """Read the request body before the application sees it, and refuse one that is too large (413) or too slow (408).

    ``may_upload`` is true if the visitor may upload large files: to nobody else a large body, or a turn for it, is allowed. With
    a turn for everybody, four slow senders without a session would keep staff from uploading.
    """

    app: ASGIApp
    may_upload: Callable[[Request], bool] = lambda _: False
    chunk_seconds: float = CHUNK_SECONDS
    body_seconds: float = BODY_SECONDS
    upload_turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_CONCURRENT_UPLOADS))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] not in METHODS_WITH_BODY:
            await self.app(scope, receive, send)
            return
        max_bytes = await self._max_bytes(scope)
        # The header may lie or be absent (chunked): it only saves reading what is too large by its own account.
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        try:
            if announced.isdigit() and int(announced) > max_bytes:
                raise _BodyTooLarge
            turn = self.upload_turns if max_bytes == MAX_UPLOAD_BYTES else nullcontext()
            async with turn, asyncio.timeout(self.body_seconds):
                body = await self._read_body(receive, max_bytes)
        except _BodyTooLarge:
            await _refusal(413, "too-large", TOO_LARGE)(scope, receive, send)
            return
        except TimeoutError:
            await _refusal(408, "request-timeout", TOO_SLOW)(scope, receive, send)
            return
        except ClientDisconnect:
            return
        pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_body() -> Message:
            return pending.pop() if pending else await receive()

        await self.app(scope, receive_body, send)

    async def _max_bytes(self, scope: Scope) -> int:
        path = scope["path"]
        if UPLOAD_PATH.fullmatch(path):
            may_upload: bool = await run_in_threadpool(self.may_upload, Request(scope))
            return MAX_UPLOAD_BYTES if may_upload else MAX_BODY_BYTES
        return next((size for pattern, size in MAX_BODY_BYTES_BY_PATH if pattern.fullmatch(path)), MAX_BODY_BYTES)

    async def _read_body(self, receive: Receive, max_bytes: int) -> bytes:
        """Return the request body.

        Raises: _BodyTooLarge, TimeoutError, and ClientDisconnect where it breaks off: half of a body is nothing.
        """
        chunks: list[bytes] = []
        size = 0
        while True:
            async with asyncio.timeout(self.chunk_seconds):
                message = await receive()
            if message["type"] != "http.request":
                raise ClientDisconnect
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > max_bytes:
                raise _BodyTooLarge
            if not message.get("more_body", False):
                return b"".join(chunks)


def _refusal(status: int, code: str, message: str) -> Response:
    return Response(problem_details(status, code, message), status, {"connection": "close"}, MEDIA_TYPE)
