"""Expressions, the syntax tree of every formula however it was typed: immutable and hash-consed, so that equals are one object.

Equal structure is the same object, so comparing is ``is`` and a shared part is worked on once. Positions in a text are
kept beside an expression, never in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from fractions import Fraction
from typing import Any, Final
from weakref import WeakValueDictionary

Constant = int | bool | str | tuple[Any, ...] | None
"""What stands in a call beside its arguments: an axis, a shape, an index, the subscripts of an einsum."""
Attributes = tuple[tuple[str, Constant], ...]
Value = Fraction | str | Attributes | None

LITERAL: Final = "literal"
SYMBOL: Final = "symbol"
JUXTAPOSED: Final = "juxtaposed"
"""A product written without a sign or with a dot: what it means depends on the shapes (see ``parsing.disambiguate``)."""
POINTED: Final = "pointed"
"""A product with a dot: as JUXTAPOSED, but between two columns it is their scalar product."""
CROSSED: Final = "crossed"
"""A product with ×: as JUXTAPOSED, but between two vectors it would be another product."""
CARET: Final = "caret"
"""A power written as a superscript: of a matrix it is a matrix power."""
BARRED: Final = "barred"
"""What stands between bars: of a square matrix it is the determinant, of anything else the absolute values."""
DISPLAY: Final = "display"
"""Cells between brackets: a vector, a matrix or blocks beside each other, as their shapes say (see ``block_matrices``)."""
IDENTITY: Final = "identity"
"""An ``I`` whose size the formula around it tells."""
DEFINED: Final = "defined"
"""A name that the author defined: its last argument is what the name stands for, with the argument of a function in
front. Only the writing of a formula looks at the name."""
UNRESOLVED = frozenset((JUXTAPOSED, POINTED, CROSSED, CARET, BARRED, DISPLAY, IDENTITY))


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
        given = [f"{name}={each}" for name, each in attributes(self).items()]
        name = str(self.value) if self.op == DEFINED else self.op
        return f"{name}({', '.join([*map(repr, self.args), *given])})"

    def __reduce__(self) -> tuple[object, ...]:
        return make, (self.op, self.args, self.value)


_interned: WeakValueDictionary[tuple[str, tuple[Expression, ...], Value], Expression] = WeakValueDictionary()


def make(op: str, args: tuple[Expression, ...] = (), value: Value = None) -> Expression:
    """Return the one expression of this structure.

    >>> make("add", (symbol("a"), literal(2))) is make("add", (symbol("a"), literal(2)))
    True
    """
    key = (op, args, value)
    found = _interned.get(key)
    if found is None:
        found = object.__new__(Expression)
        found.op, found.args, found.value = op, args, value
        _interned[key] = found
    return found


def literal(value: Fraction | int) -> Expression:
    """Return an exact number."""
    return make(LITERAL, (), Fraction(value))


def symbol(name: str) -> Expression:
    """Return a declared symbol, by its name in the spec."""
    return make(SYMBOL, (), name)


def call(op: str, *args: Expression, **attributes: Constant) -> Expression:
    """Return a function or an operator of ``functions.table`` applied to its arguments."""
    return make(op, args, tuple(sorted(attributes.items())) or None)


def attributes(expression: Expression) -> dict[str, Any]:
    """Return the attributes of a call, such as its axis."""
    return dict(expression.value) if isinstance(expression.value, tuple) else {}


def rebuild(expression: Expression, change: Callable[[Expression, tuple[Expression, ...]], Expression]) -> Expression:
    """Return the expression with every node replaced by ``change(node, its arguments as they have become)``."""
    new: dict[Expression, Expression] = {}
    for node in postorder(expression):
        new[node] = change(node, tuple(new[arg] for arg in node.args))
    return new[expression]


def expand_definitions(expression: Expression, keep: Collection[str] = ()) -> Expression:
    """Return the expression with every defined name but those to ``keep`` replaced by what it stands for."""

    def replaced(node: Expression, args: tuple[Expression, ...]) -> Expression:
        return args[-1] if node.op == DEFINED and node.value not in keep else make(node.op, args, node.value)

    return rebuild(expression, replaced)


def with_sizes(expression: Expression, sizes: Mapping[str, int]) -> Expression:
    """Return the expression with other numbers for the letters of sizes."""

    def changed(node: Expression, args: tuple[Expression, ...]) -> Expression:
        if node.op == DEFINED and node.value in sizes:
            return make(DEFINED, (literal(sizes[str(node.value)]),), node.value)
        return make(node.op, args, node.value)

    return rebuild(expression, changed)


def postorder(expression: Expression) -> list[Expression]:
    """Return every distinct node once, arguments before what they stand in; never recurses."""
    order: list[Expression] = []
    seen: set[Expression] = set()
    stack: list[tuple[Expression, bool]] = [(expression, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args))
    return order


def canonical(expression: Expression) -> str:
    """Return a text that is the same for the same expression everywhere, its nodes numbered in ``postorder``."""
    numbers: dict[Expression, int] = {}
    lines = []
    for node in postorder(expression):
        numbers[node] = len(numbers)
        lines.append(f"{node.op} {[numbers[arg] for arg in node.args]} {node.value}")
    return "; ".join(lines)


def symbol_names(expressions: Iterable[Expression]) -> tuple[str, ...]:
    """Return the names of all symbols that occur, in order of first occurrence."""
    nodes = (node for expression in expressions for node in postorder(expression))
    return tuple(dict.fromkeys(str(node.value) for node in nodes if node.op == SYMBOL))
