"""The seccomp filter of a job's system calls: a handful of calls, and nothing that could reach a file, a process or a socket.

A classic BPF program (``seccomp(2)``, mode FILTER). What is not allowed fails with EPERM, so that an honest mistake
such as ``open("data.csv")`` reads as PermissionError; a call of another architecture ends the process.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import struct
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from grader.sandbox.lockdown.syscalls import PR_SET_SECCOMP, Architecture, prctl, syscall

JOB_FD = 3
"""The one descriptor that a job may read and write."""

ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050001, 0x80000000
"""Return values of a filter: go on; fail with errno 1, EPERM; end the whole process with SIGSYS."""
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""BPF operations on the 32-bit accumulator; jumps count instructions from the next one."""
NUMBER, ARCH, ARGUMENTS = 0, 4, 16
"""Offsets in ``struct seccomp_data``."""
SECCOMP_MODE_FILTER = 2
SET_MODE_FILTER, ALL_THREADS = 1, 1
"""Operation and flag (TSYNC) of ``seccomp(2)``."""

Instruction = tuple[int, int, int, int]
"""Operation, jump if true, jump if false, constant."""

STACK = 0x20000
NO_RESERVE = 0x4000
FIXED = 0x10
PLAIN_MEMORY = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | FIXED | NO_RESERVE | STACK
WORD = 0xFFFFFFFF


def _argument(index: int) -> Instruction:
    """Load the low half of an argument (little-endian): the kernel reads descriptors and flags from it alone."""
    return (LOAD, 0, 0, ARGUMENTS + 8 * index)


def _only(*descriptors: int) -> list[Instruction]:
    equal = [(EQUAL, len(descriptors) - index, 0, each) for index, each in enumerate(descriptors)]
    return [_argument(0), *equal, (RETURN, 0, 0, REFUSE)]


def _without(index: int, bits: int) -> list[Instruction]:
    return [_argument(index), (ANY_BIT, 0, 1, bits), (RETURN, 0, 0, REFUSE)]


def _with(index: int, bit: int) -> list[Instruction]:
    return [_argument(index), (ANY_BIT, 1, 0, bit), (RETURN, 0, 0, REFUSE)]


CHECKS: Mapping[str, Sequence[Instruction]] = {
    "mmap": [*_without(2, mmap.PROT_EXEC), *_with(3, mmap.MAP_ANONYMOUS), *_without(3, WORD & ~PLAIN_MEMORY)],
    "mprotect": _without(2, mmap.PROT_EXEC),
}
"""What is asked of a call's arguments before it is allowed, beside the descriptors of ``read`` and ``write``."""


def program(
    architecture: Architecture,
    readable: int = JOB_FD,
    writable: Sequence[int] = (JOB_FD,),
    more_calls: Mapping[str, int] = MappingProxyType({}),
) -> bytes:
    """Return the filter for an architecture, as an array of ``struct sock_filter``.

    One descriptor can be read and some written. ``more_calls`` are allowed beside those of a job.
    """
    checks = {**CHECKS, "read": _only(readable), "write": _only(*writable)}
    code: list[Instruction] = [
        (LOAD, 0, 0, ARCH),
        (EQUAL, 1, 0, architecture.audit),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    if architecture.foreign is not None:
        code += [(AT_LEAST, 0, 1, architecture.foreign), (RETURN, 0, 0, KILL)]
    for name, number in {**architecture.calls, **more_calls}.items():
        block = [*checks.get(name, ()), (RETURN, 0, 0, ALLOW)]
        code += [(EQUAL, 0, len(block), number), *block]
    code.append((RETURN, 0, 0, REFUSE))
    return b"".join(struct.pack("=HBBI", *each) for each in code)


def install(filter_: bytes) -> None:
    """Lock this thread in for good; ``no_new_privs`` must be set. Raises OSError."""
    held = _held(filter_)
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(held))


def install_in_all_threads(filter_: bytes, architecture: Architecture) -> None:
    """Lock this process in for good: a thread that ran before is no way out. Raises OSError."""
    if syscall(architecture.seccomp, SET_MODE_FILTER, ALL_THREADS, ctypes.cast(_held(filter_), ctypes.c_void_p)):
        raise OSError(errno.ESRCH, "another thread has a filter of its own")


def _held(filter_: bytes) -> ctypes.Array[ctypes.c_char]:
    """Return a ``struct sock_fprog``, which keeps the filter alive."""
    buffer = ctypes.create_string_buffer(filter_, len(filter_))
    header = struct.pack("@HP", len(filter_) // 8, ctypes.addressof(buffer))
    held = ctypes.create_string_buffer(header, len(header))
    held.filter_ = buffer  # type: ignore[attr-defined]
    return held
