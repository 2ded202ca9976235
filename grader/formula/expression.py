"""The one form that every formula takes, however it was typed: an immutable, hash-consed expression.

Equal structure is the same object, so comparing is ``is`` and a shared part is worked on once. Positions in a text are
kept beside an expression, never in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final
from weakref import WeakValueDictionary

Attributes = tuple[tuple[str, int | bool | None], ...]
Value = Fraction | str | Attributes | None

LITERAL: Final = "literal"
SYMBOL: Final = "symbol"
JUXTAPOSED: Final = "juxtaposed"
"""A product written without a sign or with a dot: what it means depends on the shapes (see ``resolve``)."""
CARET: Final = "caret"
"""A power written as a superscript: of a matrix it is a matrix power."""


class Expression:
    """``op`` applied to ``args``; ``value`` is a literal's fraction, a symbol's name, or a call's attributes.

    Make one with the functions of this module only.
    """

    __slots__ = ("__weakref__", "args", "op", "value")
    op: str
    args: tuple[Expression, ...]
    value: Value

    def __repr__(self) -> str:
        if self.op in (LITERAL, SYMBOL):
            return str(self.value)
        attributes = (
            [f"{name}={each}" for name, each in self.value or ()] if isinstance(self.value, tuple) else []
        )
        return f"{self.op}({', '.join([*map(repr, self.args), *attributes])})"

    def __reduce__(self) -> tuple[object, ...]:
        return make, (self.op, self.args, self.value)


_known: WeakValueDictionary[tuple[str, tuple[Expression, ...], Value], Expression] = WeakValueDictionary()


def make(op: str, args: tuple[Expression, ...] = (), value: Value = None) -> Expression:
    """Return the one expression of this structure."""
    key = (op, args, value)
    found = _known.get(key)
    if found is None:
        found = object.__new__(Expression)
        found.op, found.args, found.value = op, args, value
        _known[key] = found
    return found


def literal(value: Fraction | int) -> Expression:
    """Return an exact number."""
    return make(LITERAL, (), Fraction(value))


def symbol(name: str) -> Expression:
    """Return a declared symbol, by its name in the spec."""
    return make(SYMBOL, (), name)


def call(op: str, *args: Expression, **attributes: int | bool | None) -> Expression:
    """Return a function or an operator of ``functions.py`` applied to its arguments."""
    return make(op, args, tuple(sorted(attributes.items())) or None)


def attribute(expression: Expression, name: str) -> int | bool | None:
    """Return an attribute of a call such as its axis; None when it was not given."""
    return dict(expression.value).get(name) if isinstance(expression.value, tuple) else None


def postorder(expression: Expression) -> list[Expression]:
    """Return every distinct node once, arguments before what they stand in; never recurses."""
    order: list[Expression] = []
    seen: set[Expression] = set()
    waiting: list[tuple[Expression, bool]] = [(expression, False)]
    while waiting:
        node, ready = waiting.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            waiting.extend((arg, False) for arg in reversed(node.args))
    return order


def canonical(expression: Expression) -> str:
    """Return a text that is the same for the same expression everywhere, its nodes numbered in ``postorder``."""
    numbers: dict[Expression, int] = {}
    lines = []
    for node in postorder(expression):
        numbers[node] = len(numbers)
        lines.append(f"{node.op} {[numbers[arg] for arg in node.args]} {node.value}")
    return "; ".join(lines)


def names(expressions: Iterable[Expression]) -> tuple[str, ...]:
    """Return the names of all symbols that occur, in order of first occurrence."""
    nodes = (node for expression in expressions for node in postorder(expression))
    return tuple(dict.fromkeys(str(node.value) for node in nodes if node.op == SYMBOL))
