"""The program that runs an author's ``reference.py`` and records its functions: a process of its own, since it may hang.

Before the source is run this process is locked in: it opens no file, reaches no network and no other process, and starts none.
Where the kernel has no such locks there are its limits, deadlines and ``AuditHook``, and the first answer says what is missing.

Standard input brings one request a line, standard output takes one answer a line, both JSON. First the source, answered
with the names of its functions; then functions to record with symbols of the shapes that are given, answered with expressions,
and functions to run at points, answered with values.
"""

from __future__ import annotations

import inspect
import io
import json
import os
import platform
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from grader.authoring.reference_modules import load_modules
from grader.core import arrays
from grader.core.arrays import from_json, value_of
from grader.core.errors import nearest
from grader.core.processes.child_process import claim_standard_streams
from grader.core.processes.limits import limit_address_space
from grader.formula.evaluation.exact_numbers import Untraceable
from grader.formula.evaluation.serialize import to_json
from grader.formula.expression import postorder
from grader.formula.symbols import Shape
from grader.formula.tracing.author_numpy import tracing_globals
from grader.formula.tracing.trace import trace
from grader.sandbox.lockdown import apply, selftest
from grader.sandbox.lockdown.syscalls import architecture

SOURCE = "reference.py"
MAX_NODES = 20_000
MAX_MESSAGE_CHARACTERS = 300
"""Characters of a message of the author's program."""
MAX_MEMORY_BYTES = 4 * 2**30
"""Bytes of address space."""
SYSTEM_PATHS = (
    sys.prefix,
    sys.base_prefix,
    os.path.dirname(os.__file__),
    str(Path(__file__).parents[1]),
    "/proc",
    "/sys",
    "/dev",
)
"""Where what is read belongs to Python, to the system or to us."""
PROCESS_EVENTS = frozenset(
    ("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen")
)
"""What Python announces to its audit hooks (PEP 578) before it starts a process."""
TRIED_ACTS = {
    name: act for name, act in selftest.ACTS.items() if act.layer == "system calls" and name != "run a program"
}
"""What the filter of system calls must refuse; where there is none, another program would take this one's place."""


def main() -> None:
    """Serve until standard input ends."""
    # The author's program reads nothing, and what it prints goes nowhere.
    requests, answers = claim_standard_streams(silent=True)
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(), _Nowhere(), _Nowhere()  # The real ones are refused to it.
    limit_address_space(MAX_MEMORY_BYTES)  # A program that takes all memory fails here and nowhere else.
    _answer(answers, {"ready": True})
    first = json.loads(requests.readline())
    load_modules(first["source"])
    missing = _lock(requests.fileno(), answers.fileno())
    if missing and first.get("locked_only"):
        _answer(answers, {"error": f"{SOURCE} is not run, since it cannot be locked in: {missing}", "missing": missing})
        return
    watch = AuditHook(locked=not missing)
    sys.addaudithook(watch)
    try:
        functions = _functions(first["source"])
        program = _Program(first["source"])
    except (
        Exception,
        SystemExit,
    ) as error:  # The author's program may fail in any way; the author is told where.
        _answer(
            answers,
            {"error": f"{SOURCE}{_line(error)} fails: {_error_text(error)}", "missing": missing},
            watch.has_read_files,
        )
        return
    _answer(answers, {"functions": program.functions, "missing": missing}, watch.has_read_files)
    for line in requests:
        request = json.loads(line)
        answer = _record(request, functions) if "shapes" in request else _evaluate(request, program)
        _answer(answers, answer, watch.has_read_files)


class _Nowhere(io.TextIOBase):
    """A stream that drops what is written to it."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


def _lock(readable: int, writable: int) -> str:
    """Lock this process in for good and try the locks; return what is missing, or nothing."""
    machine = architecture()
    if machine is None:
        return f"there is no table of system calls for {platform.system()} on {platform.machine()}"
    try:
        # Compiled code of SciPy prints, and may end the process where it cannot: 1 and 2 lead nowhere.
        apply.lock_own_process(machine, readable, (1, 2, writable))
    except OSError as error:
        return f"the system calls cannot be filtered ({error.strerror})"
    possible = selftest.attempt(TRIED_ACTS)
    return f"the filter of system calls does not hold ({', '.join(possible)})" if possible else ""


class AuditHook:
    """What Python calls before the author's program opens a file or starts a process (PEP 578).

    No lock: it tells a careless program where it goes wrong, and says which reports must not be kept where there are no locks.
    """

    def __init__(self, locked: bool) -> None:
        self.locked = locked
        self.has_read_files = False
        """True if files were opened that are not Python's, the system's or ours: what the program does may change with them."""

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Note the opening of a file, and refuse to start another process, which nobody would end."""
        if event in PROCESS_EVENTS:
            raise PermissionError("a reference may not start another process")
        if (
            event == "open"
            and not self.locked
            and isinstance(arguments[0], str)
            and not arguments[0].startswith(SYSTEM_PATHS)
        ):
            self.has_read_files = True


def _functions(source: str) -> dict[str, Callable[..., Any]]:
    program = tracing_globals()
    exec(compile(source, SOURCE, "exec"), program)
    return {name: each for name, each in program.items() if inspect.isfunction(each) and name[0] != "_"}


