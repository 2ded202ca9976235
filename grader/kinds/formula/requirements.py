"""Which names and functions an answer uses, for blanks that require or forbid some."""

from __future__ import annotations

from collections.abc import Iterable

from grader.core.errors import nearest
from grader.formula.expression import DEFINED, LITERAL, SYMBOL, Expression, attributes
from grader.formula.functions.table import CONSTANTS, FUNCTIONS, SPELLINGS
from grader.formula.parsing.lexing.vocabulary import Vocabulary

SIGNS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power", "@": "matmul"}


class Unknown(Exception):
    """A name that is nothing which an answer could use; ``suggestion`` is the nearest one that is."""

    def __init__(self, name: str, suggestion: str | None) -> None:
        super().__init__(name)
        self.name = name
        self.suggestion = suggestion


def resolved(name: str, words: Vocabulary) -> str:
    """Return the declared name, or the function, that is meant; raises Unknown."""
    known = words.lookup(name) or SPELLINGS.get(name) or SIGNS.get(name) or (name if name in CONSTANTS else None)
    if known is None:
        raise Unknown(name, nearest(name, [*words.symbols, *words.definitions, *SPELLINGS]))
    return known


def used(expression: Expression) -> frozenset[str]:
    """Return the names and functions as they were typed; what a defined name stands for is not looked into."""
    found: set[str] = set()
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        if node.op in (SYMBOL, DEFINED):
            found.add(str(node.value).rstrip("'"))
        elif node.op in FUNCTIONS:
            found.add(node.op)
            if node.op == "matrix_power" and attributes(node)["n"] < 0:
                found.add("inv")
        elif node.op != LITERAL:
            raise AssertionError(node.op)
        waiting.extend(node.args[:-1] if node.op == DEFINED else node.args)
    return frozenset(found)


def broken(expression: Expression, required: Iterable[str], forbidden: Iterable[str]) -> str | None:
    """Return what is wrong with the names and functions of an answer, in one sentence."""
    found = used(expression)
    for name in forbidden:
        if name in found:
            return f"This answer uses {shown(name)}, which is not allowed here."
    for name in required:
        if name not in found:
            return f"This answer must use {shown(name)}, and it does not."
    return None


def shown(name: str) -> str:
    """Return a name as people write it: an operator by its sign."""
    return next((sign for sign, function in SIGNS.items() if function == name), name)
