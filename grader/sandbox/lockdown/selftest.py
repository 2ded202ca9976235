"""What a job must not be able to do, tried from inside of one: return codes of locks are not believed.

Each act either fails, as it must, or is reported by its name. A failure that is no refusal counts as one too: what does
not work for whatever reason is no way out.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.sandbox.lockdown.apply import MOST_DESCRIPTORS
from grader.sandbox.lockdown.seccomp import JOB_FD

TOO_MUCH = 2 * 2**30
"""Bytes of memory, more than any job is allowed."""


@dataclass(frozen=True)
class Act:
    """One thing to be tried: the layer that must prevent it, and how to try it; it raises when it is prevented."""

    layer: str
    attempt: Callable[[], object]


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _grow() -> None:
    data = mmap.mmap(-1, TOO_MUCH, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    data[TOO_MUCH - 1] = 1


def _memory(protection: int) -> None:
    mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=protection)


def _write_elsewhere() -> None:
    for descriptor in range(MOST_DESCRIPTORS):
        if descriptor != JOB_FD:
            with contextlib.suppress(OSError):
                os.write(descriptor, b"x")
                return
    raise OSError("no other descriptor can be written")


def _be_root() -> None:
    if os.getuid() == 0:
        return
    os.setuid(0)


ACTS: Mapping[str, Act] = {
    "be root": Act("user", _be_root),
    "list a folder": Act("system calls", lambda: os.listdir("/")),
    "open a file": Act("system calls", lambda: os.open("/proc/self/mem", os.O_RDONLY)),
    "look at a file": Act("system calls", lambda: os.stat("/")),
    "make a file": Act("system calls", lambda: os.open("/tmp", os.O_TMPFILE | os.O_RDWR)),
    "open a socket": Act("system calls", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM)),
    "pair sockets": Act("system calls", socket.socketpair),
    "open a pipe": Act("system calls", os.pipe),
    "start a process": Act("system calls", _fork),
    "run a program": Act("system calls", lambda: os.execv(sys.executable, ["python", "-V"])),
    "send a signal": Act("system calls", lambda: os.kill(os.getppid(), 0)),
    "handle a signal": Act("system calls", lambda: signal.signal(signal.SIGPROF, signal.SIG_IGN)),
    "block a signal": Act("system calls", lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGPROF])),
    "stop the timer": Act("system calls", lambda: signal.setitimer(signal.ITIMER_PROF, 0)),
    "raise a limit": Act("system calls", lambda: resource.setrlimit(resource.RLIMIT_CPU, (1, 1))),
    "make memory executable": Act("system calls", lambda: _memory(mmap.PROT_READ | mmap.PROT_EXEC)),
    "write elsewhere": Act("descriptors", _write_elsewhere),
    "read elsewhere": Act("descriptors", lambda: os.read(0, 1)),
    "take 2 GB": Act("limits", _grow),
}


def attempt(acts: Mapping[str, Act]) -> list[str]:
    """Try every act, and return the names of those that succeeded."""
    done = []
    for name, act in acts.items():
        try:
            act.attempt()
        except (OSError, MemoryError, ValueError):  # Refused, or failed: either way it did not happen.
            continue
        done.append(name)
    return done


def report() -> None:
    """Try every act in a locked process, and write on its one descriptor what succeeded; ends with a full stop."""
    os.write(JOB_FD, "\n".join([*attempt(ACTS), "."]).encode())


def spin() -> None:
    """Use CPU time until the timer ends the process."""
    while True:
        pass
