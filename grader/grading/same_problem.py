"""Whether two problems ask for the same: by the hash of their files, or by what one of their keys computes.

A title or an example that was changed makes another hash and leaves the answers what they were. Keys are compared by their values
at a few points of their domains that follow from the names and shapes of the symbols alone; a shape, a word, a number or a lone symbol that happens to
be equal says nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import numpy as np

from grader.core.arrays import Array, Value, as_tuple
from grader.core.seeds import PUBLIC
from grader.formula.equality.comparison_space import ComparisonSpace
from grader.formula.symbols import Symbol, in_numbers
from grader.grading.problem import Problem
from grader.kinds.base.context import BlankSpecError
from grader.kinds.base.seed_text import symbols_in_seed

POINTS = 4
DIGITS = 9
"""Significant digits of a value that are compared: the same key, written in another order, rounds differently in the last ones."""


def key_fingerprints(problem: Problem) -> frozenset[str]:
    """Return a text for each formula or function that is a key of the problem; equal keys have equal ones.

    Raises: Fault where an author's program cannot be run here.
    """
    points = [_point(problem.symbols, problem.sizes, index) for index in range(POINTS)]
    return frozenset(
        fingerprint
        for blank in problem.blanks
        for values in _key_values(problem, blank.address, points)
        if (fingerprint := _fingerprint(values, points)) is not None
    )


def _key_values(problem: Problem, address: str, points: list[dict[str, Array]]) -> list[list[Value]]:
    blank = next(each for each in problem.blanks if each.address == address)
    try:
        return blank.spec.key_values(problem.context(blank), points)
    except BlankSpecError:  # Its key is no formula and no function, or none that can be run at any point.
        return []


def _point(symbols: Mapping[str, Symbol], sizes: Mapping[str, int], index: int) -> dict[str, Array]:
    return {name: _values(name, symbol, sizes, index) for name, symbol in symbols.items()}


def _values(name: str, symbol: Symbol, sizes: Mapping[str, int], index: int) -> Array:
    """Draw values from the symbol's own domain, which no other symbol of the problem changes.

    Real ones are moderate: what overflows in one writing and not in another would tell them apart.
    """
    shape = in_numbers(symbol.shape, sizes)
    if symbol.domain == "real":
        key = hashlib.sha256(f"{index} {name} {shape}".encode()).digest()
        return np.asarray(np.random.default_rng(list(key)).uniform(0.2, 0.8, shape))
    seed = PUBLIC.derive(repr((name, shape, symbols_in_seed({name: symbol}))).encode(), "same")
    return np.asarray(ComparisonSpace({name: symbol}, sizes, seed).base_point(index).floats[name])


def _fingerprint(values: list[Value], points: list[dict[str, Array]]) -> str | None:
    """Return the text of one key, None where it depends on no symbol, is one, or has no value at any of the points."""
    if all(not np.isfinite(array).all() for value in values for array in as_tuple(value)):
        return None
    texts = list(map(_text, values))  # Where it has no value there, that is a part of it too.
    symbols = [{_text(array) for array in point.values()} for point in points]
    if len(set(texts)) == 1 or all(text in names for text, names in zip(texts, symbols, strict=True)):
        return None
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _text(value: Value) -> str:
    return "; ".join(f"{array.shape} {' '.join(_numbers(array))}" for array in as_tuple(value))


def _numbers(array: Array) -> Iterator[str]:
    for number in np.asarray(array).ravel().tolist():
        yield f"{number:.{DIGITS}g}"
