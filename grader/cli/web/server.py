"""Run the server of the service, and make the first link for staff."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from sqlalchemy import Connection

from grader.web import app
from grader.web.domain.accounts import login_codes, people
from grader.web.domain.accounts.people import Person
from grader.web.http.middleware.header_timeout import HeaderTimeoutProtocol
from grader.web.service import Service

STAFF = "staff"


@dataclass(frozen=True)
class Address:
    """Where the service is reached."""

    host: str = "127.0.0.1"
    port: int = 8000

    @property
    def url(self) -> str:
        """The address for a browser on this machine."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def staff_link(service: Service, address: Address) -> str:
    """Return a new link for the first member of staff, good for one time; those before it are worthless."""
    with service.database.writing() as connection:
        first = _first(connection)
        login_codes.revoke(connection, first)
        return f"{address.url}/enter/{login_codes.issue_link(connection, first, service.settings, days=1)}"


def _first(connection: Connection) -> Person:
    return people.by_login(connection, STAFF) or people.add(connection, STAFF, "Staff", "admin")


def run(service: Service, address: Address, tell: Callable[[str], None]) -> None:
    """Serve until told to end; a request in flight is finished, and every process that grades too."""
    config = uvicorn.Config(
        app.make(service),
        http=HeaderTimeoutProtocol,
        host=address.host,
        port=address.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=20,
        h11_max_incomplete_event_size=64 * 1024,
        proxy_headers=service.secure,
        limit_concurrency=1_000,
    )
    asyncio.run(_serve(_Server(config), address, tell))


class _Server(uvicorn.Server):
    """A server that ends by itself when it is told to: uvicorn's own sends the signal again once all is done."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let a signal end the serving; a second one ends it at once."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._told)
        yield

    def _told(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


async def _serve(server: uvicorn.Server, address: Address, tell: Callable[[str], None]) -> None:
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():
        await asyncio.sleep(0.02)
    if server.started:
        tell(f"Serving on {address.url}  (Ctrl-C ends)")
    await serving
