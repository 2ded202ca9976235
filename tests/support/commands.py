"""The command line in processes of its own, forked from one that has imported it: most of a command's time is its imports.

Everything else is as when a person types it: arguments, folder, environment, standard streams, signals, exit status.
``tests/cli/test_main.py`` also starts Python anew, as a shell does.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Mapping
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path

PRELOADED = [
    "grader.cli.main",
    "grader.cli.author",
    "grader.cli.compare",
    "grader.cli.practice",
    "grader.authoring.checks.runner.check_problem",
    "grader.reports.batch",
    "grader.web.service",
    "grader.cli.web.server",
    "alembic.command",
]


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def _run(arguments: list[str], folder: str, environment: dict[str, str], streams: tuple[str, str, str]) -> None:
    """Be the command: take over folder, environment and streams, and run it."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    if "TZ" in environment:
        time.tzset()
    os.setsid()
    for number, (path, flags) in enumerate(zip(streams, (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY), strict=True)):
        opened = os.open(path, flags | (os.O_APPEND if flags else 0))
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False), encoding="utf-8")  # noqa: SIM115
    sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False), encoding="utf-8", line_buffering=True)  # noqa: SIM115
    sys.stderr = io.TextIOWrapper(
        open(2, "wb", closefd=False),  # noqa: SIM115
        encoding="utf-8",
        errors="backslashreplace",
        line_buffering=True,
    )
    signal.signal(signal.SIGINT, signal.default_int_handler)  # The fork server ignores it.
    sys.argv = ["grader", *arguments]
    from grader.cli.main import main

    main()


class Command:
    """A command that runs; ``stdout`` and ``stderr`` are what it has printed so far."""

    def __init__(
        self, *arguments: object, folder: Path, environment: Mapping[str, str], typed: str | None = None
    ) -> None:
        self._private = Path(tempfile.mkdtemp(prefix="command-"))
        weakref.finalize(self, shutil.rmtree, self._private, ignore_errors=True)
        paths = [self._private / name for name in ("stdin", "stdout", "stderr")]
        for path in paths:
            path.touch()
        paths[0].write_text(typed or "", encoding="utf-8")
        self.arguments = list(map(str, arguments))
        self.process = _context().Process(
            target=_run, args=(self.arguments, str(folder), dict(environment), tuple(map(str, paths)))
        )
        self.process.start()

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    @property
    def stdout(self) -> str:
        return (self._private / "stdout").read_bytes().decode()

    @property
    def stderr(self) -> str:
        return (self._private / "stderr").read_bytes().decode()

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        if self.process.is_alive():
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float = 120) -> int:
        """Wait for its end and return the exit status; raises TimeoutExpired, after it was killed."""
        self.process.join(timeout)
        if self.process.exitcode is None:
            self.kill()
            self.process.join()
            raise subprocess.TimeoutExpired(self.arguments, timeout, self.stdout, self.stderr)
        return self.process.exitcode

    def line(self, number: int, timeout: float = 60) -> str:
        """Return a whole line of what it prints, counted from 0, as soon as it is there."""
        until = time.monotonic() + timeout
        while True:
            ended = self.poll() is not None
            lines = self.stdout.splitlines(keepends=True)
            if len(lines) > number and lines[number].endswith("\n"):
                return lines[number]
            assert not ended and time.monotonic() < until, self.stderr
            time.sleep(0.01)


def run_command(
    *arguments: object, folder: Path, environment: Mapping[str, str], typed: str | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, without a terminal; where PYTHONPATH says what Python starts with, in one that starts."""
    if "PYTHONPATH" in environment and environment["PYTHONPATH"] != os.environ.get("PYTHONPATH"):
        return subprocess.run(
            [sys.executable, "-m", "grader", *map(str, arguments)],
            cwd=folder,
            env=dict(environment),
            input=typed or "",
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
        )
    command = Command(*arguments, folder=folder, environment=environment, typed=typed)
    status = command.wait(timeout)
    return subprocess.CompletedProcess(command.arguments, status, command.stdout, command.stderr)
