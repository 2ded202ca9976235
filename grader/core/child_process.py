"""A program of ours in a process of its own, which is asked and answers in lines of JSON, and can be ended at any time."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Mapping
from typing import IO, Any

GRACE = 2.0
"""Seconds that a process has to end what it started itself."""


PATIENCE = 0.5
"""Seconds between two looks at whether whoever started a process is still there."""


def exit_with_parent(parent: int) -> None:
    """End this process, whatever it is doing, soon after the one that started it: called in a process that may be left alone."""
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PATIENCE)
    os._exit(1)


class DeadlineExceeded(Exception):
    """No answer came in time; the process has been ended."""


class ProcessEnded(Exception):
    """The process ended without an answer; ``errors`` is what it wrote on its standard error."""

    def __init__(self, code: int, errors: str) -> None:
        super().__init__(f"exit code {code}")
        self.code = code
        self.errors = errors


class ChildProcess:
    """One running ``python -m module`` in a session of its own."""

    def __init__(self, module: str, environment: Mapping[str, str] | None = None) -> None:
        # A pipe that nobody reads fills up, and whoever writes to it then waits.
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=environment,
            start_new_session=True,
            encoding="utf-8",
        )
        self.close = weakref.finalize(self, _end, self.process, self.errors)
        self.answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(self.process.stdout, self.answers), daemon=True).start()

    def ask(self, request: Any, seconds: float) -> dict[str, Any]:
        """Return the answer to one request; raises Late or Ended, after which there is nobody left to ask."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # It has ended: the answer is that there is none.
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        return self.hear(seconds)

    def hear(self, seconds: float) -> dict[str, Any]:
        """Return the next thing that the process says; raises as ``ask`` does."""
        try:
            line = self.answers.get(timeout=seconds)
        except queue.Empty:
            self.close()
            raise DeadlineExceeded from None
        if not line:
            code = self.process.wait()
            self.errors.seek(0)
            raise ProcessEnded(code, self.errors.read().decode(errors="replace"))
        answer: dict[str, Any] = json.loads(line)
        return answer


def _listen(lines: Any, answers: queue.SimpleQueue[str]) -> None:
    for line in lines:
        answers.put(line)
    answers.put("")


def _end(process: subprocess.Popen[str], errors: IO[bytes]) -> None:
    """End the process and all that it started: asked first, since only it can end those of another session."""
    with contextlib.suppress(ProcessLookupError):  # It has ended by itself.
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    errors.close()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):  # There may be something left that a dead process never read.
                pipe.close()
