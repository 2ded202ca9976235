"""``reference.py`` of a problem: its functions, recorded as expressions."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grader.blank import Misspecified
from grader.errors import nearest
from grader.formula.expression import Expression
from grader.formula.recording import Unrecordable, record
from grader.formula.symbols import Symbol


@dataclass(frozen=True)
class References:
    """The functions of one ``reference.py``; calling this with a name records that function.

    The file is trusted: it is the author's own program and runs in this process.
    """

    source: str
    symbols: Mapping[str, Symbol]
    sizes: Mapping[str, int]

    @cached_property
    def functions(self) -> dict[str, Any]:
        """Every public function that the file defines, by name; raises Misspecified where it cannot be run."""
        namespace: dict[str, Any] = {"__name__": "reference"}
        try:
            exec(compile(self.source, "reference.py", "exec"), namespace)
        except (
            Exception,
            SystemExit,
        ) as error:  # The author's program may fail in any way; the author is told where.
            raise Misspecified(
                f"reference.py{_line(error)} fails: {type(error).__name__}: {error}"
            ) from error
        return {name: each for name, each in namespace.items() if inspect.isfunction(each) and name[0] != "_"}

    def __call__(self, name: str) -> Expression:
        """Record one function in the problem's symbols; its parameters are symbol names."""
        function = self.functions.get(name)
        if function is None:
            hint = nearest(name, self.functions)
            raise Misspecified(f"reference.py has no function {name!r}", ("reference",), hint)
        try:
            return record(function, self.symbols, self.sizes)
        except Unrecordable as error:
            raise Misspecified(f"{name} of reference.py: {error}", ("reference",)) from error


def _line(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f", line {error.lineno},"
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == "reference.py"
    ]
    return f", line {lines[-1]}," if lines else ""
