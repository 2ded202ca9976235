"""The grader's side: programs in, what they returned out; zygotes are started, watched, replaced and ended."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import numpy as np

from grader.core.errors import Fault
from grader.sandbox import wire
from grader.sandbox.control import ASKED, ENDED, INHERITED, JOB, SET, STOP, Ended, Limits
from grader.sandbox.wire import LENGTH, Array, Claim, Malformed

GETTING_READY = 60.0
GRACE = 5.0
"""Seconds until a zygote is given up: from its start, and beyond the time of a job."""
PER_ZYGOTE = 1_000
"""Jobs after which a zygote is replaced."""
TRIES = 2
"""How often a job is begun whose zygote dies."""


class NoSandbox(Exception):
    """There is no sandbox here, so nothing was run; ``layers`` say what is missing."""

    def __init__(self, message: str, layers: tuple[Layer, ...] = ()) -> None:
        super().__init__(message)
        self.layers = layers


@dataclass(frozen=True)
class Layer:
    """One layer of the sandbox, as the self-test of a zygote found it; ``said`` is what was tried, or what is missing."""

    name: str
    held: bool
    required: bool
    said: str


@dataclass(frozen=True)
class Trial:
    """What came of one tuple of inputs; ``outcome`` and ``output`` as in ``Run``."""

    outcome: str
    output: Array | tuple[Array, ...] | None = None
    line: int | None = None
    detail: str = ""
    message: str = ""
    printed: str = ""


@dataclass(frozen=True)
class Run:
    """What came of running a function on all inputs.

    ``outcome`` is ``ok``; ``error:NAME``, the built-in exception that ended the first trial that did not go well (or loading);
    ``killed:cpu``, ``killed:wall``, ``killed:mem``, ``killed:output``, ``killed:seccomp`` or ``killed:crash:SIGNAL``; or
    ``bad-answer``, if what came back was no answer. ``outputs`` has one array, or tuple of arrays, for each input that was
    answered (None where it failed), ``line`` is where the source failed (from 1). Times are seconds of CPU and of the wall
    clock. ``loading`` tells of running the program itself. Texts (``message``, ``printed``) are the student's own.
    """

    outcome: str
    outputs: tuple[Array | tuple[Array, ...] | None, ...] = ()
    line: int | None = None
    cpu_s: float = 0.0
    wall_s: float = 0.0
    loading: Trial = field(default=Trial("ok"))
    trials: tuple[Trial, ...] = ()


class Sandbox:
    """Runs untrusted NumPy programs, each in a locked process of its own; safe to be used from several threads.

    ``workers`` is how many run at a time. ``landlock`` says whether to add that layer where the kernel has it; with
    ``require_landlock`` there is no sandbox without it. ``unsafe`` runs everything without locks, with limits of time and
    memory only. Zygotes start when a program first runs, or at the beginning of a ``with`` block; both raise NoSandbox where
    a layer that is required does not hold.
    """

    def __init__(
        self,
        workers: int | None = None,
        limits: Limits = Limits(),  # noqa: B008
        *,
        landlock: bool = True,
        require_landlock: bool = False,
        unsafe: bool = False,
        per_zygote: int = PER_ZYGOTE,
    ) -> None:
        self.limits = limits
        self.landlock = landlock
        self.require_landlock = require_landlock
        self.unsafe = unsafe
        self.workers = workers or os.cpu_count() or 1
        self.per_zygote = per_zygote
        self.layers: tuple[Layer, ...] = ()
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for _ in range(self.workers):
            self._idle.put(_Worker(self))
        self._numbers = itertools.count(1)
        self._refused: NoSandbox | None = None
        self._alone = threading.Lock()

    def __enter__(self) -> Self:
        self.check()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def check(self) -> tuple[Layer, ...]:
        """Start one zygote if none was, and return what its self-test found; raises NoSandbox."""
        with self._borrowed() as worker:
            worker.ready()
        return self.layers

    def close(self) -> None:
        """End all zygotes; waits for jobs that run."""
        for _ in range(self.workers):
            self._idle.get().end()
        for _ in range(self.workers):
            self._idle.put(_Worker(self))

    def run(
        self,
        source: str,
        function: str,
        inputs: Sequence[Sequence[Array]],
        public: int = 0,
        limits: Limits | None = None,
        alone: bool = False,
    ) -> Run:
        """Load a program, and call a function of it with one tuple of arrays after another.

        Arrays are of floats, complex numbers, integers or truth values; a 0-d one arrives as a NumPy number. The program
        gets the inputs of a trial only when it has answered the one before. Of the first ``public`` trials, and of loading,
        messages and prints come back; never of the others, whose inputs are not to be known. A function that fails on one
        trial goes on with the next. ``limits`` are for the whole run; ``alone`` lets nothing else run meanwhile. Raises
        NoSandbox, and Fault where zygotes die.
        """
        body = wire.program(source, function)
        trials = [
            wire.trial([_sendable(each) for each in arrays], number < public) for number, arrays in enumerate(inputs)
        ]
        with self._borrowed(alone) as worker:
            return worker.run(next(self._numbers), body, trials, public, limits or self.limits)

    @contextlib.contextmanager
    def _borrowed(self, alone: bool = False) -> Iterator[_Worker]:
        """Lend one worker to this thread, or all of them."""
        if self._refused:
            raise self._refused
        with self._alone if alone else contextlib.nullcontext():  # Two who wanted all would wait for each other.
            lent = [self._idle.get() for _ in range(self.workers if alone else 1)]
        try:
            yield lent[0]
        finally:
            for each in lent:
                self._idle.put(each)

    def _admit(self, layers: tuple[Layer, ...]) -> None:
        """Remember what a zygote found; raises NoSandbox where that is not enough."""
        self.layers = layers
        needed = [
            each
            for each in layers
            if not each.held and (each.required or (self.require_landlock and each.name == "landlock"))
        ]
        if needed:
            why = "; ".join(f"{each.name}: {each.said}" for each in needed)
            self._refused = NoSandbox(f"There is no sandbox here ({why}).", layers)
            raise self._refused


def found() -> tuple[tuple[Layer, ...], str]:
    """Try a sandbox, and return its layers and why there is none, if so."""
    try:
        with Sandbox(1) as made:
            return made.check(), ""
    except NoSandbox as error:
        return error.layers, str(error)


class _Died(Exception):
    """A zygote has ended, or does not answer."""


class _Worker:
    """One zygote, started when it is first needed."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.process: subprocess.Popen[bytes] | None = None
        self.control: socket.socket | None = None
        self.jobs = 0

    def ready(self) -> socket.socket:
        """Return the control socket of a zygote that is ready; raises NoSandbox."""
        if (
            self.control is not None
            and self.process is not None
            and self.process.poll() is None
            and self.jobs < self.sandbox.per_zygote
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
        mode = ["unsafe" if self.sandbox.unsafe else "locked", "landlock" if self.sandbox.landlock else "-"]
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-m", "grader.sandbox.zygote", str(theirs.fileno()), *mode],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        ours.settimeout(GETTING_READY)
        self.control, self.jobs = ours, 0
        try:
            said = ours.recv(2**16)
        except TimeoutError:
            said = b""
        if not said:
            errors = self._errors()
            self.end()
            raise NoSandbox(f"There is no sandbox here: its process did not start{errors}.")
        try:
            self.sandbox._admit(tuple(Layer(**each) for each in json.loads(said)))
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
                self.process.wait(GRACE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            if self.process.stderr is not None:
                self.process.stderr.close()
        self.process = self.control = None

    def run(self, number: int, program: bytes, trials: Sequence[bytes], public: int, limits: Limits) -> Run:
        """Run one job; a zygote that dies is replaced, and the job begun anew."""
        for _ in range(TRIES):
            control = self.ready()
            self.jobs += 1
            try:
                return _Job(control, number, limits, public).run(program, trials)
            except _Died:
                self.kill()
            except (
                BaseException
            ):  # Interrupted in the middle of a job: this zygote's next word would be about that one.
                self.kill()
                raise
        raise Fault("The sandbox died twice while it ran one program")


@dataclass
class _Job:
    """One job in one zygote: the conversation with the program, and how it ended."""

    control: socket.socket
    number: int
    limits: Limits
    public: int
    spent: int = 0

    def run(self, program: bytes, trials: Sequence[bytes]) -> Run:
        mine, theirs = socket.socketpair()
        with mine:
            with theirs:
                self._ask(JOB, [theirs.fileno()])
            until = time.monotonic() + self.limits.wall_s
            claims, verdict = self._converse(mine, program, trials, until)
        ended = self._ended(until)
        return self._told(claims, len(trials), _outcome(ended, verdict, self.limits), ended)

    def _converse(
        self, line: socket.socket, program: bytes, trials: Sequence[bytes], until: float
    ) -> tuple[list[Claim], str]:
        """Send and hear one frame after another; returns what was claimed, and what was wrong with the rest."""
        claims: list[Claim] = []
        try:
            for body in (program, *trials):
                _send(line, wire.framed(body), until)
                claims.append(self._hear(line, until))
                if claims[0].error:
                    break
            line.shutdown(socket.SHUT_WR)
            line.settimeout(_left(until))
            if line.recv(1):
                raise Malformed("something follows")
        except TimeoutError:
            return claims, "killed:wall"
        except _TooMuch:
            self._ask(STOP)
            return claims, "killed:output"
        except Malformed:
            self._ask(STOP)
            return claims, "bad-answer"
        except (_Gone, OSError):  # A job that ends while it is written to resets its socket.
            return claims, "gone"
        return claims, ""

    def _hear(self, line: socket.socket, until: float) -> Claim:
        size = LENGTH.unpack(_receive(line, LENGTH.size, until))[0]
        self.spent += size
        if self.spent > self.limits.output:
            raise _TooMuch
        return wire.claimed(_receive(line, size, until))

    def _ask(self, what: bytes, descriptors: Sequence[int] = ()) -> None:
        message = ASKED.pack(what, self.number, self.limits.pack())
        try:
            socket.send_fds(self.control, [message], descriptors)
        except OSError as error:
            raise _Died from error

    def _ended(self, until: float) -> Ended:
        self.control.settimeout(_left(until) + GRACE)
        try:
            said = self.control.recv(ENDED.size)
        except OSError as error:
            raise _Died from error
        if len(said) != ENDED.size:
            raise _Died
        _, number, *how = ENDED.unpack(said)
        if number != self.number:
            raise _Died
        return Ended(*how)

    def _told(self, claims: list[Claim], count: int, outcome: str, ended: Ended) -> Run:
        """Put together what is believed; texts only where the inputs may be known."""
        told = [_trial(each, number <= self.public) for number, each in enumerate(claims)]
        failed = outcome or next((each.outcome for each in told if each.outcome != "ok"), "ok")
        loading = told[0] if told else Trial(failed)
        trials = [*told[1:], *(Trial(outcome or loading.outcome) for _ in range(count - len(told[1:])))]
        line = None if outcome else next((each.line for each in told if each.outcome != "ok"), None)
        return Run(
            failed,
            tuple(each.output for each in trials),
            line,
            ended.cpu_s,
            ended.wall_s,
            loading,
            tuple(trials),
        )


class _TooMuch(Exception):
    """More output than is allowed."""


class _Gone(Exception):
    """The job has ended before it had answered."""


def _trial(said: Claim, public: bool) -> Trial:
    output = said.arrays if said.several else said.arrays[0] if said.arrays else None
    message, printed = (said.message, said.printed) if public else ("", "")
    return Trial(f"error:{said.error}" if said.error else "ok", output, said.line, said.detail, message, printed)


def _outcome(ended: Ended, verdict: str, limits: Limits) -> str:
    """Return how a job was ended, or what is wrong with its answer; empty where it came to its end."""
    if ended.late:
        return "killed:wall"
    if verdict in ("killed:output", "bad-answer", "killed:wall"):
        return verdict
    if not os.WIFSIGNALED(ended.status):
        return "" if verdict == "" and os.WEXITSTATUS(ended.status) == 0 else "bad-answer"
    number = os.WTERMSIG(ended.status)
    if number in (signal.SIGPROF, signal.SIGXCPU) or (number == signal.SIGKILL and ended.cpu_s >= limits.cpu_s):
        return "killed:cpu"
    if number == signal.SIGKILL:  # By none of us, so by the kernel, which had no memory left.
        return "killed:mem"
    return "killed:seccomp" if number == signal.SIGSYS else f"killed:crash:{signal.Signals(number).name}"


def _send(line: socket.socket, data: bytes, until: float) -> None:
    line.settimeout(_left(until))
    line.sendall(data)


def _receive(line: socket.socket, size: int, until: float) -> bytes:
    data = bytearray()
    while len(data) < size:
        line.settimeout(_left(until))
        more = line.recv(min(size - len(data), 2**20))
        if not more:
            raise _Gone
        data += more
    return bytes(data)


def _left(until: float) -> float:
    return max(0.001, until - time.monotonic())


def _sendable(array: Array) -> Array:
    plain = np.asarray(array)
    letter = {"b": "?", "i": "<i8", "u": "<i8", "f": "<f8", "c": "<c16"}.get(plain.dtype.kind)
    if letter is None:
        raise TypeError(f"inputs are arrays of numbers, not of {plain.dtype}")
    return plain if plain.dtype == np.float32 else plain.astype(letter)
