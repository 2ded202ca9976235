"""``reference.py`` as it is written: which function calls which, so that a key is not held against itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class ReferenceSource:
    """The text of a ``reference.py``."""

    text: str

    @cached_property
    def functions(self) -> Mapping[str, ast.FunctionDef]:
        """The functions that are defined at its top."""
        return {each.name: each for each in ast.parse(self.text).body if isinstance(each, ast.FunctionDef)}

    def calls(self, name: str) -> set[str]:
        """Return the names that a function uses and does not define itself."""
        body = self.functions.get(name)
        if body is None:
            return set()
        own = {each.arg for each in ast.walk(body) if isinstance(each, ast.arg)}
        names = [each for each in ast.walk(body) if isinstance(each, ast.Name)]
        own |= {each.id for each in names if isinstance(each.ctx, ast.Store)}
        return {each.id for each in names} - own

    def calls_indirectly(self, start: str, goal: str) -> bool:
        """Whether a function calls another, or one that does."""
        seen, waiting = {start}, [start]
        while waiting:
            called = self.calls(waiting.pop())
            waiting += (called & set(self.functions)) - seen
            seen |= called
        return goal in seen - {start}

    def forwards_to(self, name: str, goal: str) -> bool:
        """Whether a function calls another with its own parameters, as they are: with others it may say something new."""
        body = self.functions.get(name)
        if body is None:
            return False
        own = [each.arg for each in ast.walk(body.args) if isinstance(each, ast.arg)]
        calls = (each for each in ast.walk(body) if isinstance(each, ast.Call))
        return any(
            isinstance(each.func, ast.Name) and each.func.id == goal and _names(each) <= set(own) for each in calls
        )

    def forwarded_function(self, name: str) -> str | None:
        """Return the function that another does nothing but call, with its own parameters."""
        body = list(self._statements(name))
        if len(body) != 1 or not isinstance(body[0], ast.Return) or not isinstance(body[0].value, ast.Call):
            return None
        called = body[0].value.func
        return called.id if isinstance(called, ast.Name) and self.forwards_to(name, called.id) else None

    def is_same(self, one: str, other: str) -> bool:
        """Whether one of two functions is nothing but the other."""
        return one == other or self.forwarded_function(one) == other or self.forwarded_function(other) == one

    def _statements(self, name: str) -> Iterator[ast.stmt]:
        body = self.functions[name].body if name in self.functions else ()
        return (each for each in body if not isinstance(each, ast.Expr))


def _names(call: ast.Call) -> set[str]:
    """Return the names that are passed; of anything else that is passed, a text that is no name."""
    given = [*call.args, *(each.value for each in call.keywords)]
    return {each.id if isinstance(each, ast.Name) else ast.unparse(each) + "()" for each in given}
