"""The locks of a job (memory limit, CPU time, system calls), put on by the process that is to be locked in, for good."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import struct
from collections.abc import Iterable, Sequence

from grader.sandbox.control import Limits
from grader.sandbox.lockdown import landlock, seccomp
from grader.sandbox.lockdown.seccomp import JOB_FD
from grader.sandbox.lockdown.syscalls import (
    PR_CAP_AMBIENT,
    PR_CAP_AMBIENT_CLEAR_ALL,
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    PR_SET_PDEATHSIG,
    Architecture,
    prctl,
    syscall,
)

NOBODY = 65534
CAPABILITY_VERSION = 0x20080522
SPARE_SECONDS = 2
"""CPU seconds beyond its limit after which a job is ended in a second way."""
STACK = 8 * 2**20
MOST_DESCRIPTORS = 64
KEPT_RESOURCES = frozenset(("NOFILE",))
"""What a process of ours that is locked in late still has some of: its descriptors are open already."""
NONE_OF = ("CORE", "FSIZE", "MEMLOCK", "MSGQUEUE", "NOFILE", "NPROC")
"""Resources of which a job has none: core dumps, files, locked memory, message queues, more descriptors, processes."""


def keep_privileges_away(machine: Architecture) -> None:
    """Give up every capability, gain none by running another program, and let no other process look in.

    Raises OSError. Comes after ``become_nobody``, which needs some of them.
    """
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = struct.pack("=Ii", CAPABILITY_VERSION, 0)
    syscall(machine.capset, ctypes.c_char_p(header), ctypes.c_char_p(bytes(24)))
    prctl(PR_SET_DUMPABLE, 0)


def become_nobody() -> None:
    """Stop being root; whoever is not root already stays who they are. Raises OSError where root cannot."""
    if os.getuid() != 0 and os.geteuid() != 0:
        return
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def few_descriptors() -> None:
    """Allow descriptors below a small number only, so that a job has few to close."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_DESCRIPTORS, MOST_DESCRIPTORS))


def address_space() -> int:
    """Return the bytes of address space that this process has; must be asked before files are out of reach."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


def lock(job: int, limits: Limits, base: int, filter_: bytes | None) -> None:
    """Put on all locks of a job, whose one descriptor is then JOB_FD; without a filter only those of time and memory.

    ``base`` is the address space that the process had before. The timer ends the process, and nothing in it can stop that.
    """
    _only_descriptor(job)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    _lower(resource.RLIMIT_AS, base + limits.memory)
    _lower(resource.RLIMIT_STACK, STACK)
    _lower(resource.RLIMIT_CPU, int(limits.cpu_s) + SPARE_SECONDS)
    if filter_ is not None:
        _have_none_of(NONE_OF)
    signal.setitimer(signal.ITIMER_PROF, limits.cpu_s)
    if filter_ is not None:
        seccomp.install(filter_)


def lock_own_process(machine: Architecture, readable: int, writable: Sequence[int]) -> None:
    """Lock a process of ours in, with its threads, before it runs somebody's program; it may read one descriptor and write some.

    Nothing can be opened any more, so that all modules must have been imported. Raises OSError, where some of the locks are on.
    The user stays who it is: who started the process must be able to end it. Deadlines are for whoever started it.
    """
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    keep_privileges_away(machine)
    _have_none_of([each for each in NONE_OF if each not in KEPT_RESOURCES])
    with contextlib.suppress(OSError):  # Beside the filter, which refuses the same by itself.
        landlock.deny_all()
    seccomp.install_in_all_threads(seccomp.program(machine, readable, writable, machine.own_calls), machine)


def _have_none_of(names: Iterable[str]) -> None:
    for name in names:
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (0, 0))


def _only_descriptor(job: int) -> None:
    if job != JOB_FD:
        os.dup2(job, JOB_FD)
    os.closerange(0, JOB_FD)
    os.closerange(JOB_FD + 1, MOST_DESCRIPTORS)


def _lower(what: int, value: int) -> None:
    _, most = resource.getrlimit(what)
    bound = value if most == resource.RLIM_INFINITY else min(value, most)
    resource.setrlimit(what, (bound, bound))