def _record(request: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
    name = request["name"]
    shapes: dict[str, Shape] = {symbol: tuple(shape) for symbol, shape in request["shapes"].items()}
    if name not in functions:
        return {"error": f"{SOURCE} has no function {name!r}", "suggestion": nearest(name, functions)}
    try:
        expression = trace(functions[name], shapes)
        nodes = len(postorder(expression))
        if nodes > MAX_NODES:
            raise Untraceable(f"it comes to {nodes:,} operations, which are more than {MAX_NODES:,}")
    except Untraceable as error:
        return {"error": f"{name} of {SOURCE}{_line(error)} {error}"}
    except (
        Exception,
        SystemExit,
    ) as error:  # The author's program may fail in any way; the author is told where.
        return {"error": f"{name} of {SOURCE}{_line(error)} fails: {_error_text(error)}"}
    return {"nodes": to_json(expression)}


class _Program:
    """The author's program as it runs by itself, on plain arrays; it is run once, when it is first needed."""

    def __init__(self, source: str) -> None:
        self.names: dict[str, Any] = {"__name__": "reference"}
        exec(compile(source, SOURCE, "exec"), self.names)

    @property
    def functions(self) -> dict[str, list[str]]:
        """The functions with the names of their parameters."""
        return {name: _parameters(each) for name, each in self.names.items() if _is_function(each) and name[0] != "_"}


def _is_function(each: Any) -> bool:
    """Whether something is a function, one with a decorator or with some arguments given among them."""
    return inspect.isfunction(each) or isinstance(each, partial) or (callable(each) and hasattr(each, "__wrapped__"))


def _parameters(function: Callable[..., Any]) -> list[str]:
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [name for name, each in inspect.signature(function).parameters.items() if each.kind not in several]


def _evaluate(asked: dict[str, Any], program: _Program) -> dict[str, Any]:
    """Run a function on plain arrays, as its author would; nothing of it is recorded.

    With ``each`` a point at which it fails is told by itself; with ``strict`` nothing is broadcast.
    """
    name, points = asked["name"], asked["points"]
    prepared = partial(_arguments, kind=NoBroadcastArray if asked.get("strict") else np.ndarray)
    try:
        function: Any = program.names.get(name)
        if not _is_function(function):
            return {
                "error": f"{SOURCE} has no function {name!r}",
                "suggestion": nearest(name, program.functions),
            }
        given = inspect.signature(function).parameters
        wanted = [
            each
            for each in _parameters(function)
            if each in points[0] or given[each].default is inspect.Parameter.empty
        ]
        strange = [each for each in wanted if each not in points[0]]
        if strange:
            why = f"its parameter {strange[0]!r} is none of the problem's symbols"
            return {"error": f"{name} of {SOURCE}: {why}", "suggestion": nearest(strange[0], points[0])}
        with np.errstate(all="ignore"):
            if asked.get("each"):
                return {"values": [_try_call(function, prepared(point, wanted)) for point in points]}
            values = [value_of(function(**prepared(point, wanted))) for point in points]
    except (
        Exception,
        SystemExit,
    ) as error:  # The author's program may fail in any way; the author is told where.
        return {"error": f"{name} of {SOURCE}{_line(error)} fails: {_error_text(error)}"}
    return {"values": [arrays.to_json(each) for each in values]}


def _arguments(point: Mapping[str, Any], wanted: Iterable[str], kind: type[np.ndarray]) -> dict[str, Any]:
    given = {each: np.asarray(from_json(point[each])) for each in wanted}
    return {each: value.view(kind) if value.ndim else value[()] for each, value in given.items()}


def _try_call(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return arrays.to_json(value_of(function(**given)))
    except (
        Exception,
        SystemExit,
    ) as error:  # Whether it fails here is what was asked.
        return {"error": f"{SOURCE}{_line(error)} {_error_text(error)}"}


class NoBroadcastArray(np.ndarray):
    """An array that is never broadcast: entry by entry it goes with its own shape and with single numbers."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **given: Any) -> Any:
        if ufunc.signature is None and method == "__call__":
            dims = {np.shape(each) for each in inputs} - {()}
            if len(dims) > 1:
                raise ValueError(f"{ufunc.__name__} of shapes {' and '.join(map(str, sorted(dims)))}")
        plain = [each.view(np.ndarray) if isinstance(each, NoBroadcastArray) else each for each in inputs]
        result = getattr(ufunc, method)(*plain, **given)
        return result.view(NoBroadcastArray) if isinstance(result, np.ndarray) else result


def _answer(answers: TextIO, answer: dict[str, Any], reads: bool = False) -> None:
    answers.write(json.dumps({**answer, "reads": reads}) + "\n")
    answers.flush()


def _error_text(error: BaseException) -> str:
    """What an error says, in one line: it may hold anything."""
    said = " ".join(str(error).split())[:MAX_MESSAGE_CHARACTERS]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _line(error: BaseException) -> str:
    """Where in the author's program it failed, between a comma and a comma; a colon where no line is known."""
    if isinstance(error, SyntaxError):
        return f", line {error.lineno},"
    lines = [each.lineno for each in traceback.extract_tb(error.__traceback__) if each.filename == SOURCE]
    return (
        f", line {lines[-1]}:" if lines and isinstance(error, Untraceable) else f", line {lines[-1]}," if lines else ":"
    )
