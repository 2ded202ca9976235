"""The executable model of a problem: the functions of ``reference.py``, at points of several sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from grader.authoring.checks.proofs.source import ReferenceSource
from grader.authoring.loader import ProblemFiles
from grader.authoring.reference_functions import ReferenceFunctions
from grader.core.arrays import Array, Value
from grader.core.errors import nearest
from grader.core.seeds import PUBLIC
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.equality.sampling.domains import short_name
from grader.formula.symbols import Sizes, Symbol, in_numbers
from grader.grading.problem import Blank, Problem
from grader.kinds.base.context import BlankSpecError
from grader.kinds.code.test_inputs import as_input, ordinary_points, other_sizes
from grader.kinds.formula import FormulaSpec

SEEDS, MOST = 3, 60
"""Points of ordinary size that are tried at each set of sizes, and the most that can be asked for."""
FAR = (2, 5)
"""Points of ``formula.points`` whose values go up to some sixty and a thousand."""
FREE = frozenset(("real", "pos", "nonneg", "neg"))
"""Domains that reach far."""
Point = dict[str, Any]


@dataclass(frozen=True)
class ExecutableModel:
    """The functions that claims speak of. Everything that is asked of it may raise BlankSpecError."""

    problem: Problem
    references: ReferenceFunctions
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
        second = other_sizes(stated)
        third = other_sizes(second)
        if third == stated:
            third = other_sizes(
                {letter: max(size, second[letter]) for letter, size in stated.items()},
                smallest=max(second.values()) + 1,
            )
        return [stated, *(given or (second, third))]

    @cached_property
    def source(self) -> ReferenceSource:
        """The file as it is written."""
        return ReferenceSource(self.references.source)

    @cached_property
    def functions(self) -> Mapping[str, tuple[str, ...]]:
        """The functions that may be named, with their parameters."""
        return self.references.functions

    def parameters(self, name: str) -> tuple[str, ...]:
        """Return the parameters of a function that take a value of the problem."""
        if name not in self.functions:
            raise BlankSpecError(f"reference.py has no function {name!r}", (), nearest(name, self.functions))
        return tuple(each for each in self.functions[name] if each in self.symbols)

    def argument(self, function: str, name: str) -> Symbol:
        """Return the symbol that is an argument of a function."""
        known = self.parameters(function)
        if name not in known:
            raise BlankSpecError(f"{function} has no argument {name!r}", (), nearest(name, known))
        return self.symbols[name]

    def fixed_values(self, at: Mapping[str, Any], sizes: Sizes) -> Point:
        """Return the values that a claim fixes; one number for an array is meant for each of its entries."""
        found: Point = {}
        for name, value in at.items():
            if name not in self.symbols:
                raise BlankSpecError(f"{name!r} is no symbol", (), nearest(name, self.symbols))
            try:
                array = as_input(value, self.symbols[name])
            except (TypeError, ValueError):
                raise BlankSpecError(f"{name} has no value that is made of numbers: {value!r}") from None
            wanted = in_numbers(self.symbols[name].shape, sizes)
            if array.ndim and array.shape != wanted and sizes == self.problem.sizes:
                raise BlankSpecError(f"{name} is given the shape {array.shape}, and has {wanted}")
            found[name] = array if array.ndim else np.full(wanted, array)
        return found

    def sample_points(self, sizes: Sizes, purpose: str, most: int = SEEDS) -> list[Point]:
        """Return random points with a value for every symbol, always the same ones: of ordinary size, and at the stated sizes far ones.

        A model may be another one far away, where a value is cut off or a branch begins.
        """
        symbols = {name: each for name, each in self.symbols.items() if _sized(each, sizes)}
        seed = PUBLIC.derive(f"{self.problem.id} {sorted(sizes.items())} {purpose}".encode(), "claims")
        space = ComparisonSpace(symbols, sizes, seed)
        near = [self._values(space, each) for each in islice(ordinary_points(space, MOST), most)]
        if sizes != self.problem.sizes or most < SEEDS:
            return near
        free = [name for name, each in symbols.items() if short_name(each.domain) in FREE]
        far = [self._values(space, space.base_point(number)) for number in FAR] if free else []
        return near + [{**near[0], **{name: each[name] for name in free}} for each in far]

    def _values(self, space: ComparisonSpace, point: Any) -> Point:
        return {name: as_input(point.floats[name], each) for name, each in space.symbols.items()}

    def formula_values(
        self, name: str, where: Sequence[Point], sizes: Sizes, output: int | None = None
    ) -> list[Array | str]:
        """Return the values of a function of reference.py, or of a formula in the problem's symbols.

        ``output`` is the place in a tuple, where the function returns one.
        """
        if name in self.functions:
            return [
                each if isinstance(each, str) else select_output(each, output, name)
                for each in self.values(name, where)
            ]
        formula = Blank("claim", FormulaSpec(points=0, reference=(name,)))
        context = self.problem.context(formula, sizes=sizes or None)
        return [select_output(each, None, name) for each in formula.spec.key_values(context, where)[0]]

    def values(self, name: str, where: Sequence[Point], strict: bool = False) -> list[Value | str]:
        """Return what a function gives at each point; where it fails, the reason."""
        wanted = self.parameters(name)
        given = [{each: point[each] for each in wanted if each in point} for point in where]
        return self.references.try_run(name, given, strict)


def executable_model(opened: ProblemFiles) -> ExecutableModel | None:
    """Return the model of a problem, None where there is no ``reference.py``."""
    return None if opened.references is None else ExecutableModel(opened.problem, opened.references)


def _sized(symbol: Symbol, sizes: Sizes) -> bool:
    try:
        in_numbers(symbol.shape, sizes)
    except KeyError:
        return False
    return True


def sizes_text(sizes: Sizes) -> str:
    """Write sizes for people: ``d = 2, m = 2``."""
    return ", ".join(f"{letter} = {size}" for letter, size in sizes.items())


def select_output(value: Value, output: int | None, what: str) -> Array:
    """Return the only value, or the one of a tuple that is meant; raises BlankSpecError."""
    if not isinstance(value, tuple):
        return real_value(value, what)
    if output is None:
        raise BlankSpecError(f"{what} returns {len(value)} values; say with `output` which is meant, from 0")
    if output >= len(value):
        raise BlankSpecError(f"{what} returns {len(value)} values, so there is no output {output}")
    return real_value(value[output], what)


def real_value(value: Array, what: str) -> Array:
    """Return a value of real numbers; raises BlankSpecError for a complex one, whose parts would have to be compared."""
    if np.iscomplexobj(value):
        if np.any(np.imag(value)):
            raise BlankSpecError(f"{what} has complex values: compare np.real and np.imag of it")
        return np.real(value)
    return value


def with_argument(point: Point, name: str, value: Any) -> Point:
    """Return a point with another value for one argument."""
    return {**point, name: value}


def with_elements_moved(point: Point, other: Point, name: str, places: Sequence[tuple[int, ...]]) -> list[Point]:
    """Return the point with one element of an argument after another, at ``places``, as it is in the other point."""
    array, new = np.asarray(point[name], dtype=float), np.asarray(other[name], dtype=float)
    found = []
    for place in places:
        moved = array.copy()
        moved[place] = new[place] if new[place] != array[place] else new[place] + 1
        found.append(with_argument(point, name, moved))
    return found
