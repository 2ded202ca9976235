"""The zygote (fork server) from which jobs are forked: it imports NumPy once, locks itself, and passes descriptors on.

It is a new program (never forked from the grader, whose memory holds keys), with a clean environment, and reads no job:
each message on its control socket brings limits and one descriptor, which the forked job alone reads. One job runs at a
time. It ends when its control socket does.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from grader.sandbox import allowed_modules, job
from grader.sandbox.control import COMMAND, DONE, FAILED_STATUS, INHERITED, JOB, JOB_END, SET, STOP, JobEnd, Limits
from grader.sandbox.lockdown import apply, landlock, seccomp, selftest
from grader.sandbox.lockdown.syscalls import architecture

CONTROL_FD = 10
EXPECTED_VARIABLES = frozenset((*INHERITED, *SET, "LC_CTYPE"))
"""The environment variables that are meant to be there; Python may set the last one by itself."""
SELF_TEST_CUT_SHORT = "the self-test did not come to its end"
TIMER_TEST_LIMITS = Limits(cpu_s=0.01, wall_s=5.0)


@dataclass(frozen=True)
class Zygote:
    """What is the same for all jobs: the filter (None: not locked in), and the address space that a job begins with."""

    filter: bytes | None
    base: int

    def run(
        self,
        descriptor: int,
        limits: Limits,
        act: Callable[[], None],
        control: int | None = None,
        number: int = 0,
    ) -> JobEnd:
        """Fork, lock, act; wait for the end, and bring it about when the time is over or the grader says so."""
        started = time.monotonic()
        child = os.fork()
        if child == 0:
            self._run_in_child(descriptor, limits, act)
        os.close(descriptor)
        late = _wait(child, started + limits.wall_s, control, number)
        _, status, usage = os.wait4(child, 0)
        return JobEnd(status, late, usage.ru_utime + usage.ru_stime, time.monotonic() - started)

    def _run_in_child(self, descriptor: int, limits: Limits, act: Callable[[], None]) -> None:
        try:
            apply.lock(descriptor, limits, self.base, self.filter)
            act()
        except BaseException:  # Nothing of a job may ever return into the zygote's own loop.
            os._exit(FAILED_STATUS)
        os._exit(0)


def main() -> None:
    """Prepare, report the self-test, and serve."""
    control = int(sys.argv[1])
    os.dup2(control, CONTROL_FD)
    if control != CONTROL_FD:
        os.close(control)
    unsafe, use_landlock = sys.argv[2] == "unsafe", sys.argv[3] == "landlock"
    connection = socket.socket(fileno=CONTROL_FD)
    zygote, layers = prepare(unsafe, use_landlock)
    connection.send(json.dumps(layers).encode())
    if unsafe or all(each["holds"] for each in layers if each["required"]):
        serve(connection, zygote)


def prepare(unsafe: bool, use_landlock: bool) -> tuple[Zygote, list[dict[str, Any]]]:
    """Load everything, put on the locks that all jobs share, and try them; returns what holds, layer by layer."""
    gc.disable()  # A collection in a job would copy the pages of everything that is shared.
    allowed_modules.load()
    _fix_random_seeds()
    unclean = ", ".join(sorted(set(os.environ) - EXPECTED_VARIABLES))
    os.environ.clear()
    base = apply.address_space()
    apply.few_descriptors()
    if unsafe:
        gc.freeze()
        return Zygote(None, base), []
    machine = architecture()
    if machine is None:
        return Zygote(None, base), [
            _layer("system calls", f"there is no table of system calls for {os.uname().machine}", "")
        ]
    user, privileges = _error_of(apply.become_nobody), _error_of(partial(apply.keep_privileges_away, machine))
    denied = _error_of(landlock.deny_all) if use_landlock else "switched off"
    zygote = Zygote(seccomp.program(machine), base)
    gc.freeze()
    acts, spun = _self_test(zygote)
    calls = sum(act.layer == "system calls" for act in selftest.ACTS.values())
    return zygote, [
        _layer("clean process", unclean, "started anew, with nothing of the grader's environment"),
        _layer("user", user or _breaches(acts, "user"), f"runs as user {os.getuid()}"),
        _layer("privileges", privileges, "no capabilities, no_new_privs, closed to other processes"),
        _layer("system calls", _breaches(acts, "system calls"), f"a filter; {calls} acts were tried and refused"),
        _layer("descriptors", _breaches(acts, "descriptors"), "one, and no other could be read or written"),
        _layer("limits", _breaches(acts, "limits"), "2 GB of memory were tried and refused"),
        _layer("timer", spun, f"what spun was ended after {TIMER_TEST_LIMITS.cpu_s * 1000:g} ms of CPU time"),
        _layer("landlock", denied or _reached_outside(), "no file opens, even without the filter", required=False),
    ]


def serve(control: socket.socket, zygote: Zygote) -> None:
    """Run one job after another until the control socket ends."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, COMMAND.size, 1)
        if not message:
            return
        command, number, limits = COMMAND.unpack(message)
        if command != JOB or not descriptors:
            continue  # It says to stop a job that has ended already.
        allowed = Limits.unpack(limits)
        act = partial(job.serve, allowed.entries)
        ended = zygote.run(descriptors[0], allowed, act, CONTROL_FD, number)
        control.send(JOB_END.pack(DONE, number, ended.status, ended.late, ended.cpu_s, ended.wall_s))


