"""``reference.py`` of a problem: its functions, recorded as expressions in a process that can be killed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from grader.core import arrays
from grader.core.arrays import Value
from grader.core.errors import Fault
from grader.core.processes.child_process import ChildProcess, DeadlineExceeded, ProcessEnded
from grader.core.processes.environment import PASSED_VARIABLES, python_environment
from grader.formula.evaluation.serialize import from_json
from grader.formula.expression import Expression
from grader.formula.symbols import Symbol, in_numbers
from grader.kinds.base.context import BlankSpecError

REFERENCE_SECONDS = 20.0
"""Seconds that running the file, or recording one function, may take unless a check asks for fewer."""
START_SECONDS = 60.0
"""Seconds that the start of Python may take, which is not the author's."""
Shapes = tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(eq=False)
class ReferenceRuns:
    """The deadline of runs of reference.py, and which of them may end otherwise another time.

    What took too long is remembered, and not run again.
    """

    seconds: float = REFERENCE_SECONDS
    timed_out: set[tuple[str, str]] = field(default_factory=set)
    """The source, and what of it took too long."""
    locked_only: bool = False
    """Whether a file is refused where its process cannot be locked in."""
    unrepeatable: int = 0
    """How many took too long, or read files of which nobody knows whether they change."""

    def note_timeout(self, source: str, what: str) -> None:
        """Remember that something took too long."""
        self.timed_out.add((source, what))
        self.unrepeatable += 1


PROCESS_RUNS = ReferenceRuns()
"""The runs of whoever does not pass their own."""


@dataclass(frozen=True)
class ReferenceFunctions:
    """The functions of one ``reference.py``; calling this with a name records that function.

    The file is the author's own program: it is run apart from this one, without its secrets, and locked in where the kernel can.
    """

    source: str
    symbols: Mapping[str, Symbol]
    sizes: Mapping[str, int]
    runs: ReferenceRuns = PROCESS_RUNS

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave the runs behind: another process has its own."""
        return ReferenceFunctions, (self.source, self.symbols, self.sizes)

    @property
    def functions(self) -> Mapping[str, tuple[str, ...]]:
        """The functions that the file defines, with the names of their parameters. Raises BlankSpecError."""
        self._check_not_timed_out("")
        return _recorder(self.runs, self.source).functions

    def __call__(self, name: str, sizes: Mapping[str, int] | None = None) -> Expression:
        """Record one function in the problem's symbols, at the stated sizes or others; its parameters are symbol names.

        Raises BlankSpecError.
        """
        shapes = {each: in_numbers(symbol.shape, sizes or self.sizes) for each, symbol in self.symbols.items()}
        return _recorded(self.runs, self.source, tuple(shapes.items()), name)

    def run(self, name: str, points: Sequence[Mapping[str, Any]]) -> list[Value]:
        """Work out what one function returns at points that give its parameters their values. Raises BlankSpecError."""
        return [arrays.from_json(each) for each in self._values(name, points)]

    def _check_not_timed_out(self, name: str) -> None:
        for what in ("reference.py", f"{name} of reference.py"):
            if (self.source, what) in self.runs.timed_out:
                raise _timeout(what, self.runs.seconds)

    def try_run(self, name: str, points: Sequence[Mapping[str, Any]], strict: bool = False) -> list[Value | str]:
        """Work out the same point by point; where it fails there, the reason stands for the value.

        With ``strict`` nothing is broadcast: shapes that differ fail.
        """
        values = self._values(name, points, each=True, strict=strict)
        return [each["error"] if "error" in each else arrays.from_json(each) for each in values]

    def _values(self, name: str, points: Sequence[Mapping[str, Any]], **how: bool) -> list[dict[str, Any]]:
        self._check_not_timed_out(name)
        plain = [{each: arrays.to_json(np.asarray(value)) for each, value in point.items()} for point in points]
        recorder = _recorder(self.runs, self.source)
        try:
            answer = recorder.ask({"name": name, "points": plain, **how}, f"{name} of reference.py")
        except BaseException:  # One that failed, or is still at work when interrupted, answers no further question.
            _recorder.cache_clear()
            raise
        values: list[dict[str, Any]] = answer["values"]
        return values


@lru_cache(maxsize=256)
def _recorded(runs: ReferenceRuns, source: str, shapes: Shapes, name: str) -> Expression:
    recorder = _recorder(runs, source)
    try:
        return from_json(recorder.ask({"name": name, "shapes": dict(shapes)}, f"{name} of reference.py")["nodes"])
    except BaseException:  # One that failed, or is still at work when interrupted, answers no further question.
        _recorder.cache_clear()
        raise


@lru_cache(maxsize=1)
def _recorder(runs: ReferenceRuns, source: str) -> _Recorder:
    return _Recorder(runs, source)


class _Recorder:
    """One running ``grader.authoring.recorder`` with one ``reference.py``."""

    def __init__(self, runs: ReferenceRuns, source: str) -> None:
        self.runs = runs
        self.source = source
        self.child = ChildProcess("grader.authoring.recorder", python_environment(PASSED_VARIABLES))
        self._wait_until_ready()
        found = self.ask({"source": source, "locked_only": runs.locked_only}, "reference.py")
        self.missing: str = found["missing"]
        self.functions = {name: tuple(parameters) for name, parameters in found["functions"].items()}

    def _wait_until_ready(self) -> None:
        try:
            self.child.receive(START_SECONDS)
        except DeadlineExceeded as late_start:
            raise Fault(f"The recorder of reference.py has not started in {START_SECONDS:g} seconds") from late_start
        except ProcessEnded as ended:
            raise _explain_end(ended, "reference.py") from ended

    def ask(self, request: Any, what: str) -> dict[str, Any]:
        """Return the answer to one request; ``what`` is at work on it, for messages."""
        try:
            answer = self.child.ask(request, self.runs.seconds)
        except DeadlineExceeded:
            self.runs.note_timeout(self.source, what)
            raise _timeout(what, self.runs.seconds) from None
        except ProcessEnded as ended:
            raise _explain_end(ended, what) from ended
        if answer.get("reads"):
            self.runs.unrepeatable += 1
        if "error" in answer:
            raise BlankSpecError(answer["error"], ("reference",), answer.get("suggestion"))
        return answer


def missing_lock() -> str:
    """Return why ``reference.py`` of a problem cannot be locked in here, or nothing where it is; an empty one is run."""
    recorder = _Recorder(ReferenceRuns(), "")
    try:
        return recorder.missing
    finally:
        recorder.child.close()


def _timeout(what: str, seconds: float) -> BlankSpecError:
    return BlankSpecError(f"{what} takes longer than {seconds:g} seconds", ("reference",))


def _explain_end(ended: ProcessEnded, what: str) -> Exception:
    """Say why the process has ended: the author's program ended it, or it could not be started."""
    if ended.errors:
        last = ended.errors.strip().splitlines()[-1]
        return Fault(f"The recorder of reference.py could not be started: {last}")
    message = f"{what} ends the process in which it is recorded (exit code {ended.code})"
    return BlankSpecError(message, ("reference",))
