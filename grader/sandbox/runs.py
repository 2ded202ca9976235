"""What comes of running a program in the sandbox, and what the sandbox says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.sandbox.wire import Array


class NoSandbox(Exception):
    """There is no sandbox here, so nothing was run; ``layers`` say what is missing."""

    def __init__(self, message: str, layers: tuple[Layer, ...] = ()) -> None:
        super().__init__(message)
        self.layers = layers


@dataclass(frozen=True)
class Layer:
    """One layer of the sandbox, as the self-test of a zygote found it; ``detail`` is what was tried, or what is missing."""

    name: str
    holds: bool
    required: bool
    detail: str


@dataclass(frozen=True)
class Trial:
    """What came of one tuple of inputs; ``outcome`` and ``output`` as in ``Run``."""

    outcome: str
    output: Array | tuple[Array, ...] | None = None
    line: int | None = None
    detail: str = ""
    message: str = ""
    printed: str = ""


@dataclass(frozen=True)
class Run:
    """What came of running a function on all inputs.

    ``outcome`` is ``ok``; ``error:NAME``, the built-in exception that ended the first trial that did not go well (or loading);
    ``killed:cpu``, ``killed:wall``, ``killed:waiting`` (it slept instead of computing), ``killed:mem``, ``killed:output``, ``killed:seccomp`` or ``killed:crash:SIGNAL``; or
    ``bad-answer``, if what came back was no answer. ``outputs`` has one array, or tuple of arrays, for each input that was
    answered (None where it failed), ``line`` is where the source failed (from 1). Times are seconds of CPU and of the wall
    clock. ``loading`` is what came of running the program itself. Texts (``message``, ``printed``) are the student's own.
    """

    outcome: str
    outputs: tuple[Array | tuple[Array, ...] | None, ...] = ()
    line: int | None = None
    cpu_s: float = 0.0
    wall_s: float = 0.0
    loading: Trial = field(default=Trial("ok"))
    trials: tuple[Trial, ...] = ()
