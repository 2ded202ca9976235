"""Header timeout against Slowloris: connections on which no complete request headers come in time are closed.

Uvicorn itself waits for them without end; its ``timeout_keep_alive`` counts only between requests.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 20.0
"""Seconds from the beginning of a connection, or of a further request on it, until its headers are there."""


class HeaderTimeoutProtocol(H11Protocol):
    """Uvicorn's HTTP/1.1 protocol with a timeout for the headers of each request."""

    header_seconds = HEADER_SECONDS
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer for the first request."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(self.header_seconds, self._close)

    def data_received(self, data: bytes) -> None:
        """Parse the data, and restart the timer unless the request headers are complete."""
        super().data_received(data)
        # Bytes that trickle in never move a timer that runs: it counts from the first byte of a request, not from the last.
        if self.conn.their_state is not h11.IDLE:
            self._cancel_timer()
        elif self._timer is None:
            self._timer = self.loop.call_later(self.header_seconds, self._close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timer."""
        self._cancel_timer()
        super().connection_lost(exc)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close(self) -> None:
        self._timer = None
        self.transport.close()
