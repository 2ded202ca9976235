"""The grader's side of one job: the conversation with the program, and how it ended."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import wire
from grader.sandbox.control import COMMAND, JOB, JOB_END, STOP, JobEnd, Limits
from grader.sandbox.runs import Run, Trial
from grader.sandbox.wire import LENGTH, Claim, Malformed

MAX_OVERHEAD_BYTES = 2**16
"""Bytes of a claim beside the entries of its arrays: texts, dimensions."""
LOOK_SECONDS = 0.05
"""Seconds between two looks at a program whose turn it is."""
MIN_WAIT_SECONDS = 0.5
"""Seconds of sleep that are charged to no program."""
CLOCK_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
GRACE_SECONDS = 5.0
"""Seconds beyond the time of a job until a zygote is given up."""


class ZygoteDied(Exception):
    """A zygote has ended, or does not answer."""


@dataclass
class JobClient:
    """One job in one zygote: the conversation with the program, and how it ended."""

    control: socket.socket
    number: int
    limits: Limits
    public: int
    zygote: int
    """The process id of the zygote, whose child the job is."""
    output_bytes: int = 0
    waited_s: float = 0.0
    """Seconds in which the program slept although it was its turn."""

    def run(self, program: bytes, trials: Sequence[bytes]) -> Run:
        """Run a program on its trials, and return what is believed of what it says. Raises ZygoteDied."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self._tell_zygote(JOB, [theirs.fileno()])
            until = time.monotonic() + self.limits.wall_s
            claims, protocol_error = self._converse(ours, program, trials, until)
        end = self._wait_for_end(until)
        return self._run_from_claims(claims, len(trials), _outcome(end, protocol_error, self.limits), end)

    def _converse(
        self, connection: socket.socket, program: bytes, trials: Sequence[bytes], until: float
    ) -> tuple[list[Claim], str]:
        """Send and receive one frame after another; return what was claimed, and how the conversation broke off."""
        claims: list[Claim] = []
        try:
            for body in (program, *trials):
                _send(connection, wire.frame(body), until)
                claims.append(self._receive_claim(connection, until))
                if claims[0].error:
                    break
            connection.shutdown(socket.SHUT_WR)
            self._wait_for_claim(connection, until)
            if connection.recv(1):
                raise Malformed("something follows")
        except TimeoutError:
            return claims, "killed:wall"
        except _OnlyWaits:
            self._tell_zygote(STOP)
            return claims, "killed:waiting"
        except _TooMuchOutput:
            self._tell_zygote(STOP)
            return claims, "killed:output"
        except Malformed:
            self._tell_zygote(STOP)
            return claims, "bad-answer"
        except (_JobGone, OSError):  # A job that ends while it is written to resets its socket.
            return claims, "gone"
        return claims, ""

    def _receive_claim(self, connection: socket.socket, until: float) -> Claim:
        size = LENGTH.unpack(self._receive(connection, LENGTH.size, until))[0]
        self.output_bytes += size
        if size > MAX_OVERHEAD_BYTES + 16 * self.limits.entries or self.output_bytes > self.limits.output:
            raise _TooMuchOutput
        return wire.decode_claim(self._receive(connection, size, until), self.limits.entries)

    def _receive(self, connection: socket.socket, size: int, until: float) -> bytes:
        data = bytearray()
        while len(data) < size:
            self._wait_for_claim(connection, until)  # Each time: one byte must not end the charge.
            more = connection.recv(min(size - len(data), 2**20))
            if not more:
                raise _JobGone
            data += more
        return bytes(data)

    def _wait_for_claim(self, connection: socket.socket, until: float) -> None:
        """Wait until the job says something; raises TimeoutError, and _OnlyWaits for a program that sleeps instead of computing.

        Only sleep is charged, as it is seen now and then: a program that could run and is not let run, on a busy machine, is not
        asleep, nor is one that works.
        """
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        while not poll.poll(1000 * min(LOOK_SECONDS, _seconds_left(until))):
            if time.monotonic() >= until:
                raise TimeoutError
            job = _child_of(self.zygote)
            if job is None:
                continue
            asleep, cpu_s = job
            self.waited_s += LOOK_SECONDS if asleep else 0.0
            if self.waited_s >= MIN_WAIT_SECONDS and self.waited_s + cpu_s > self.limits.cpu_s + MIN_WAIT_SECONDS:
                raise _OnlyWaits

    def _tell_zygote(self, command: bytes, descriptors: Sequence[int] = ()) -> None:
        message = COMMAND.pack(command, self.number, self.limits.pack())
        try:
            socket.send_fds(self.control, [message], descriptors)
        except OSError as error:
            raise ZygoteDied from error

    def _wait_for_end(self, until: float) -> JobEnd:
        self.control.settimeout(_seconds_left(until) + GRACE_SECONDS)
        try:
            message = self.control.recv(JOB_END.size)
        except OSError as error:
            raise ZygoteDied from error
        if len(message) != JOB_END.size:
            raise ZygoteDied
        _, number, *values = JOB_END.unpack(message)
        if number != self.number:
            raise ZygoteDied
        return JobEnd(*values)

    def _run_from_claims(self, claims: list[Claim], count: int, outcome: str, end: JobEnd) -> Run:
        """Put together what is believed; texts only where the inputs may be known."""
        answered = [_trial(claim, number <= self.public) for number, claim in enumerate(claims)]
        failed = outcome or next((each.outcome for each in answered if each.outcome != "ok"), "ok")
        loading = answered[0] if answered else Trial(failed)
        trials = [*answered[1:], *(Trial(outcome or loading.outcome) for _ in range(count - len(answered[1:])))]
        line = None if outcome else next((each.line for each in answered if each.outcome != "ok"), None)
        return Run(
            failed,
            tuple(each.output for each in trials),
            line,
            end.cpu_s,
            end.wall_s,
            loading,
            tuple(trials),
        )


