"""Every row of the table: shaped as NumPy shapes it, valued as NumPy values it, recorded and typeset so that it reads back."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from grader.formula.expression import call, symbol
from grader.formula.functions import FUNCTIONS, SPELLINGS
from grader.formula.latex import latex
from grader.formula.notation import read
from grader.formula.recording import record
from grader.formula.shape import shapes
from grader.formula.symbols import Symbol
from grader.formula.value import evaluate
from grader.formula.vocabulary import Vocabulary

SIZES = [{"n": 3, "k": 2}, {"n": 2, "k": 4}]
NOT_NUMPY = {
    "sigmoid",
    "relu",
    "softmax",
    "softplus",
    "gamma",
    "factorial",
    "logsumexp",
    "norm",
    "det",
    "inv",
    "matrix_power",
    "solve",
}
SQUARE = {"trace", "det", "inv", "matrix_power", "solve"}
MATRICES = {"matmul", "dot", "kron", "transpose"}
VECTORS = {"outer", "diag"}


def arguments(name: str) -> tuple[dict[str, Symbol], list[str]]:
    """Symbols with shapes that fit the function, and its arguments."""
    count = FUNCTIONS[name].arity[0]
    if name in SQUARE:
        kinds = [("n", "n"), ("n", "k")][:count]
    elif name in MATRICES:
        kinds = [("n", "k"), ("k", "n")][:count]
    elif name in VECTORS:
        kinds = [("n",), ("k",)][:count]
    else:
        kinds = [("n", "k")] * count
    names = ["A", "B"][:count]
    return {each: Symbol(shape=shape) for each, shape in zip(names, kinds, strict=True)}, names


def point(symbols, sizes, low=0.1):
    draw = np.random.default_rng(3)
    return {
        name: draw.uniform(low, low + 0.8, [sizes[letter] for letter in each.shape])
        for name, each in symbols.items()
    }


LOWEST = {"arccosh": 1.1}
"""Where a function's domain begins, if not at 0."""


def attributes(name: str) -> list[dict[str, int | bool]]:
    """Ways to call the function."""
    row = FUNCTIONS[name]
    if name == "matrix_power":
        return [{"n": 3}, {"n": -2}]
    if row.attributes == ("axis",):
        return [{"axis": 0}, {"axis": -1}]
    return [{}, {"axis": 0}, {"axis": 1, "keepdims": True}] if row.attributes else [{}]


CASES = [(name, given) for name in sorted(FUNCTIONS) if name != "dot" for given in attributes(name)]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize(("name", "given"), CASES, ids=[f"{name}{given or ''}" for name, given in CASES])
def test_shape_and_value(name, given, sizes):
    symbols, names = arguments(name)
    expression = call(name, *map(symbol, names), **given)
    at = point(symbols, sizes, LOWEST.get(name, 0.1))
    value = evaluate(expression, at)
    numbers = {each: tuple(sizes[letter] for letter in symbol_.shape) for each, symbol_ in symbols.items()}
    assert value.shape == shapes(expression, numbers)[expression]
    if name not in NOT_NUMPY:
        assert np.allclose(value, getattr(np, name)(*at.values(), **given))


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - NOT_NUMPY - {"dot"}))
def test_a_numpy_function_is_recorded_as_itself(name, sizes):
    symbols, names = arguments(name)
    function = getattr(np, name)

    def one(A):
        return function(A, axis=0) if name == "cumsum" else function(A)

    def two(A, B):
        return function(A, B)

    recorded = record(two if len(names) == 2 else one, symbols, sizes)
    at = point(symbols, sizes, LOWEST.get(name, 0.1))
    assert np.allclose(evaluate(recorded, at), (two if len(names) == 2 else one)(*at.values()))
    assert inspect.signature(two if len(names) == 2 else one).parameters.keys() == at.keys()


@pytest.mark.parametrize("name", sorted(set(SPELLINGS.values()) - {"dot", "power", "cumsum", "softmax"}))
def test_its_latex_reads_back(name):
    symbols, names = arguments(name)
    sizes = SIZES[0]
    numbers = {each: tuple(sizes[letter] for letter in symbol_.shape) for each, symbol_ in symbols.items()}
    words = Vocabulary(symbols, numbers, "elementwise")
    expression = call(name, *map(symbol, names))
    assert read(latex(expression, symbols, numbers), words).expression is expression


KNOWN = [
    ("gamma", 5.0, 24.0), ("gamma", 0.5, np.sqrt(np.pi)), ("gamma", 0.0, np.nan), ("gamma", -2.0, np.nan), ("gamma", 200.0, np.inf),
    ("factorial", 4.0, 24.0), ("softplus", 0.0, np.log(2)), ("softplus", 800.0, 800.0), ("sigmoid", 0.0, 0.5), ("sigmoid", -800.0, 0.0), ("relu", -1.0, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "at", "value"), KNOWN)
def test_known_values(name, at, value):
    assert np.allclose(evaluate(call(name, symbol("x")), {"x": np.float64(at)}), value, equal_nan=True)


def test_logsumexp_does_not_overflow():
    x = np.array([[1000.0, 1000.0], [0.0, -1000.0]])
    assert np.allclose(evaluate(call("logsumexp", symbol("x"), axis=1), {"x": x}), [1000 + np.log(2), 0.0])
    assert np.allclose(evaluate(call("logsumexp", symbol("x")), {"x": x}), 1000 + np.log(2))