def _wait(child: int, until: float, control: int | None, number: int) -> bool:
    """Wait until a process has ended, or end it: when its time is over, or at a word from outside; says if it was late."""
    watched = os.pidfd_open(child)
    try:
        poll = select.poll()
        poll.register(watched, select.POLLIN)
        if control is not None:
            poll.register(control, select.POLLIN)
        while True:
            ready = dict(poll.poll(max(0.0, until - time.monotonic()) * 1000))
            if watched in ready:
                return False
            if not ready:
                os.kill(child, signal.SIGKILL)
                return True
            if control is not None and _stopped(control, number):
                os.kill(child, signal.SIGKILL)
                return False
    finally:
        os.close(watched)


def _stopped(control: int, number: int) -> bool:
    """Whether the message that has come ends this job: a word to stop it, or the end of the socket."""
    message = os.read(control, COMMAND.size)
    return not message or COMMAND.unpack(message)[:2] == (STOP, number)


def _fix_random_seeds() -> None:
    """Let random numbers without a seed be the same in every job, so that equal answers get equal marks."""
    np.random.seed(job.SEED)
    # Where default_rng() without a seed takes its entropy from: the system's cannot be had in a job.
    vars(np.random.bit_generator)["randbits"] = lambda bits: job.SEED


def _self_test(zygote: Zygote) -> tuple[list[str], str]:
    """Return the acts that were possible in a job after all, and what is wrong with its timer."""
    ours, theirs = socket.socketpair()
    with ours:
        zygote.run(theirs.detach(), Limits(), selftest.report)
        answer = ours.recv(2**16).decode().split("\n")
    ours, theirs = socket.socketpair()
    with ours:
        ended = zygote.run(theirs.detach(), TIMER_TEST_LIMITS, selftest.spin)
    timed = os.WIFSIGNALED(ended.status) and os.WTERMSIG(ended.status) == signal.SIGPROF
    return (
        answer[:-1] if answer[-1] == "." else [*answer, SELF_TEST_CUT_SHORT]
    ), "" if timed else "a job that spun was not ended"


def _reached_outside() -> str:
    """Say what Landlock lets through, tried by the zygote itself."""
    with contextlib.suppress(OSError):
        os.close(os.open("/", os.O_RDONLY))
        return "a folder could be opened"
    return ""


def _error_of(act: Callable[[], object]) -> str:
    try:
        act()
    except OSError as error:
        return str(error)
    return ""


def _breaches(acts: list[str], layer: str) -> str:
    """Say which acts a layer let through; a self-test that was cut short vouches for none."""
    if SELF_TEST_CUT_SHORT in acts:
        return SELF_TEST_CUT_SHORT
    known = [name for name in acts if selftest.ACTS[name].layer == layer]
    return f"a job could {', '.join(known)}" if known else ""


def _layer(name: str, why_not: str, tried: str, required: bool = True) -> dict[str, Any]:
    return {"name": name, "holds": not why_not, "required": required, "detail": why_not or tried}


if __name__ == "__main__":
    main()
