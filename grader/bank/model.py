"""The executable model of a problem: the functions of ``reference.py``, at points of several sizes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from grader.arrays import Array, Value
from grader.blank import Misspecified
from grader.errors import nearest
from grader.formula.equality import Space
from grader.formula.symbols import Sizes, Symbol, in_numbers
from grader.kinds.formula import FormulaSpec
from grader.problem import Blank, Problem
from grader.program.trials import others, points, typed
from grader.references import References
from grader.secret import PUBLIC
from grader.spec_file import Opened

SEEDS = 3
"""Points that are tried at each set of sizes."""
Point = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """The functions that claims speak of. Everything that is asked of it may raise Misspecified."""

    problem: Problem
    references: References
    source: str
    known: dict[Any, Any] = field(default_factory=dict, compare=False)

    @cached_property
    def symbols(self) -> Mapping[str, Symbol]:
        """All that may be a parameter: the symbols that students know, and the model's own."""
        return {**self.problem.symbols, **self.problem.model}

    @cached_property
    def sizes(self) -> list[Sizes]:
        """The stated sizes first, then others: the author's, or two sets that are all different."""
        stated = self.problem.sizes
        if not stated:
            return [{}]
        given = [{**stated, **each} for each in self.problem.other_sizes]
        second = others(stated)
        third = others(second)
        if third == stated:
            third = others(
                {letter: max(size, second[letter]) for letter, size in stated.items()},
                least=max(second.values()) + 1,
            )
        return [stated, *(given or (second, third))]

    @cached_property
    def functions(self) -> Mapping[str, ast.FunctionDef]:
        """The functions as they are written."""
        return {each.name: each for each in ast.parse(self.source).body if isinstance(each, ast.FunctionDef)}

    def parameters(self, name: str) -> tuple[str, ...]:
        """Return the parameters of a function that take a value of the problem."""
        if name not in self.functions:
            raise Misspecified(f"reference.py has no function {name!r}", (), nearest(name, self.functions))
        given = self.functions[name].args
        all_ = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
        return tuple(each for each in all_ if each in self.symbols)

    def argument(self, function: str, name: str) -> Symbol:
        """Return the symbol that is an argument of a function."""
        known = self.parameters(function)
        if name not in known:
            raise Misspecified(f"{function} has no argument {name!r}", (), nearest(name, known))
        return self.symbols[name]

    def reaches(self, start: str, goal: str) -> bool:
        """Whether a function calls another, or one that does."""
        seen, waiting = {start}, [start]
        while waiting:
            body = self.functions.get(waiting.pop())
            called = {each.id for each in ast.walk(body) if isinstance(each, ast.Name)} if body else set()
            waiting += (called & set(self.functions)) - seen
            seen |= called
        return goal in seen - {start}

    def returns(self, name: str) -> str | None:
        """Return the function that another does nothing but call."""
        body = (
            [each for each in self.functions[name].body if not isinstance(each, ast.Expr)]
            if name in self.functions
            else []
        )
        if len(body) == 1 and isinstance(body[0], ast.Return) and isinstance(body[0].value, ast.Call):
            called = body[0].value.func
            return called.id if isinstance(called, ast.Name) else None
        return None

    def fixed(self, at: Mapping[str, Any], sizes: Sizes) -> Point:
        """Return the values that a claim fixes; one number for an array is meant for each of its entries."""
        found: Point = {}
        for name, value in at.items():
            if name not in self.symbols:
                raise Misspecified(f"{name!r} is no symbol", (), nearest(name, self.symbols))
            try:
                array = typed(value, self.symbols[name])
            except (TypeError, ValueError):
                raise Misspecified(f"{name} has no value that is made of numbers: {value!r}") from None
            wanted = in_numbers(self.symbols[name].shape, sizes)
            if array.ndim and array.shape != wanted and sizes == self.problem.sizes:
                raise Misspecified(f"{name} is given the shape {array.shape}, and has {wanted}")
            found[name] = array if array.ndim else np.full(wanted, array)
        return found

    def drawn(self, sizes: Sizes, purpose: str, most: int = SEEDS) -> list[Point]:
        """Return random points of ordinary size with a value for every symbol, always the same ones."""
        letters = {name for name, each in self.symbols.items() if _sized(each, sizes)}
        symbols = {name: each for name, each in self.symbols.items() if name in letters}
        seed = PUBLIC.derive(f"{self.problem.id} {sorted(sizes.items())} {purpose}".encode(), "claims")
        space = Space(symbols, sizes, seed)
        found = islice(points(space, most), most)
        return [{name: typed(each.floats[name], symbols[name]) for name in symbols} for each in found]

    def named(
        self, name: str, where: Sequence[Point], sizes: Sizes, output: int | None = None
    ) -> list[Array | str]:
        """Return the values of a function of reference.py, or of a formula in the problem's symbols.

        ``output`` is the place in a tuple, where the function returns one.
        """
        if name in self.functions:
            return [
                each if isinstance(each, str) else one(each, output, name)
                for each in self.values(name, where)
            ]
        formula = Blank("claim", FormulaSpec(points=0, reference=(name,)))
        context = self.problem.context(formula, sizes=sizes or None)
        return [one(each, None, name) for each in formula.spec.keys(context, where)[0]]

    def values(self, name: str, where: Sequence[Point], strict: bool = False) -> list[Value | str]:
        """Return what a function gives at each point; where it fails, the reason."""
        wanted = self.parameters(name)
        given = [{each: point[each] for each in wanted if each in point} for point in where]
        return self.references.tried(name, given, strict)


def of(opened: Opened) -> Model | None:
    """Return the model of a problem, None where there is no ``reference.py``."""
    if opened.reference is None:
        return None
    problem = opened.problem
    return Model(problem, References(opened.reference, problem.symbols, problem.sizes), opened.reference)


def _sized(symbol: Symbol, sizes: Sizes) -> bool:
    try:
        in_numbers(symbol.shape, sizes)
    except KeyError:
        return False
    return True


def written(sizes: Sizes) -> str:
    """Write sizes for people: ``d = 2, m = 2``."""
    return ", ".join(f"{letter} = {size}" for letter, size in sizes.items())


def one(value: Value, output: int | None, what: str) -> Array:
    """Return the only value, or the one of a tuple that is meant; raises Misspecified."""
    if not isinstance(value, tuple):
        if output:
            raise Misspecified(f"{what} returns 1 value, so there is no output {output}")
        return value
    if output is None:
        raise Misspecified(f"{what} returns {len(value)} values; say with `output` which is meant, from 0")
    if output >= len(value):
        raise Misspecified(f"{what} returns {len(value)} values, so there is no output {output}")
    return value[output]


def changed(point: Point, name: str, value: Any) -> Point:
    """Return a point with another value for one argument."""
    return {**point, name: value}


def elements(point: Point, other: Point, name: str) -> Iterator[Point]:
    """Yield the point with one element of an argument after another as it is in the other point."""
    array, new = np.asarray(point[name], dtype=float), np.asarray(other[name], dtype=float)
    for place in np.ndindex(array.shape):
        moved = array.copy()
        moved[place] = new[place] if new[place] != array[place] else new[place] + 1
        yield changed(point, name, moved)
