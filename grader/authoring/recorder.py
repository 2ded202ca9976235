"""The program that runs an author's ``reference.py`` and records its functions: a process of its own, since it may hang.

Standard input brings one request a line, standard output takes one answer a line, both JSON. First the source and the
shapes of the symbols, answered with the names of the functions; then names of functions, answered with expressions.
Run as ``python -m grader.recorder``.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from grader.core import arrays
from grader.core.arrays import from_json, value_of
from grader.core.child_process import claim_standard_streams, exit_with_parent
from grader.core.errors import nearest
from grader.formula.evaluation.exact_numbers import Unrecordable
from grader.formula.evaluation.serialize import plain
from grader.formula.expression import postorder
from grader.formula.symbols import Shape
from grader.formula.tracing.author_numpy import namespace
from grader.formula.tracing.traced_array import record

SOURCE = "reference.py"
MOST_NODES = 20_000
LONGEST = 300
"""Characters of a message of the author's program."""
LARGEST_MEMORY = 4 * 2**30
"""Bytes of address space."""
KNOWN = (
    sys.prefix,
    sys.base_prefix,
    os.path.dirname(os.__file__),
    str(Path(__file__).parents[1]),
    "/proc",
    "/sys",
    "/dev",
)
"""Where what is read belongs to Python, to the system or to us."""
READ: list[str] = []
"""Other files that the author's program has opened: what it does may change with them."""
STARTING = frozenset(
    ("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen")
)
"""What Python announces to its audit hooks (PEP 578) before it starts a process."""


def main() -> None:
    """Serve until standard input ends."""
    # The author's program reads nothing, and what it prints goes nowhere.
    requests, answers = claim_standard_streams(silent=True)
    _limit()
    _answer(answers, {"ready": True})
    first = json.loads(requests.readline())
    exit_with_parent(first["parent"])
    sys.addaudithook(_alone)
    shapes = {name: tuple(shape) for name, shape in first["shapes"].items()}
    try:
        functions = _functions(first["source"])
        program = _Program(first["source"])
    except (
        Exception,
        SystemExit,
    ) as error:  # The author's program may fail in any way; the author is told where.
        _answer(answers, {"error": f"{SOURCE}{_line(error)} fails: {_said(error)}"})
        return
    _answer(answers, {"functions": program.functions})
    for line in requests:
        asked = json.loads(line)
        if isinstance(asked, str):
            _answer(answers, _recorded(asked, functions, shapes))
        else:
            _answer(answers, _worked_out(asked, program))


def _limit() -> None:
    """Let a program that takes all memory fail here and nowhere else."""
    try:
        import resource
    except ImportError:  # Windows has none; the deadline holds there too.
        return
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST_MEMORY, LARGEST_MEMORY))


def _alone(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse to start another process, which nobody would end. No lock: a careless program is told, a hostile one is not held."""
    if event in STARTING:
        raise PermissionError("a reference may not start another process")
    if event == "open" and isinstance(arguments[0], str) and not arguments[0].startswith(KNOWN):
        READ.append(arguments[0])


def _functions(source: str) -> dict[str, Callable[..., Any]]:
    program = namespace()
    exec(compile(source, SOURCE, "exec"), program)
    return {name: each for name, each in program.items() if inspect.isfunction(each) and name[0] != "_"}


def _recorded(name: str, functions: Mapping[str, Callable[..., Any]], shapes: Mapping[str, Shape]) -> dict[str, Any]:
    if name not in functions:
        return {"error": f"{SOURCE} has no function {name!r}", "suggestion": nearest(name, functions)}
    try:
        expression = record(functions[name], shapes)
        nodes = len(postorder(expression))
        if nodes > MOST_NODES:
            raise Unrecordable(f"it comes to {nodes:,} operations, which are more than {MOST_NODES:,}")
    except Unrecordable as error:
        return {"error": f"{name} of {SOURCE}{_line(error)} {error}"}
    except (
        Exception,
        SystemExit,
    ) as error:  # The author's program may fail in any way; the author is told where.
        return {"error": f"{name} of {SOURCE}{_line(error)} fails: {_said(error)}"}
    return {"nodes": plain(expression)}


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


def _worked_out(asked: dict[str, Any], program: _Program) -> dict[str, Any]:
    """Run a function on plain arrays, as its author would; nothing of it is recorded.

    With ``each`` a point at which it fails is told by itself; with ``strict`` nothing is broadcast.
    """
    name, points = asked["name"], asked["points"]
    prepared = partial(_at, kind=Strict if asked.get("strict") else np.ndarray)
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
                return {"values": [_tried(function, prepared(point, wanted)) for point in points]}
            values = [value_of(function(**prepared(point, wanted))) for point in points]
    except (
        Exception,
        SystemExit,
    ) as error:  # The author's program may fail in any way; the author is told where.
        return {"error": f"{name} of {SOURCE}{_line(error)} fails: {_said(error)}"}
    return {"values": [arrays.to_json(each) for each in values]}


def _at(point: Mapping[str, Any], wanted: Iterable[str], kind: type[np.ndarray]) -> dict[str, Any]:
    given = {each: np.asarray(from_json(point[each])) for each in wanted}
    return {each: value.view(kind) if value.ndim else value[()] for each, value in given.items()}


def _tried(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return arrays.to_json(value_of(function(**given)))
    except (
        Exception,
        SystemExit,
    ) as error:  # Whether it fails here is what was asked.
        return {"error": f"{SOURCE}{_line(error)} {_said(error)}"}


class Strict(np.ndarray):
    """An array that is never broadcast: entry by entry it goes with its own shape and with single numbers."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **given: Any) -> Any:
        if ufunc.signature is None and method == "__call__":
            dims = {np.shape(each) for each in inputs} - {()}
            if len(dims) > 1:
                raise ValueError(f"{ufunc.__name__} of shapes {' and '.join(map(str, sorted(dims)))}")
        plain = [each.view(np.ndarray) if isinstance(each, Strict) else each for each in inputs]
        result = getattr(ufunc, method)(*plain, **given)
        return result.view(Strict) if isinstance(result, np.ndarray) else result


def _answer(answers: TextIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps({**answer, "reads": bool(READ)}) + "\n")
    answers.flush()


def _said(error: BaseException) -> str:
    """What an error says, in one line: it may hold anything."""
    said = " ".join(str(error).split())[:LONGEST]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _line(error: BaseException) -> str:
    """Where in the author's program it failed, between a comma and a comma; a colon where no line is known."""
    if isinstance(error, SyntaxError):
        return f", line {error.lineno},"
    lines = [each.lineno for each in traceback.extract_tb(error.__traceback__) if each.filename == SOURCE]
    return (
        f", line {lines[-1]}:"
        if lines and isinstance(error, Unrecordable)
        else f", line {lines[-1]},"
        if lines
        else ":"
    )


if __name__ == "__main__":
    main()
