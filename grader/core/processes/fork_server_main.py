"""The other side of the fork server: ``python -m grader.core.processes.fork_server_main FD``, with a socket to its client.

It has one thread, since a copy of a process has only one, and copies itself for each process that it is asked for. A process that
may start others gets a fork server of its own, also a copy: who ends one of them ends nobody else's.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import os
import signal
import socket
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TextIO, cast

from grader.core.processes.descriptor_messages import MAX_DESCRIPTORS, receive, send
from grader.core.processes.fork_server import TERMINATION_SECONDS, ForkServer
from grader.core.processes.limits import exit_with_parent

EXIT_SECONDS = 1.0
"""Seconds that a process which has closed its pipe may take to end."""
WAIT_PAUSE_SECONDS = 0.001
BLOCKED_SIGNALS = (signal.SIGTERM, signal.SIGINT)
MAX_COMMAND_NAME = 15
"""Characters of a process's name that Linux keeps."""


@dataclass
class _Task:
    """What a copy of the fork server does: ``main`` of a module, with the environment, folder and descriptors of the request."""

    request: dict[str, Any]
    descriptors: list[int]
    running: int
    """The pipe whose closing tells of the end."""
    fork_server: int
    """The process that was copied."""

    def start_fork_server(self) -> socket.socket | None:
        """Start a fork server for this process; in that one, return its connection."""
        theirs, ours = map(_moved, socket.socketpair())
        if os.fork():
            theirs.close()
            ForkServer.inherited = ours
            return None
        os.setpgid(0, 0)
        ours.close()
        _close_all([self.running, *self.descriptors])
        return theirs

    def run(self) -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, BLOCKED_SIGNALS)
        _close_in_copies(self.running)
        exit_with_parent(self.fork_server)
        _set_command_name(self.request["module"])
        os.environ.clear()
        os.environ.update(self.request["environment"])
        time.tzset()
        os.chdir(self.request["folder"])
        for number, descriptor in enumerate(self.descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        sys.stdin, sys.stdout, sys.stderr = _text(0, "r"), _text(1, "w"), _text(2, "w", "backslashreplace")
        sys.argv = [self.request["module"], *self.request["arguments"]]
        importlib.import_module(self.request["module"]).main()


@dataclass
class _Server:
    connection: socket.socket
    started: set[int] = field(default_factory=set)
    """The processes that were started and not yet waited for."""

    def serve(self) -> _Task | None:
        """Answer requests until the client has gone, and end what it has started; in a copy, return its task."""
        while received := _receive(self.connection):
            request, descriptors = received
            codes = {str(pid): self._reap(pid) for pid in request["reap"] if pid in self.started}
            if "path" in request:
                sys.path[:] = request["path"]
                _import(request["modules"])
            if "module" not in request:
                _reply(self.connection, {"codes": codes})
            elif task := self._start(request, [_out_of_the_way(each) for each in descriptors]):
                return task
        self._end_all()
        return None

    def _start(self, request: dict[str, Any], descriptors: list[int]) -> _Task | None:
        parent = os.getpid()
        opened = [*descriptors]
        try:
            opened += map(_out_of_the_way, os.pipe())
            pid = os.fork()
        except OSError as error:  # No process, file or memory is left: what runs goes on.
            _reply(self.connection, {"error": error.errno})
            _close_all(opened)
            return None
        ended, running = opened[-2:]
        if pid == 0:
            os.close(ended)
            self.connection.close()
            return _Task(request, descriptors, running, parent)
        os.setpgid(pid, pid)
        self.started.add(pid)
        _reply(self.connection, {"pid": pid}, [ended])
        _close_all(opened)
        return None

    def _reap(self, pid: int) -> int:
        """Return how a process has ended whose pipe is closed, and end what is left of its group, and itself if it runs on."""
        self.started.remove(pid)
        status = _wait([pid], EXIT_SECONDS).get(pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        if status is None:
            os.kill(pid, signal.SIGKILL)  # It may have left its group.
            status = os.waitpid(pid, 0)[1]
        return os.waitstatus_to_exitcode(status)

    def _end_all(self) -> None:
        """End what was started, asked first."""
        for pid in self.started:
            os.kill(pid, signal.SIGTERM)
        ended = _wait(self.started, TERMINATION_SECONDS)
        for pid in self.started - ended.keys():
            os.kill(pid, signal.SIGKILL)
        for pid in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)


def _wait(pids: Iterable[int], seconds: float) -> dict[int, int]:
    """Wait so long for processes, and return the statuses of those that have ended."""
    statuses: dict[int, int] = {}
    until = time.monotonic() + seconds
    left = set(pids)
    while left:
        found = {pid: os.waitpid(pid, os.WNOHANG) for pid in left}
        statuses |= {pid: status for pid, (ended, status) in found.items() if ended}
        left -= statuses.keys()
        if left and time.monotonic() > until:
            break
        time.sleep(WAIT_PAUSE_SECONDS if left else 0)
    return statuses


def _receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    with contextlib.suppress(OSError):
        return receive(connection)
    return None


def _reply(connection: socket.socket, answer: dict[str, Any], descriptors: Iterable[int] = ()) -> None:
    with contextlib.suppress(OSError):  # Whoever asked has gone; the end of the connection comes next.
        send(connection, answer, list(descriptors))


def _import(modules: Iterable[str]) -> None:
    new = [module for module in modules if module not in sys.modules]
    for module in new:
        with contextlib.suppress(Exception):  # The process that needs it meets the same error, and tells it.
            importlib.import_module(module)
    if new:  # What is frozen is not looked at by the garbage collectors of the copies, so that its memory stays shared.
        gc.collect()
        gc.freeze()


def _close_all(descriptors: Iterable[int]) -> None:
    for each in descriptors:
        os.close(each)


def _out_of_the_way(descriptor: int) -> int:
    """Move a descriptor to a number that no process asks for."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, MAX_DESCRIPTORS)
    os.close(descriptor)
    return moved


def _moved(connection: socket.socket) -> socket.socket:
    return socket.socket(fileno=_out_of_the_way(connection.detach()))


def _close_in_copies(descriptor: int) -> None:
    """Close a descriptor in every copy that this process makes of itself, once: in theirs the number may be another file's."""
    closed: list[int] = []

    def close() -> None:
        if not closed:
            closed.append(descriptor)
            os.close(descriptor)

    os.register_at_fork(after_in_child=close)


def _set_command_name(module: str) -> None:
    """Let ``ps`` tell the processes apart: the end of the module's name stands for the fork server's."""
    with contextlib.suppress(OSError), open("/proc/self/comm", "w", encoding="ascii") as command:  # Only Linux has it.
        command.write(".".join(module.split(".")[-2:])[-MAX_COMMAND_NAME:])


def _text(descriptor: int, mode: str, errors: str = "strict") -> TextIO:
    stream = open(descriptor, mode, buffering=1, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115
    return cast(TextIO, stream)


def main() -> None:
    """Serve until the client has gone; a copy leaves the loop here, and ends as a program of its own does."""
    # They are for the client, which may still need what runs. Blocked, not ignored: a copy must not miss the first one.
    signal.pthread_sigmask(signal.SIG_BLOCK, BLOCKED_SIGNALS)
    connection: socket.socket | None = socket.socket(fileno=int(sys.argv[1]))
    while connection is not None and (task := _Server(connection).serve()):
        connection = task.start_fork_server() if task.request["may_start"] else None
        if connection is None:
            task.run()


if __name__ == "__main__":
    main()
