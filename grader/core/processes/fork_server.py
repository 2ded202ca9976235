"""The fork server: one process that has imported our modules and is copied for each process that we start.

Python and NumPy take half a second to a second of CPU to start and a copy takes a few milliseconds, so that a process may be
ended at any time and another takes its place. ``fork_server()`` is this process's client; ``fork_server_main`` is the other side.
It has no secret in its memory, and it ends when its client has gone, and so do the processes that it has started.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import weakref
from collections import deque
from collections.abc import Mapping, Sequence
from functools import cache
from typing import IO, Any, ClassVar

from grader.core.errors import Fault
from grader.core.processes.descriptor_messages import receive, send
from grader.core.processes.environment import PASSED_VARIABLES, python_command, python_environment

MAIN_MODULE = "grader.core.processes.fork_server_main"
TERMINATION_SECONDS = 2.0
"""Seconds that a process has to end what it started itself."""


class ForkServer:
    """The client of a fork server, safe for threads; ``ForkServer.start`` starts a process."""

    inherited: ClassVar[socket.socket | None] = None
    """The connection of a process that was started with a fork server of its own."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.lock = threading.Lock()
        self.lost = False
        self.abandoned: deque[int] = deque()
        """Processes that have ended and for which nobody waits: the next request tells the fork server."""

    def start(
        self,
        module: str,
        arguments: Sequence[str] = (),
        *,
        descriptors: Sequence[int],
        environment: Mapping[str, str] | None = None,
        folder: str | None = None,
        may_start: bool = False,
    ) -> ForkedProcess:
        """Start ``main()`` of a module in a process with a process group of its own.

        It has the descriptors as 0, 1, 2 and so on and no others, the arguments in ``sys.argv``, and by default this process's
        environment without the secret, and its folder. One that ``may_start`` others has a fork server too.

        Raises:
            ConnectionError: The fork server has ended.
            OSError: No process can be started now.
        """
        request = {
            "modules": [module],
            "module": module,
            "arguments": list(arguments),
            "environment": dict(python_environment() if environment is None else environment),
            "folder": folder or os.getcwd(),
            "path": _import_path(),
            "may_start": may_start,
        }
        answer, ends = self._ask(request, descriptors)
        if "error" in answer:
            raise OSError(answer["error"], os.strerror(answer["error"]))
        return ForkedProcess(self, answer["pid"], ends[0])

    def preload(self, modules: Sequence[str]) -> None:
        """Import modules that the processes will need, beside those in which they start."""
        self._ask({"modules": list(modules), "path": _import_path()})

    def reap(self, pid: int) -> int:
        """Return the exit code of a process that ends, or minus the number of the signal that ended it."""
        codes: dict[str, int] = self._ask({"reap": [pid]})[0]["codes"]
        return codes.get(str(pid), -signal.SIGKILL)  # An abandoned one has been reaped before.

    def _ask(self, request: Mapping[str, Any], descriptors: Sequence[int] = ()) -> tuple[dict[str, Any], list[int]]:
        with self.lock:
            try:
                forgotten = [self.abandoned.popleft() for _ in range(len(self.abandoned))]
                send(self.connection, {**request, "reap": [*request.get("reap", ()), *forgotten]}, descriptors)
                received = receive(self.connection)
            except OSError as error:
                self.lost = True
                raise ConnectionError("the fork server has ended") from error
        if received is None:
            self.lost = True
            raise ConnectionError("the fork server has ended")
        return received


def start_process(module: str, arguments: Sequence[str] = (), **how: Any) -> ForkedProcess:
    """Start a process as ``ForkServer.start`` does; a fork server that somebody has ended is replaced."""
    try:
        return fork_server().start(module, arguments, **how)
    except ConnectionError:
        return fork_server().start(module, arguments, **how)


def _import_path() -> list[str]:
    return [each for each in sys.path if each]  # Nothing in the working directory is imported by its name.


def fork_server() -> ForkServer:
    """Return the fork server of this process: the one that it was started with, or one that is started now."""
    server = _own_server(os.getpid())
    if server.lost:
        _own_server.cache_clear()
        server = _own_server(os.getpid())
    return server


@cache
def _own_server(owner: int) -> ForkServer:
    """Return the client of one process: a copy of it must not speak on the same connection."""
    if ForkServer.inherited is not None:
        connection, ForkServer.inherited = ForkServer.inherited, None
        return ForkServer(connection)
    ours, theirs = socket.socketpair()
    errors = tempfile.TemporaryFile()  # noqa: SIM115
    with theirs:
        process = subprocess.Popen(
            python_command(MAIN_MODULE, str(theirs.fileno())),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            pass_fds=[theirs.fileno()],
            # What a process was started with can be read in /proc, whatever its environment is later.
            env=python_environment(PASSED_VARIABLES),
            start_new_session=True,
        )
    server = ForkServer(ours)
    weakref.finalize(server, _end_server, ours, process, errors)
    try:
        server.preload([])
    except ConnectionError as error:
        process.wait()
        errors.seek(0)
        last = (errors.read().decode(errors="replace").strip().splitlines() or ["no message"])[-1]
        raise Fault(f"The fork server could not be started: {last}") from error
    return server


def _end_server(connection: socket.socket, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
    connection.close()
    try:
        process.wait(2 * TERMINATION_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    errors.close()


class ForkedProcess:
    """A process that the fork server has started; it is used as one of ``subprocess`` is.

    When it ends, what is left of its process group is ended too.
    """

    def __init__(self, server: ForkServer, pid: int, end: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._server = server
        self._end = end
        self._lock = threading.Lock()
        self._close = weakref.finalize(self, os.close, end)

    def poll(self) -> int | None:
        """Return the exit code, or minus the number of the signal that ended it; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return the exit code. Raises subprocess.TimeoutExpired."""
        with self._lock:
            if self.returncode is None:
                if not _readable(self._end, timeout):
                    raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
                try:
                    self.returncode = self._server.reap(self.pid)
                except ConnectionError:  # The fork server has ended, and with it all that it had started.
                    self.returncode = -signal.SIGKILL
                self._close()
            return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and all of its process group at once, and wait for it."""
        with self._lock:
            if self.returncode is None:
                self._signal_group()
        self.wait()

    def abandon(self, grace: float = TERMINATION_SECONDS) -> None:
        """End it and never wait for it: asked first, since only it can end what it started in other process groups.

        The garbage collector may call this at any moment, within a request to the fork server too: it takes no lock.
        """
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
            _readable(self._end, grace)
            self._signal_group()
            self._server.abandoned.append(self.pid)

    def _signal_group(self) -> None:
        for signal_to in (os.killpg, os.kill):  # It may have left its group.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                signal_to(self.pid, signal.SIGKILL)


def _readable(descriptor: int, seconds: float | None) -> bool:
    """Whether a descriptor can be read, or its other end is closed, within so many seconds."""
    poll = select.poll()  # ``select`` takes no descriptors above 1023.
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(None if seconds is None else 1000 * seconds))
