"""Child processes: a Python program of ours that takes requests and gives answers as lines of JSON, and can be ended at any time.

Both sides are here: ``ChildProcess`` starts one; in it, ``claim_standard_streams`` comes first.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
import weakref
from collections.abc import Mapping
from typing import IO, Any, Self, TextIO

from grader.core.processes.fork_server import TERMINATION_SECONDS, ForkedProcess, start_process

MAX_ANSWER_CHARACTERS = 2**26
MAX_UNREAD_ANSWERS = 64
"""A process that writes more, or a longer one, counts as ended."""


class DeadlineExceeded(Exception):
    """No answer came in time; the process has been ended."""


class ProcessEnded(Exception):
    """The process ended without an answer; ``errors`` is what it wrote on its standard error."""

    def __init__(self, code: int, errors: str) -> None:
        super().__init__(f"exit code {code}")
        self.code = code
        self.errors = errors


class ChildProcess:
    """One running ``main()`` of a module in a process of its own, ended by ``close`` or at the end of a ``with`` block."""

    def __init__(
        self, module: str, environment: Mapping[str, str] | None = None, *arguments: str, may_start: bool = False
    ) -> None:
        # A pipe that nobody reads fills up, and whoever writes to it then waits.
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115
        with contextlib.ExitStack() as theirs:
            read, write = os.pipe()
            theirs.callback(os.close, read)
            self.requests = open(write, "w", encoding="utf-8")  # noqa: SIM115
            answers, write = os.pipe()
            theirs.callback(os.close, write)
            descriptors = [read, write, self.errors.fileno()]
            self.process = start_process(
                module, arguments, descriptors=descriptors, environment=environment, may_start=may_start
            )
        self._end = weakref.finalize(self, _end, self.process, self.requests, self.errors)
        self.answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_forward_lines, args=(answers, self.answers), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process and all that it started; a second time there is nothing to do.

        One whose owner forgets it is ended when it is collected, or when this process exits.
        """
        self._end()
        self.process.wait()

    def ask(self, request: Any, seconds: float) -> dict[str, Any]:
        """Return the answer to one request.

        Raises:
            DeadlineExceeded, ProcessEnded: There is no answer, and nobody left to ask.
        """
        with contextlib.suppress(BrokenPipeError):  # It has ended: the answer is that there is none.
            self.requests.write(json.dumps(request) + "\n")
            self.requests.flush()
        return self.receive(seconds)

    def receive(self, seconds: float) -> dict[str, Any]:
        """Return the next answer of the process; raises as ``ask`` does."""
        try:
            line = self.answers.get(timeout=seconds)
        except queue.Empty:
            self.close()
            raise DeadlineExceeded from None
        if not line:
            code = self._wait_for_end()
            self.errors.seek(0)
            raise ProcessEnded(code, self.errors.read().decode(errors="replace"))
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _wait_for_end(self) -> int:
        """Return the exit code of a process that answers no more; one that has closed its streams and runs on is ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(TERMINATION_SECONDS)
        self.process.kill()
        return self.process.wait()


def claim_standard_streams(silent: bool) -> tuple[TextIO, TextIO]:
    """Return standard input and output for requests and answers, so that nothing else in this process reads or writes there.

    What is printed from now on goes to standard error; where ``silent``, nowhere, and what is written there neither.
    """
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere if silent else 2, 1)
    if silent:
        os.dup2(nowhere, 2)
    os.close(nowhere)
    return requests, answers


def _forward_lines(answers: int, received: queue.SimpleQueue[str]) -> None:
    # Whoever writes there may be a hostile program: nothing is read without end.
    with open(answers, encoding="utf-8", errors="replace") as lines:
        while received.qsize() < MAX_UNREAD_ANSWERS:
            line = lines.readline(MAX_ANSWER_CHARACTERS)
            if not line.endswith("\n"):
                break
            received.put(line)
    received.put("")  # The end of the stream: an empty line has at least its line break.


def _end(process: ForkedProcess, requests: TextIO, errors: IO[bytes]) -> None:
    process.abandon()
    errors.close()
    with contextlib.suppress(OSError):  # There may be something left that a dead process never read.
        requests.close()
