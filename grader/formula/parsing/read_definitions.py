"""Definitions as an author writes them, read one after the other: ``z1: W x``, ``f1(z): tanh(z)``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from grader.core.errors import Unreadable
from grader.formula.evaluation.shapes import ShapeMismatch, shapes
from grader.formula.expression import DEFINED, LITERAL, SYMBOL, Expression, expand_definitions, postorder, symbol_names
from grader.formula.functions.table import CONSTANTS, FUNCTIONS
from grader.formula.parsing.lexing.definitions import Definition
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import parse
from grader.formula.symbols import Shape, Symbol

HEAD = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(?:\(([A-Za-z][A-Za-z0-9_]*)\))?")


def define(
    head: str, text: str, vocabulary: Vocabulary, tex: str | None = None, also: tuple[str, ...] = ()
) -> Definition:
    """Return what a head such as ``z1`` or ``f1(z)`` stands for; Unreadable says what is wrong, for the author.

    The value may use the vocabulary with the definitions before it; a function works entry by entry, and may use
    single numbers beside its parameter.

    >>> vocabulary = Vocabulary({"x": Symbol(), "a": Symbol()}, {"x": (), "a": ()})
    >>> f = define("f(z)", "a z^2", vocabulary)
    >>> f.value_as_written
    multiply(a, power(z, 2))
    """
    found = HEAD.fullmatch(head)
    if found is None:
        raise Unreadable(f"{head!r} is neither a name nor a function of one parameter such as f(z)")
    name, parameter = found[1], found[2]
    if name in vocabulary.symbols or name in vocabulary.sizes:
        raise Unreadable(f"{name!r} is a symbol or a size already")
    if parameter is None:
        value = parse(text, vocabulary).expression
        _check_shapes(value, vocabulary.shapes)
        return Definition(name, value, None, None, tex, also)
    own = f"{parameter} of {name}"
    value = parse(text, _with_parameter(vocabulary, parameter, own)).expression
    for node in postorder(expand_definitions(value)):
        if node.op not in (SYMBOL, LITERAL, DEFINED) and not FUNCTIONS[node.op].elementwise:
            raise Unreadable(f"a function works entry by entry, and {node.op!r} does not")
    strange = [each for each in symbol_names((value,)) if each != own and vocabulary.shapes.get(each, ())]
    if strange and strange[0] not in CONSTANTS:
        raise Unreadable(f"a function may use single numbers beside its parameter, and {strange[0]!r} is none")
    return Definition(name, value, own, parameter, tex, also)


def _with_parameter(vocabulary: Vocabulary, parameter: str, own: str) -> Vocabulary:
    """The vocabulary in which the parameter's name means the parameter and nothing else."""
    others = {name: each for name, each in vocabulary.symbols.items() if name != parameter}
    symbols: Mapping[str, Symbol] = {own: Symbol(also=(parameter,)), **others}
    values = {name: each for name, each in vocabulary.definitions.items() if name != parameter}
    sizes = {name: size for name, size in vocabulary.sizes.items() if name != parameter}
    shapes: Mapping[str, Shape] = {**vocabulary.shapes, own: ()}
    return replace(vocabulary, symbols=symbols, shapes=shapes, definitions=values, sizes=sizes)


def _check_shapes(value: Expression, known: Mapping[str, Shape]) -> None:
    try:
        shapes(value, known)
    except ShapeMismatch as mismatch:
        raise Unreadable(f"the shapes do not fit: {mismatch.sentence}") from None
