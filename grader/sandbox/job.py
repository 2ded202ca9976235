"""One job, from inside: a locked process that loads a student's program and answers for each trial what it returned.

Nothing here defends against the program: it may change every object of this process. What it can reach is up to
``lockdown``, and what it says is only a claim to whoever decodes it.
"""

from __future__ import annotations

import builtins
import gc
import os
import random
import sys
import types
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from grader.sandbox import allowed_modules, wire
from grader.sandbox.lockdown.seccomp import JOB_FD
from grader.sandbox.wire import LENGTH, MAX_ARRAYS, MAX_AXES, Array, Claim

FILE_NAME = "<answer>"
MODULE_NAME = "answer"
BALLAST_BYTES = 2**20
"""Bytes that are let go when a program has taken all memory, so that there is enough left to say so."""
NUMBER_KINDS = "biufc"
"""Kinds of dtype that are numbers."""
SEED = 20_000
"""Of random numbers without a seed: they are alike in every job, so that equal answers get equal marks."""


class InvalidAnswer(Exception):
    """A value, or a program, that is no answer; ``as_error`` is the built-in exception that says it best."""

    def __init__(self, as_error: type[Exception], detail: str, message: str) -> None:
        super().__init__(message)
        self.as_error = as_error
        self.detail = detail


class ImportRefused(ImportError):
    """A module that student code may not import."""


class CapturedOutput:
    """Stands in for standard output and error: keeps the first characters, and drops the rest."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.room = wire.MAX_TEXT_CHARACTERS

    def write(self, text: str) -> int:
        """Keep what there is room for; return the length of the whole text, as files do."""
        if self.room > 0:
            part = str(text)[: self.room]
            self.parts.append(part)
            self.room -= len(part)
        return len(text)

    def flush(self) -> None:
        """Do nothing: programs expect the method."""

    def take(self) -> str:
        """Return what was kept, and start afresh."""
        text = "".join(self.parts)
        self.__init__()  # type: ignore[misc]
        return text


def serve(max_entries: int) -> None:
    """Answer until the other side ends; runs in the locked process."""
    printed = CapturedOutput()
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = printed  # type: ignore[misc, assignment]
    sys.stdin = sys.__stdin__ = None  # type: ignore[misc]
    random.seed(SEED)  # A fork gives it another seed.
    gc.enable()
    ballast = [bytearray(BALLAST_BYTES)]
    loaded: list[Callable[..., Any]] = []

    def loading() -> Claim:
        loaded.append(load(*wire.decode_program(_receive() or b"")))
        return Claim(several=True)

    _send(_claim_of(loading, printed, True, ballast))
    while loaded and (body := _receive()) is not None:
        inputs, printing = wire.decode_trial(body)
        # A 0-d array arrives as a NumPy number, which range() and format() take as they take Python's.
        arguments = [each[()] for each in inputs]
        _send(_claim_of(partial(_call, loaded[0], arguments, max_entries), printed, printing, ballast))


def _call(function: Callable[..., Any], inputs: list[Any], max_entries: int) -> Claim:
    return claim_of_value(function(*inputs), max_entries)


def load(source: str, name: str) -> Callable[..., Any]:
    """Run a program and return its function; raises InvalidAnswer, and whatever the program raises."""
    program = types.ModuleType(MODULE_NAME)
    sys.modules[MODULE_NAME] = program  # Where dataclasses and typing look for the names of a class's module.
    space = vars(program)
    space.update(np=np, numpy=np, __builtins__={**vars(builtins), "__import__": _import})
    exec(compile(source, FILE_NAME, "exec", dont_inherit=True), space)
    if name not in space:
        raise InvalidAnswer(NameError, "no-function", f"there is no function {name}")
    function = space[name]
    if not callable(function):
        raise InvalidAnswer(TypeError, "not-callable", f"{name} is no function")
    return function  # type: ignore[no-any-return]


def _import(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
    """Import what is allowed. For the message only: what is not loaded yet cannot be, and the rest is harmless."""
    from_c = isinstance(fromlist, list)  # NumPy's own code in C looks modules up through the caller's __import__.
    if level == 0 and not from_c and not allowed_modules.is_allowed(name):
        raise ImportRefused(f"{name} cannot be imported here")
    return __import__(name, globals, locals, fromlist, level)


def claim_of_value(value: Any, max_entries: int) -> Claim:
    """Return the claim that a function's value makes."""
    if isinstance(value, tuple):
        values = list(value)
        if len(values) > MAX_ARRAYS:
            raise InvalidAnswer(ValueError, "too-large", f"a tuple of {len(values)} values was returned")
        arrays = tuple(number_array(each, max_entries) for each in values)
        if (total := sum(array.size for array in arrays)) > max_entries:
            raise InvalidAnswer(ValueError, "too-large", f"arrays with {total} entries were returned")
        return Claim(arrays, several=True)
    return Claim((number_array(value, max_entries),))


