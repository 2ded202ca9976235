"""``reference.py`` of a problem: its functions, recorded as expressions in a process that can be killed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from grader.core import arrays
from grader.core.arrays import Value
from grader.core.child_process import ChildProcess, DeadlineExceeded, ProcessEnded, python_environment
from grader.core.errors import Fault
from grader.formula.evaluation.serialize import restored
from grader.formula.expression import Expression
from grader.formula.symbols import Symbol, in_numbers
from grader.kinds.base.context import AuthorMistake

DEADLINE = 20.0
"""Seconds that running the file, or recording one function, may take; the check of a bank sets fewer in its own processes."""
STARTING = 60.0
"""Seconds that the start of Python may take, which is not the author's."""
KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH", "TMPDIR")
Shapes = tuple[tuple[str, tuple[int, ...]], ...]


@dataclass
class Unsteady:
    """What may be otherwise another time: what took too long in this process, which is not asked again, and how often
    something did, or read files of which nobody knows whether they change.
    """

    known: set[tuple[str, str]] = field(default_factory=set)
    count: int = 0

    def note(self, source: str, what: str) -> None:
        """Remember that something took too long."""
        self.known.add((source, what))
        self.count += 1


late = Unsteady()


@dataclass(frozen=True)
class References:
    """The functions of one ``reference.py``; calling this with a name records that function.

    The file is the author's own program: it is run apart from this one, without its secrets, but it is not locked in.
    """

    source: str
    symbols: Mapping[str, Symbol]
    sizes: Mapping[str, int]

    @property
    def functions(self) -> Mapping[str, tuple[str, ...]]:
        """The functions that the file defines, with the names of their parameters. Raises Misspecified."""
        self._in_time("")
        shapes = {each: in_numbers(symbol.shape, self.sizes) for each, symbol in self.symbols.items()}
        return _recorder(self.source, tuple(shapes.items())).functions

    def __call__(self, name: str, sizes: Mapping[str, int] | None = None) -> Expression:
        """Record one function in the problem's symbols, at the stated sizes or others; its parameters are symbol names.

        Raises Misspecified.
        """
        shapes = {each: in_numbers(symbol.shape, sizes or self.sizes) for each, symbol in self.symbols.items()}
        return _recorded(self.source, tuple(shapes.items()), name)

    def run(self, name: str, points: Sequence[Mapping[str, Any]]) -> list[Value]:
        """Work out what one function returns at points that give its parameters their values. Raises Misspecified."""
        return [arrays.from_json(each) for each in self._values(name, points)]

    def _in_time(self, name: str) -> None:
        for what in ("reference.py", f"{name} of reference.py"):
            if (self.source, what) in late.known:
                raise _too_late(what)

    def tried(self, name: str, points: Sequence[Mapping[str, Any]], strict: bool = False) -> list[Value | str]:
        """Work out the same point by point; where it fails there, the reason stands for the value.

        With ``strict`` nothing is broadcast: shapes that differ fail.
        """
        values = self._values(name, points, each=True, strict=strict)
        return [each["error"] if "error" in each else arrays.from_json(each) for each in values]

    def _values(self, name: str, points: Sequence[Mapping[str, Any]], **how: bool) -> list[dict[str, Any]]:
        self._in_time(name)
        shapes = {each: in_numbers(symbol.shape, self.sizes) for each, symbol in self.symbols.items()}
        plain = [{each: arrays.to_json(np.asarray(value)) for each, value in point.items()} for point in points]
        recorder = _recorder(self.source, tuple(shapes.items()))
        try:
            answer = recorder.ask({"name": name, "points": plain, **how}, f"{name} of reference.py")
        except BaseException:  # One that failed, or is still at work when interrupted, answers no further question.
            _recorder.cache_clear()
            raise
        values: list[dict[str, Any]] = answer["values"]
        return values


@lru_cache(maxsize=256)
def _recorded(source: str, shapes: Shapes, name: str) -> Expression:
    recorder = _recorder(source, shapes)
    try:
        return restored(recorder.ask(name, f"{name} of reference.py")["nodes"])
    except BaseException:  # One that failed, or is still at work when interrupted, answers no further question.
        _recorder.cache_clear()
        raise


@lru_cache(maxsize=1)
def _recorder(source: str, shapes: Shapes) -> _Recorder:
    return _Recorder(source, shapes)


class _Recorder:
    """One running ``grader.recorder`` with one ``reference.py``."""

    def __init__(self, source: str, shapes: Shapes) -> None:
        self.source = source
        self.child = ChildProcess("grader.authoring.recorder", python_environment(KEPT))
        self._begin()
        found = self.ask({"source": source, "shapes": dict(shapes), "parent": os.getpid()}, "reference.py")
        self.functions = {name: tuple(parameters) for name, parameters in found["functions"].items()}

    def _begin(self) -> None:
        try:
            self.child.receive(STARTING)
        except DeadlineExceeded as late_start:
            raise Fault(f"The recorder of reference.py has not started in {STARTING:g} seconds") from late_start
        except ProcessEnded as ended:
            raise _why(ended, "reference.py") from ended

    def ask(self, request: Any, what: str) -> dict[str, Any]:
        """Return the answer to one request; ``what`` is at work on it, for messages."""
        try:
            answer = self.child.ask(request, DEADLINE)
        except DeadlineExceeded:
            late.note(self.source, what)
            raise _too_late(what) from None
        except ProcessEnded as ended:
            raise _why(ended, what) from ended
        if answer.get("reads"):
            late.count += 1
        if "error" in answer:
            raise AuthorMistake(answer["error"], ("reference",), answer.get("suggestion"))
        return answer


def _too_late(what: str) -> AuthorMistake:
    return AuthorMistake(f"{what} takes longer than {DEADLINE:g} seconds", ("reference",))


def _why(ended: ProcessEnded, what: str) -> Exception:
    """Say why the process has ended: the author's program ended it, or it could not be started."""
    if ended.errors:
        last = ended.errors.strip().splitlines()[-1]
        return Fault(f"The recorder of reference.py could not be started: {last}")
    message = f"{what} ends the process in which it is recorded (exit code {ended.code})"
    return AuthorMistake(message, ("reference",))
