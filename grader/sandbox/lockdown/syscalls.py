"""System calls by number, for what Python's standard library does not reach; Linux on x86-64 and on 64-bit ARM only.

Numbers: ``arch/x86/entry/syscalls/syscall_64.tbl`` and ``include/uapi/asm-generic/unistd.h`` of Linux.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS = 1, 4, 22, 38, 39
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF = 444, 446


@dataclass(frozen=True)
class Architecture:
    """``calls`` are those that a job may make, with their numbers; ``audit`` names the machine to seccomp.

    A process of ours that is locked in after it has started may make ``own_calls`` too. Calls numbered from ``foreign`` on belong
    to another ABI.
    """

    audit: int
    capset: int
    seccomp: int
    calls: Mapping[str, int]
    own_calls: Mapping[str, int]
    foreign: int | None = None


ARCHITECTURES: Mapping[str, Architecture] = {
    "x86_64": Architecture(
        audit=0xC000003E,
        capset=126,
        seccomp=317,
        foreign=0x40000000,  # x32: the same kernel entry with other numbers.
        calls={
            "read": 0,
            "write": 1,
            "mmap": 9,
            "mprotect": 10,
            "munmap": 11,
            "brk": 12,
            "sched_yield": 24,
            "mremap": 25,
            "madvise": 28,
            "exit": 60,
            "gettimeofday": 96,
            "futex": 202,
            "restart_syscall": 219,
            "clock_gettime": 228,
            "exit_group": 231,
        },
        own_calls={
            "close": 3,
            "rt_sigreturn": 15,
            "getpid": 39,
            "getppid": 110,
            "clock_nanosleep": 230,
            "getrandom": 318,
        },
    ),
    "aarch64": Architecture(
        audit=0xC00000B7,
        capset=91,
        seccomp=277,
        calls={
            "read": 63,
            "write": 64,
            "exit": 93,
            "exit_group": 94,
            "futex": 98,
            "clock_gettime": 113,
            "sched_yield": 124,
            "restart_syscall": 128,
            "gettimeofday": 169,
            "brk": 214,
            "munmap": 215,
            "mremap": 216,
            "mmap": 222,
            "mprotect": 226,
            "madvise": 233,
        },
        own_calls={
            "close": 57,
            "clock_nanosleep": 115,
            "rt_sigreturn": 139,
            "getpid": 172,
            "getppid": 173,
            "getrandom": 278,
        },
    ),
}


def architecture() -> Architecture | None:
    """Return this machine's, or None where there is no table for it."""
    if sys.platform != "linux" or sys.maxsize <= 2**32:
        return None
    return ARCHITECTURES.get(platform.machine())


def prctl(option: int, *arguments: int) -> int:
    """Call ``prctl(2)``; raises OSError."""
    return _checked(_libc().prctl(option, *(ctypes.c_ulong(each) for each in _four(arguments))))


def syscall(number: int, *arguments: int | ctypes.c_void_p | ctypes.c_char_p) -> int:
    """Call the system call with this number; raises OSError."""
    given = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return _checked(_libc().syscall(ctypes.c_long(number), *given))


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc


def _four(arguments: tuple[int, ...]) -> tuple[int, ...]:
    """Fill with zeros: prctl refuses some options when the arguments it does not use are not zero."""
    return (*arguments, 0, 0, 0, 0)[:4]


def _checked(result: int) -> int:
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
