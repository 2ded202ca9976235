"""Verdicts while a student waits: a question goes to whichever grading process is idle, and its answer comes back.

Both are datagrams on one of a few pairs of sockets. Nothing here is kept: whoever gets no verdict in time has the answer graded later, from the
database (``work``), and what then comes late is thrown away.
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
from grader.web.db.types import new_id

PATIENCE = 0.25
"""Seconds that a student waits for an idle process and its verdict."""
MOST = 8
"""Questions at a time: where all processes are busy for long, no more threads than these wait in vain."""
LONGEST = 150_000
"""Bytes of a question or a verdict: what is longer would be cut off, and is graded from the database."""


@dataclass(frozen=True)
class Question:
    """One answer to be judged until a moment of the machine's own clock, ``time.monotonic``."""

    id: str
    snapshot: str
    blank: str
    written: Written = field(repr=False)
    until: float

    def sent(self) -> bytes:
        """Return the datagram."""
        return json.dumps([self.id, self.snapshot, self.blank, self.written, self.until]).encode()


def _question(data: bytes) -> Question:
    id, snapshot, blank, written, until = json.loads(data)
    return Question(id, snapshot, blank, tuple(written) if isinstance(written, list) else written, until)


class Asking:
    """The ends of whoever asks; ``there`` are the other ends, for the grading processes to inherit."""

    def __init__(self) -> None:
        self._here: tuple[socket.socket, ...] = ()
        self.there: tuple[socket.socket, ...] = ()
        self._free = SimpleQueue[socket.socket]()

    def open(self) -> None:
        """Be ready to ask; before, there is no verdict."""
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(MOST)]
        for end in chain.from_iterable(pairs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * LONGEST)
        self._here, self.there = zip(*pairs, strict=True)
        for end in self._here:
            self._free.put(end)

    def verdict(self, snapshot: str, blank: str, written: Written, until: float) -> Verdict | None:
        """Return the verdict on an answer, None if no process has one by a moment of this machine's clock or it is not for them."""
        question = Question(new_id(), snapshot, blank, written, until)
        data = question.sent()
        if len(data) > LONGEST or time.monotonic() >= until:
            return None
        try:
            here = self._free.get_nowait()
        except Empty:
            return None
        try:
            here.send(data, socket.MSG_DONTWAIT)
            return _verdict(here, question)
        except OSError:  # They are all busy, or dead.
            return None
        finally:
            self._free.put(here)

    def close(self) -> None:
        """Ask no more."""
        for end in (*self._here, *self.there):
            end.close()


def _verdict(here: socket.socket, question: Question) -> Verdict | None:
    """Wait for the verdict, past those that come too late for who asked before; raises TimeoutError."""
    while True:
        here.settimeout(max(0.001, question.until - time.monotonic()))
        id, told = json.loads(here.recv(LONGEST))
        if id == question.id:
            return None if told is None else from_json(told)


def answer(there: socket.socket, verdict: Callable[[Question], Verdict | None]) -> None:
    """Take one question, which another process may have taken already, and answer it if somebody still waits."""
    try:
        question = _question(there.recv(LONGEST, socket.MSG_DONTWAIT))
    except BlockingIOError:
        return
    if time.monotonic() > question.until:
        return
    found = verdict(question)
    told = json.dumps([question.id, None if found is None else to_json(found)]).encode()
    if len(told) > LONGEST:
        told = json.dumps([question.id, None]).encode()
    with contextlib.suppress(OSError):  # Whoever asked has gone, or waits no more.
        there.send(told, socket.MSG_DONTWAIT)