class _OnlyWaits(Exception):
    """The program sleeps for longer than it might compute."""


class _TooMuchOutput(Exception):
    """More output than is allowed."""


class _JobGone(Exception):
    """The job has ended before it had answered."""


def _trial(claim: Claim, public: bool) -> Trial:
    output = claim.arrays if claim.several else claim.arrays[0] if claim.arrays else None
    message, printed = (claim.message, claim.printed) if public else ("", "")
    return Trial(f"error:{claim.error}" if claim.error else "ok", output, claim.line, claim.detail, message, printed)


def _outcome(end: JobEnd, protocol_error: str, limits: Limits) -> str:
    """Return how a job was ended, or what is wrong with its answer; empty where it came to its end."""
    if end.late:
        return "killed:wall"
    if protocol_error in ("killed:output", "bad-answer", "killed:wall", "killed:waiting"):
        return protocol_error
    if not os.WIFSIGNALED(end.status):
        return "" if protocol_error == "" and os.WEXITSTATUS(end.status) == 0 else "bad-answer"
    number = os.WTERMSIG(end.status)
    if number in (signal.SIGPROF, signal.SIGXCPU) or (number == signal.SIGKILL and end.cpu_s >= limits.cpu_s):
        return "killed:cpu"
    if number == signal.SIGKILL:  # By none of us, so by the kernel, which had no memory left.
        return "killed:mem"
    return "killed:seccomp" if number == signal.SIGSYS else f"killed:crash:{signal.Signals(number).name}"


def _child_of(zygote: int) -> tuple[bool, float] | None:
    """Return whether the one child of a zygote sleeps, and its CPU seconds (proc(5)); None where that cannot be told."""
    try:
        children = Path(f"/proc/{zygote}/task/{zygote}/children").read_text(encoding="ascii").split()
        fields = (
            Path(f"/proc/{children[-1]}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
        return fields[0] == "S", (int(fields[11]) + int(fields[12])) / CLOCK_TICKS
    except (OSError, IndexError, ValueError):
        return None


def _send(connection: socket.socket, data: bytes, until: float) -> None:
    connection.settimeout(_seconds_left(until))
    connection.sendall(data)


def _seconds_left(until: float) -> float:
    return max(0.001, until - time.monotonic())
