"""``reference.py`` of a problem: its functions, recorded as expressions in a process that can be killed."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from grader import arrays
from grader.arrays import Value
from grader.blank import Misspecified
from grader.errors import Fault
from grader.formula.expression import Expression
from grader.formula.plain import restored
from grader.formula.symbols import Symbol, in_numbers

DEADLINE = 20.0
"""Seconds that running the file, or recording one function, may take."""
KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH", "TMPDIR")
Shapes = tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True)
class References:
    """The functions of one ``reference.py``; calling this with a name records that function.

    The file is the author's own program: it is run apart from this one, without its secrets, but it is not locked in.
    """

    source: str
    symbols: Mapping[str, Symbol]
    sizes: Mapping[str, int]

    def __call__(self, name: str) -> Expression:
        """Record one function in the problem's symbols; its parameters are symbol names. Raises Misspecified."""
        shapes = {each: in_numbers(symbol.shape, self.sizes) for each, symbol in self.symbols.items()}
        return _recorded(self.source, tuple(shapes.items()), name)

    def run(self, name: str, points: Sequence[Mapping[str, Any]]) -> list[Value]:
        """Work out what one function returns at points that give its parameters their values. Raises Misspecified."""
        shapes = {each: in_numbers(symbol.shape, self.sizes) for each, symbol in self.symbols.items()}
        plain = [{name: arrays.plain(np.asarray(value)) for name, value in point.items()} for point in points]
        recorder = _recorder(self.source, tuple(shapes.items()))
        try:
            values = recorder.ask({"name": name, "points": plain}, f"{name} of reference.py")["values"]
        except (
            BaseException
        ):  # One that failed, or is still at work when interrupted, answers no further question.
            _recorder.cache_clear()
            raise
        return [arrays.restored(each) for each in values]


@lru_cache(maxsize=256)
def _recorded(source: str, shapes: Shapes, name: str) -> Expression:
    recorder = _recorder(source, shapes)
    try:
        return restored(recorder.ask(name, f"{name} of reference.py")["nodes"])
    except (
        BaseException
    ):  # One that failed, or is still at work when interrupted, answers no further question.
        _recorder.cache_clear()
        raise


@lru_cache(maxsize=1)
def _recorder(source: str, shapes: Shapes) -> _Recorder:
    return _Recorder(source, shapes)


class _Recorder:
    """One running ``grader.recorder`` with one ``reference.py``."""

    def __init__(self, source: str, shapes: Shapes) -> None:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "grader.recorder"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=environment, start_new_session=True, encoding="utf-8",
        )  # fmt: skip
        weakref.finalize(self, _end, self.process)
        self.answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(self.process.stdout, self.answers), daemon=True).start()
        self.ask({"source": source, "shapes": dict(shapes)}, "reference.py")

    def ask(self, request: Any, what: str) -> dict[str, Any]:
        """Return the answer to one request; ``what`` is at work on it, for messages."""
        try:
            assert self.process.stdin is not None
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.answers.get(timeout=DEADLINE)
        except queue.Empty:
            _end(self.process)
            raise Misspecified(f"{what} takes longer than {DEADLINE:g} seconds", ("reference",)) from None
        except BrokenPipeError:
            line = ""
        if not line:
            raise self.ended(what)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Misspecified(answer["error"], ("reference",), answer.get("suggestion"))
        return answer

    def ended(self, what: str) -> Exception:
        """Say why the process has ended: the author's program ended it, or it could not be started."""
        code = self.process.wait()
        errors = self.process.stderr.read() if self.process.stderr else ""
        if errors:
            return Fault(
                f"The recorder of reference.py could not be started: {errors.strip().splitlines()[-1]}"
            )
        return Misspecified(
            f"{what} ends the process in which it is recorded (exit code {code})", ("reference",)
        )


def _listen(lines: Any, answers: queue.SimpleQueue[str]) -> None:
    for line in lines:
        answers.put(line)
    answers.put("")


def _end(process: subprocess.Popen[str]) -> None:
    """End the process and all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # It has ended by itself.
        os.killpg(process.pid, 9)
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):  # There may be something left that a dead process never read.
                pipe.close()
