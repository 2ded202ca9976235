"""Child processes: a Python program of ours that takes requests and gives answers as lines of JSON, and can be ended at any time.

Both sides are here: ``ChildProcess`` starts one; in it, ``claim_standard_streams`` and ``exit_with_parent`` come first, then the
limits that it puts on itself.
"""

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
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, Self, TextIO

from grader.core.seeds import SECRET_VARIABLE

TERMINATION_SECONDS = 2.0
"""Seconds that a process has to end what it started itself."""
PARENT_CHECK_SECONDS = 0.5
"""Seconds between two looks at whether the parent process is still there."""


def python_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of ours; with ``-P`` nothing in the working directory is imported by its name."""
    return [sys.executable, "-P", "-m", module, *arguments]


def python_environment(inherited: Collection[str] | None = None) -> dict[str, str]:
    """Return the environment of a Python process of ours: the same import path, one thread of BLAS, never the secret.

    ``inherited`` names the variables to pass on; by default all are.
    """
    passed = {
        name: value
        for name, value in os.environ.items()
        if name != SECRET_VARIABLE and (inherited is None or name in inherited)
    }
    return passed | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"}


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


def exit_with_parent(parent: int) -> None:
    """End this process, whatever it is doing, soon after the one that started it: called in a process that may be left alone."""
    threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:  # An orphan gets another parent.
        time.sleep(PARENT_CHECK_SECONDS)
    os._exit(1)


def limit_address_space(most: int) -> None:
    """Let this process have no more than so many bytes: what needs more raises MemoryError here and harms nobody else.

    A process that it starts begins with the same limit and may set another.
    """
    try:
        import resource
    except ImportError:  # Windows has none; deadlines hold there too.
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))


@contextmanager
def end_process_after(seconds: float) -> Iterator[None]:
    """End this process at once, with SIGALRM, if the block takes longer; for the main thread, one block at a time.

    The kernel does it: a thread of ours would wait for the lock of Python, which a regular expression or one call of NumPy keeps
    until it is done.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class DeadlineExceeded(Exception):
    """No answer came in time; the process has been ended."""


class ProcessEnded(Exception):
    """The process ended without an answer; ``errors`` is what it wrote on its standard error."""

    def __init__(self, code: int, errors: str) -> None:
        super().__init__(f"exit code {code}")
        self.code = code
        self.errors = errors


class ChildProcess:
    """One running ``python -m module`` in a session of its own, ended by ``close`` or at the end of a ``with`` block."""

    def __init__(self, module: str, environment: Mapping[str, str] | None = None) -> None:
        # A pipe that nobody reads fills up, and whoever writes to it then waits.
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            python_command(module),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=environment,
            start_new_session=True,
            encoding="utf-8",
        )
        self._end = weakref.finalize(self, _end, self.process, self.errors)
        self.answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_forward_lines, args=(self.process.stdout, self.answers), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process and all that it started; a second time there is nothing to do.

        One whose owner forgets it is ended when it is collected, or when this process exits.
        """
        self._end()

    def ask(self, request: Any, seconds: float) -> dict[str, Any]:
        """Return the answer to one request.

        Raises:
            DeadlineExceeded, ProcessEnded: There is no answer, and nobody left to ask.
        """
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # It has ended: the answer is that there is none.
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        return self.receive(seconds)

    def receive(self, seconds: float) -> dict[str, Any]:
        """Return the next answer of the process; raises as ``ask`` does."""
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


def _forward_lines(lines: Any, answers: queue.SimpleQueue[str]) -> None:
    for line in lines:
        answers.put(line)
    answers.put("")  # The end of the stream: an empty line has at least its line break.


def _end(process: subprocess.Popen[str], errors: IO[bytes]) -> None:
    """End the process and all that it started: asked first, since only it can end those of another session."""
    with contextlib.suppress(ProcessLookupError):  # It has ended by itself.
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(TERMINATION_SECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    errors.close()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):  # There may be something left that a dead process never read.
                pipe.close()
