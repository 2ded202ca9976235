"""Which names and functions an answer uses, for blanks that require or forbid some."""

from __future__ import annotations

from collections.abc import Iterable

from grader.core.errors import nearest
from grader.formula.expression import DEFINED, LITERAL, SYMBOL, Expression, attributes
from grader.formula.functions.table import CONSTANTS, FUNCTIONS, SPELLINGS
from grader.formula.parsing.lexing.vocabulary import Vocabulary

OPERATOR_FUNCTIONS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power", "@": "matmul"}


class UnknownName(Exception):
    """A name that no answer could use; ``suggestion`` is the nearest one that could be."""

    def __init__(self, name: str, suggestion: str | None) -> None:
        super().__init__(name)
        self.name = name
        self.suggestion = suggestion


def resolve_name(name: str, words: Vocabulary) -> str:
    """Return the declared name, or the function, that is meant; raises UnknownName."""
    resolved = words.lookup(name) or SPELLINGS.get(name) or OPERATOR_FUNCTIONS.get(name)
    if resolved is None and name in CONSTANTS:
        resolved = name
    if resolved is None:
        raise UnknownName(name, nearest(name, [*words.symbols, *words.definitions, *SPELLINGS]))
    return resolved


def names_used(expression: Expression) -> frozenset[str]:
    """Return the names and functions as they were typed; what a defined name stands for is not looked into."""
    names: set[str] = set()
    stack = [expression]
    while stack:
        node = stack.pop()
        if node.op in (SYMBOL, DEFINED):
            names.add(str(node.value).rstrip("'"))
        elif node.op in FUNCTIONS:
            names.add(node.op)
            # A power of −1 is an inverse, however it is typed.
            if node.op == "matrix_power" and attributes(node)["n"] < 0:
                names.add("inv")
        elif node.op != LITERAL:
            raise AssertionError(node.op)
        stack.extend(node.args[:-1] if node.op == DEFINED else node.args)
    return frozenset(names)


def broken_requirement(expression: Expression, required: Iterable[str], forbidden: Iterable[str]) -> str | None:
    """Return in one sentence what an answer must not use, or fails to use; None if nothing."""
    names = names_used(expression)
    for name in forbidden:
        if name in names:
            return f"This answer uses {typed_name(name)}, which is not allowed here."
    for name in required:
        if name not in names:
            return f"This answer must use {typed_name(name)}, and it does not."
    return None


def typed_name(name: str) -> str:
    """Return a name as people write it: an operator by its sign."""
    return next((sign for sign, function in OPERATOR_FUNCTIONS.items() if function == name), name)
