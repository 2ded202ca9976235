"""Verdicts while a student waits: a question goes to whichever grading process is idle, and its answer comes back.

Both are datagrams on one pair of sockets. Nothing here is kept: whoever gets no verdict in time has the answer graded later, from the
database (``work``), and what then comes late is thrown away.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from grader.submission import Written
from grader.verdict import Verdict
from grader.web.columns import new_id
from grader.web.verdicts import plain, restored

PATIENCE = 0.25
"""Seconds that a student waits for an idle process and its verdict."""
MOST = 8
"""Questions at a time: where all processes are busy for long, no more threads than these wait in vain."""
LONGEST = 200_000
"""Bytes of a question or a verdict."""


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
    """The end of whoever asks; ``there`` is the other end, for the grading processes to inherit."""

    def __init__(self) -> None:
        self._here, self.there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        for end in (self._here, self.there):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * LONGEST)
        self._room = threading.BoundedSemaphore(MOST)
        self._open: dict[str, Future[Verdict | None]] = {}
        self._listener = threading.Thread(target=self._listen, name="verdicts", daemon=True)
        self._listener.start()

    def verdict(self, snapshot: str, blank: str, written: Written) -> Verdict | None:
        """Return the verdict on an answer, None if no process had one in time or it is not for them."""
        if not self._room.acquire(blocking=False):
            return None
        found: Future[Verdict | None] = Future()
        question = Question(new_id(), snapshot, blank, written, time.monotonic() + PATIENCE)
        self._open[question.id] = found
        try:
            self._here.send(question.sent(), socket.MSG_DONTWAIT)
            return found.result(PATIENCE)
        except (OSError, TimeoutError):  # They are all busy, or dead, or it is too long for a datagram.
            return None
        finally:
            self._open.pop(question.id, None)
            self._room.release()

    def close(self) -> None:
        """Ask no more."""
        with contextlib.suppress(OSError):
            self._here.shutdown(socket.SHUT_RDWR)
        self._listener.join()
        self._here.close()
        self.there.close()

    def _listen(self) -> None:
        while data := self._here.recv(LONGEST):
            id, told = json.loads(data)
            found = self._open.pop(id, None)
            if found is not None:
                found.set_result(None if told is None else restored(told))


def answer(there: socket.socket, verdict: Callable[[Question], Verdict | None]) -> None:
    """Take one question, which another process may have taken already, and answer it if somebody still waits."""
    try:
        question = _question(there.recv(LONGEST, socket.MSG_DONTWAIT))
    except BlockingIOError:
        return
    if time.monotonic() > question.until:
        return
    found = verdict(question)
    told = json.dumps([question.id, None if found is None else plain(found)]).encode()
    with contextlib.suppress(OSError):  # Whoever asked has gone, or waits no more.
        there.send(told, socket.MSG_DONTWAIT)
