"""Instant verdicts, while a student waits: a question goes to whichever worker is idle, and its verdict comes back.

Both are datagrams on one of a few pairs of sockets: the server of pages is the client, the workers are the servers. Nothing here is stored:
an answer that gets no verdict in time is graded later, from the job queue, and a verdict that comes late is thrown away.
"""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from queue import Empty, SimpleQueue

from grader.core.submission import Written
from grader.core.verdict import Verdict
from grader.core.verdict_json import from_json, to_json
from grader.web.db.column_types import new_id

STUDENT_WAIT_SECONDS = 0.25
"""How long a student waits for an idle worker and its verdict."""
MAX_QUESTIONS = 8
"""Questions at a time: where all workers are busy for long, no more threads than these wait in vain."""
MAX_DATAGRAM_BYTES = 150_000
"""What is longer would be cut off, question or verdict, and is graded from the job queue."""


@dataclass(frozen=True)
class Question:
    """One answer to be judged before ``deadline``, by ``time.monotonic``, which all processes of a machine share."""

    id: str
    snapshot: str
    blank: str
    written: Written = field(repr=False)
    deadline: float

    def to_bytes(self) -> bytes:
        """Return the datagram."""
        return json.dumps([self.id, self.snapshot, self.blank, self.written, self.deadline]).encode()


def _question_from(data: bytes) -> Question:
    id, snapshot, blank, written, deadline = json.loads(data)
    return Question(id, snapshot, blank, tuple(written) if isinstance(written, list) else written, deadline)


class InstantVerdicts:
    """The client's sockets, and in ``servers`` the other ends of them, for the workers to inherit."""

    def __init__(self) -> None:
        self._clients: tuple[socket.socket, ...] = ()
        self.servers: tuple[socket.socket, ...] = ()
        self._idle_clients = SimpleQueue[socket.socket]()

    def open(self) -> None:
        """Make the sockets; before, there is no verdict."""
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(MAX_QUESTIONS)]
        for each in chain.from_iterable(pairs):
            each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MAX_DATAGRAM_BYTES)
        self._clients, self.servers = zip(*pairs, strict=True)
        for client in self._clients:
            self._idle_clients.put(client)

    def verdict(self, snapshot: str, blank: str, written: Written, deadline: float) -> Verdict | None:
        """Return the verdict on an answer, None if no worker has one by the deadline or none may say it."""
        question = Question(new_id(), snapshot, blank, written, deadline)
        data = question.to_bytes()
        if len(data) > MAX_DATAGRAM_BYTES or time.monotonic() >= deadline:
            return None
        try:
            client = self._idle_clients.get_nowait()
        except Empty:
            return None
        try:
            client.send(data, socket.MSG_DONTWAIT)
            return _receive_verdict(client, question)
        except OSError:  # They are all busy, or dead.
            return None
        finally:
            self._idle_clients.put(client)

    def close(self) -> None:
        """Close the sockets."""
        for each in (*self._clients, *self.servers):
            each.close()


def _receive_verdict(client: socket.socket, question: Question) -> Verdict | None:
    """Wait for the verdict; raises TimeoutError.

    A socket may still hold the verdict on an earlier question, whose student waited no longer: it has another id.
    """
    while True:
        client.settimeout(max(0.001, question.deadline - time.monotonic()))
        id, verdict = json.loads(client.recv(MAX_DATAGRAM_BYTES))
        if id == question.id:
            return None if verdict is None else from_json(verdict)


def answer(server: socket.socket, judge: Callable[[Question], Verdict | None]) -> None:
    """Take one question, which another worker may have taken already, and answer it if its student still waits."""
    try:
        question = _question_from(server.recv(MAX_DATAGRAM_BYTES, socket.MSG_DONTWAIT))
    except BlockingIOError:
        return
    if time.monotonic() > question.deadline:
        return
    verdict = judge(question)
    data = json.dumps([question.id, None if verdict is None else to_json(verdict)]).encode()
    if len(data) > MAX_DATAGRAM_BYTES:
        data = json.dumps([question.id, None]).encode()
    with contextlib.suppress(OSError):  # The client has gone, or its buffer is full of what nobody waits for.
        server.send(data, socket.MSG_DONTWAIT)
