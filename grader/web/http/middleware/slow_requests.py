"""Connections on which no complete head of a request comes in time are closed: uvicorn itself waits for it without end."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 20.0
"""Seconds from the beginning of a connection, or of a further request on it, until its head is there."""


class Prompt(H11Protocol):
    """Uvicorn's protocol with a limit for the head of each request."""

    patience = PATIENCE
    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._limit = self.loop.call_later(self.patience, self._late)

    def data_received(self, data: bytes) -> None:
        """Take what came, and wait on if it is no complete head yet."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._unlimited()
        elif self._limit is None:
            self._limit = self.loop.call_later(self.patience, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._unlimited()
        super().connection_lost(exc)

    def _unlimited(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _late(self) -> None:
        self._limit = None
        self.transport.close()
