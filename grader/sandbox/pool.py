"""The pool of the sandbox: programs in, what they returned out; lends zygotes to the threads that run programs."""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

import numpy as np

from grader.sandbox import wire
from grader.sandbox.control import Limits
from grader.sandbox.runs import Layer, NoSandbox, Run
from grader.sandbox.wire import Array
from grader.sandbox.zygote_process import ZygoteProcess

JOBS_PER_ZYGOTE = 1_000
"""Jobs after which a zygote is replaced."""


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
        jobs_per_zygote: int = JOBS_PER_ZYGOTE,
    ) -> None:
        self.limits = limits
        self.landlock = landlock
        self.require_landlock = require_landlock
        self.unsafe = unsafe
        self.workers = workers or os.cpu_count() or 1
        self.jobs_per_zygote = jobs_per_zygote
        self.layers: tuple[Layer, ...] = ()
        self._idle: queue.LifoQueue[ZygoteProcess] = queue.LifoQueue()
        for _ in range(self.workers):
            self._idle.put(self._zygote())
        self._job_numbers = itertools.count(1)
        self._refusal: NoSandbox | None = None
        self._exclusive = threading.Lock()

    def __enter__(self) -> Self:
        self.check()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def check(self) -> tuple[Layer, ...]:
        """Start one zygote if none was, and return what its self-test found. Raises NoSandbox."""
        with self._borrow() as zygote:
            zygote.ready()
        return self.layers

    def close(self) -> None:
        """End all zygotes; waits for jobs that run."""
        for _ in range(self.workers):
            self._idle.get().end()
        for _ in range(self.workers):
            self._idle.put(self._zygote())

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
        trial goes on with the next. ``limits`` are for the whole run; ``alone`` lets nothing else run meanwhile.

        Raises:
            NoSandbox: There is no sandbox here.
            Fault: The zygotes die.
            TypeError: An input is no array of numbers.
        """
        body = wire.encode_program(source, function)
        trials = [
            wire.encode_trial([_sendable(each) for each in arrays], number < public)
            for number, arrays in enumerate(inputs)
        ]
        with self._borrow(alone) as zygote:
            return zygote.run(next(self._job_numbers), body, trials, public, limits or self.limits)

    def _zygote(self) -> ZygoteProcess:
        flags = ["unsafe" if self.unsafe else "locked", "landlock" if self.landlock else "-"]
        return ZygoteProcess(flags, self.jobs_per_zygote, self._admit)

    @contextlib.contextmanager
    def _borrow(self, alone: bool = False) -> Iterator[ZygoteProcess]:
        """Give this thread one zygote, or all of them so that nothing else runs."""
        if self._refusal:
            raise self._refusal
        # Two threads that each had some of the workers and wanted all would wait for each other.
        with self._exclusive if alone else contextlib.nullcontext():
            borrowed = [self._idle.get() for _ in range(self.workers if alone else 1)]
        try:
            yield borrowed[0]
        finally:
            for each in borrowed:
                self._idle.put(each)

    def _admit(self, layers: tuple[Layer, ...]) -> None:
        """Remember what the self-test of a zygote found. Raises NoSandbox where that is not enough."""
        self.layers = layers
        missing = [
            each
            for each in layers
            if not each.holds and (each.required or (self.require_landlock and each.name == "landlock"))
        ]
        if missing:
            why = "; ".join(f"{each.name}: {each.detail}" for each in missing)
            self._refusal = NoSandbox(f"There is no sandbox here ({why}).", layers)
            raise self._refusal


def probe_layers() -> tuple[tuple[Layer, ...], str]:
    """Start a sandbox to try it; return its layers and, if there is none, why (else an empty text)."""
    try:
        with Sandbox(1) as sandbox:
            return sandbox.check(), ""
    except NoSandbox as error:
        return error.layers, str(error)


def _sendable(array: Array) -> Array:
    plain = np.asarray(array)
    letter = {"b": "?", "i": "<i8", "u": "<i8", "f": "<f8", "c": "<c16"}.get(plain.dtype.kind)
    if letter is None:
        raise TypeError(f"inputs are arrays of numbers, not of {plain.dtype}")
    return plain if plain.dtype == np.float32 else plain.astype(letter)
