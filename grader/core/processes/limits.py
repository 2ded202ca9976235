"""Limits that a process of ours puts on itself: it ends with its parent, it has so much memory, it has so much time."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PARENT_CHECK_SECONDS = 0.5
"""Seconds between two looks at whether the parent process is still there."""


def exit_with_parent(parent: int) -> None:
    """End this process, whatever it is doing, soon after the one that started it: called in a process that may be left alone."""
    threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:  # An orphan gets another parent.
        time.sleep(PARENT_CHECK_SECONDS)
    os._exit(1)


def limit_address_space(most: int) -> None:
    """Let this process have no more than so many bytes: what needs more raises MemoryError here and harms nobody else.

    A process that it starts begins with the same limit and may set another.
    """
    try:
        import resource
    except ImportError:  # Windows has none; deadlines hold there too.
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))


@contextmanager
def end_process_after(seconds: float, cpu: bool = False) -> Iterator[None]:
    """End this process at once, with SIGALRM, if the block takes longer; for the main thread, one block at a time.

    With ``cpu`` only what this process computes counts, and the signal is SIGPROF: a busy machine charges nobody. The kernel does
    it: a thread of ours would wait for the lock of Python, which a regular expression or one call of NumPy keeps until it is done.
    """
    timer, number = (signal.ITIMER_PROF, signal.SIGPROF) if cpu else (signal.ITIMER_REAL, signal.SIGALRM)
    signal.signal(number, signal.SIG_DFL)
    signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
