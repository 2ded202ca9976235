"""The grader's side of a zygote: it is started, watched, replaced and ended here."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence

from grader.core.errors import Fault
from grader.sandbox.control import INHERITED, SET, Limits
from grader.sandbox.job_client import GRACE_SECONDS, JobClient, ZygoteDied
from grader.sandbox.runs import Layer, NoSandbox, Run

START_SECONDS = 60.0
"""Seconds from the start of a zygote until it is given up."""
MAX_TRIES = 2
"""How often a job is begun whose zygote dies."""


class ZygoteProcess:
    """One zygote, started when it is first needed and replaced after ``max_jobs`` jobs.

    ``flags`` are those of its command line. ``admit`` is called with what its self-test found; it raises NoSandbox where
    that is not enough.
    """

    def __init__(self, flags: Sequence[str], max_jobs: int, admit: Callable[[tuple[Layer, ...]], None]) -> None:
        self.flags = flags
        self.max_jobs = max_jobs
        self.admit = admit
        self.process: subprocess.Popen[bytes] | None = None
        self.control: socket.socket | None = None
        self.jobs = 0

    def ready(self) -> socket.socket:
        """Return the control socket of a zygote that is ready; raises NoSandbox."""
        if (
            self.control is not None
            and self.process is not None
            and self.process.poll() is None
            and self.jobs < self.max_jobs
        ):
            return self.control
        self.end()
        return self._start()

    def _start(self) -> socket.socket:
        if sys.platform != "linux":
            raise NoSandbox(
                "There is no sandbox here: it needs Linux, for example in a container or a virtual machine."
            )
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        values = (os.pathsep.join(filter(None, sys.path)), "0", "1", "1", "1", "1")
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ} | dict(
            zip(SET, values, strict=True)
        )
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-m", "grader.sandbox.zygote", str(theirs.fileno()), *self.flags],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        ours.settimeout(START_SECONDS)
        self.control, self.jobs = ours, 0
        try:
            report = ours.recv(2**16)
        except TimeoutError:
            report = b""
        if not report:
            errors = self._errors()
            self.end()
            raise NoSandbox(f"There is no sandbox here: its process did not start{errors}.")
        try:
            self.admit(tuple(Layer(**layer) for layer in json.loads(report)))
        except NoSandbox:
            self.end()
            raise
        return ours

    def _errors(self) -> str:
        assert self.process is not None
        assert self.process.stderr is not None
        self.process.kill()
        lines = self.process.stderr.read().decode(errors="replace").strip().splitlines()
        return f" ({lines[-1]})" if lines else ""

    def kill(self) -> None:
        """End the zygote at once; its job dies with it."""
        if self.process is not None:
            self.process.kill()
        self.end()

    def end(self) -> None:
        """End the zygote, which ends its job first."""
        if self.control is not None:
            self.control.close()
        if self.process is not None:
            try:
                self.process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            if self.process.stderr is not None:
                self.process.stderr.close()
        self.process = self.control = None

    def run(self, number: int, program: bytes, trials: Sequence[bytes], public: int, limits: Limits) -> Run:
        """Run one job; a zygote that dies is replaced, and the job begun again."""
        for _ in range(MAX_TRIES):
            control = self.ready()
            self.jobs += 1
            try:
                assert self.process is not None
                return JobClient(control, number, limits, public, self.process.pid).run(program, trials)
            except ZygoteDied:
                self.kill()
            except BaseException:
                # Interrupted in the middle of a job: the next message of this zygote would be about that one.
                self.kill()
                raise
        raise Fault("The sandbox died twice while it ran one program")