def number_array(value: Any, max_entries: int) -> Array:
    """Return a value as an array that the wire takes; raises InvalidAnswer."""
    if value is None:
        raise InvalidAnswer(TypeError, "returned-none", "nothing was returned")
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O":  # Fractions and Decimals are numbers too.
            array = np.asarray(value, dtype=float)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidAnswer(TypeError, "not-numbers", f"a {type(value).__name__} is no array of numbers") from error
    if array.dtype.kind not in NUMBER_KINDS:
        raise InvalidAnswer(TypeError, "not-numbers", f"an array of {array.dtype} is no array of numbers")
    if array.ndim > MAX_AXES:
        raise InvalidAnswer(ValueError, "too-many-axes", f"an array with {array.ndim} axes was returned")
    if array.size > max_entries:
        raise InvalidAnswer(ValueError, "too-large", f"an array with {array.size} entries was returned")
    return np.ascontiguousarray(array, dtype=_wire_dtype(array)).reshape(array.shape)


def _wire_dtype(array: Array) -> np.dtype[Any]:
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind in "iu":
        small = kind == "i" or size < 8 or not array.size or array.max() <= np.iinfo(np.int64).max
        return np.dtype("<i8" if small else "<f8")
    if kind == "f":
        return np.dtype("<f4" if size <= 4 else "<f8")
    return np.dtype({"b": "?", "c": "<c16"}[kind])


def _claim_of(act: Callable[[], Claim], printed: CapturedOutput, with_texts: bool, ballast: list[Any]) -> Claim:
    """Return what an act claims, or how it failed."""
    try:
        claim = act()
    except BaseException as error:  # Whatever the program raises is its answer: SystemExit and GeneratorExit too.
        ballast.clear()
        claim = claim_of_error(error, with_texts)
    return Claim(
        claim.arrays,
        claim.several,
        claim.error,
        claim.detail,
        claim.line,
        claim.message,
        printed.take() if with_texts else "",
    )


def claim_of_error(error: BaseException, with_texts: bool) -> Claim:
    """Return the claim that an exception makes: the name of a built-in one, and the last line in the source."""
    kind = error.as_error if isinstance(error, InvalidAnswer) else type(error)
    name = next((each.__name__ for each in kind.__mro__ if vars(builtins).get(each.__name__) is each), "Exception")
    detail = (
        error.detail
        if isinstance(error, InvalidAnswer)
        else "import-refused"
        if isinstance(error, ImportRefused)
        else ""
    )
    return Claim(error=name, detail=detail, line=_line(error), message=_message(error) if with_texts else "")


def _line(error: BaseException) -> int | None:
    if isinstance(error, SyntaxError) and error.filename == FILE_NAME:
        return error.lineno
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE_NAME:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _message(error: BaseException) -> str:
    try:
        return (error.msg if isinstance(error, SyntaxError) else str(error))[: wire.MAX_TEXT_CHARACTERS]
    except BaseException:  # An exception of the program's own may fail at saying what it is.
        return ""


def _receive() -> bytes | None:
    head = _read(LENGTH.size)
    return _read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def _read(size: int) -> bytes:
    data = bytearray()
    while len(data) < size and (more := os.read(JOB_FD, min(size - len(data), 2**20))):
        data += more
    return bytes(data)


def _send(claim: Claim) -> None:
    data = memoryview(wire.frame(wire.encode_claim(claim)))
    while data:
        data = data[os.write(JOB_FD, data) :]
