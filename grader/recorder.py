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
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TextIO

import numpy as np

from grader import arrays
from grader.arrays import restored, value_of
from grader.errors import nearest
from grader.formula.author import namespace
from grader.formula.exact_numbers import Unrecordable
from grader.formula.expression import postorder
from grader.formula.plain import plain
from grader.formula.recording import record
from grader.formula.symbols import Shape

SOURCE = "reference.py"
MOST_NODES = 20_000
LARGEST_MEMORY = 4 * 2**30
"""Bytes of address space."""
PATIENCE = 0.5
"""Seconds between two looks at whether anybody waits for an answer."""
STARTING = frozenset(
    ("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen")
)
"""What Python announces to its audit hooks (PEP 578) before it starts a process."""


def main() -> None:
    """Serve until standard input ends."""
    requests, answers = _apart()
    _limit()
    _answer(answers, {"ready": True})
    first = json.loads(requests.readline())
    threading.Thread(target=_follow, args=(first["parent"],), daemon=True).start()
    sys.addaudithook(_alone)
    shapes = {name: tuple(shape) for name, shape in first["shapes"].items()}
    try:
        functions = _functions(first["source"])
    except (
        Exception,
        SystemExit,
    ) as error:  # The author's program may fail in any way; the author is told where.
        _answer(answers, {"error": f"{SOURCE}{_line(error)} fails: {_said(error)}"})
        return
    _answer(answers, {"functions": list(functions)})
    for line in requests:
        asked = json.loads(line)
        if isinstance(asked, str):
            _answer(answers, _recorded(asked, functions, shapes))
        else:
            _answer(answers, _worked_out(asked, first["source"]))


def _apart() -> tuple[TextIO, TextIO]:
    """Keep standard input and output for ourselves; the author's program reads nothing, and what it prints goes nowhere."""
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    return requests, answers


def _limit() -> None:
    """Let a program that takes all memory fail here and nowhere else."""
    try:
        import resource
    except ImportError:  # Windows has none; the deadline holds there too.
        return
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST_MEMORY, LARGEST_MEMORY))


def _follow(parent: int) -> None:
    """End with the process that started this one, even while the author's program is at work and reads nothing."""
    while os.getppid() == parent:
        time.sleep(PATIENCE)
    os._exit(0)


def _alone(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse to start another process, which nobody would end. No lock: a careless program is told, a hostile one is not held."""
    if event in STARTING:
        raise PermissionError("a reference may not start another process")


def _functions(source: str) -> dict[str, Callable[..., Any]]:
    program = namespace()
    exec(compile(source, SOURCE, "exec"), program)
    return {name: each for name, each in program.items() if inspect.isfunction(each) and name[0] != "_"}


def _recorded(
    name: str, functions: Mapping[str, Callable[..., Any]], shapes: Mapping[str, Shape]
) -> dict[str, Any]:
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


def _worked_out(asked: dict[str, Any], source: str) -> dict[str, Any]:
    """Run a function on plain arrays, as its author would; nothing of it is recorded.

    With ``each`` a point at which it fails is told by itself; with ``strict`` nothing is broadcast.
    """
    name, points, program = asked["name"], asked["points"], {"__name__": "reference"}
    kind = Strict if asked.get("strict") else np.ndarray
    prepared = partial(_at, kind=kind)
    try:
        exec(compile(source, SOURCE, "exec"), program)
        function = program.get(name)
        if not inspect.isfunction(function):
            return {"error": f"{SOURCE} has no function {name!r}", "suggestion": nearest(name, program)}
        given = inspect.signature(function).parameters
        wanted = [each for each, its in given.items() if each in points[0] or its.default is its.empty]
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
    return {"values": [arrays.plain(each) for each in values]}


def _at(point: Mapping[str, Any], wanted: Iterable[str], kind: type[np.ndarray]) -> dict[str, Any]:
    given = {each: np.asarray(restored(point[each])) for each in wanted}
    return {each: value.view(kind) if value.ndim else value[()] for each, value in given.items()}


def _tried(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return arrays.plain(value_of(function(**given)))
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


def _answer(answers: TextIO, answer: object) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


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
