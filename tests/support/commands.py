"""The command line in processes of its own, started by the fork server: most of a command's time is its imports.

Everything else is as when a person types it: arguments, folder, environment, standard streams, signals, exit status.
``tests/cli/test_main.py`` also starts Python anew, as a shell does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from grader.core.processes.fork_server import fork_server, start_process

PRELOADED = [
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
def _preload() -> None:
    fork_server().preload(PRELOADED)


class Command:
    """A command that runs; ``stdout`` and ``stderr`` are what it has printed so far."""

    def __init__(
        self, *arguments: object, folder: Path, environment: Mapping[str, str], typed: str | None = None
    ) -> None:
        self._private = Path(tempfile.mkdtemp(prefix="command-"))
        weakref.finalize(self, shutil.rmtree, self._private, ignore_errors=True)
        paths = [self._private / name for name in ("stdin", "stdout", "stderr")]
        paths[0].write_text(typed or "", encoding="utf-8")
        _preload()
        self.arguments = list(map(str, arguments))
        with open(paths[0], "rb") as stdin, open(paths[1], "ab") as stdout, open(paths[2], "ab") as stderr:
            self.process = start_process(
                "grader.cli.main",
                self.arguments,
                descriptors=[stdin.fileno(), stdout.fileno(), stderr.fileno()],
                environment=environment,
                folder=str(folder),
                may_start=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def stdout(self) -> str:
        return (self._private / "stdout").read_bytes().decode()

    @property
    def stderr(self) -> str:
        return (self._private / "stderr").read_bytes().decode()

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""
        return self.process.poll()

    def send_signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()

    def wait(self, timeout: float = 120) -> int:
        """Wait for its end and return the exit status; raises TimeoutExpired, after it was killed."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise subprocess.TimeoutExpired(self.arguments, timeout, self.stdout, self.stderr) from None

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
