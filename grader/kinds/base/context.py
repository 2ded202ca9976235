"""The context in which a blank is prepared: symbols, sizes, functions of reference.py, the secret, the sandbox; and its error."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from grader.core.seeds import PUBLIC, Secret
from grader.formula.symbols import Symbol
from grader.sandbox import Sandbox, process_sandbox

if TYPE_CHECKING:
    from grader.core.arrays import Value
    from grader.formula.expression import Expression
    from grader.formula.parsing.lexing.definitions import Definition


class BlankSpecError(Exception):
    """An author's mistake that shows when a blank is prepared.

    ``field`` is where it stands within the blank, such as ``("mistakes", 0, "answer")``; the caller adds file, line and column.
    """

    def __init__(self, message: str, field: tuple[str | int, ...] = (), suggestion: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.suggestion = suggestion


class RecordFunction(Protocol):
    """Records a function of ``reference.py`` at the stated sizes, or at others; raises BlankSpecError."""

    def __call__(self, name: str, at: Mapping[str, int] | None = None, /) -> Expression:
        """Return the function's value as an expression."""


RunFunction = Callable[[str, Sequence[Mapping[str, Any]]], "list[Value]"]
"""Runs a function of ``reference.py`` at points, each of which gives its parameters their values; raises BlankSpecError."""


def no_reference(name: str, sizes: Mapping[str, int] | None = None) -> NoReturn:
    """Stand in for ``record`` where a problem has no ``reference.py``."""
    raise BlankSpecError(f"there is no reference.py beside the problem, so no function {name!r}", ("reference",))


def no_program(name: str, points: Sequence[Mapping[str, Any]]) -> NoReturn:
    """Stand in for ``run`` where a problem has no ``reference.py``."""
    no_reference(name)


@dataclass(frozen=True)
class Context:
    """All that a blank needs from its problem and from the run.

    ``record`` turns the name of a function in ``reference.py`` into an expression in the problem's symbols (the
    function's parameters are symbol names); it raises BlankSpecError. ``budget`` is the number of elementary
    operations that one check may take, counted from nodes and sizes, not by a clock. ``run`` works out the numbers of a
    function that cannot be recorded. Students' programs are run in ``sandbox``.
    """

    address: str
    record: RecordFunction
    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    secret: Secret = PUBLIC
    budget: int = 5_000_000
    run: RunFunction = no_program
    sandbox: Sandbox = field(default_factory=process_sandbox)
