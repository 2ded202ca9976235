"""Every row of the table, at several sizes: shaped and valued as NumPy does it, recorded, differentiated, and read back."""

from __future__ import annotations

import inspect
import shutil
import subprocess
import sys
from fractions import Fraction
from math import comb, gamma, lgamma
from pathlib import Path

import numpy as np
import pytest
from support.numpy_rows import CASES, NUMPY, SHAPES, SIZES, at, numbers

import grader
from grader.formula.differentiate import NotDifferentiable, derivative
from grader.formula.evaluation.evaluate import evaluate
from grader.formula.evaluation.shapes import ShapeMismatch, shapes
from grader.formula.expression import call, literal, make, rebuild, symbol
from grader.formula.functions.table import CONSTANTS, FUNCTIONS, ROWS, SPELLINGS
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import parse
from grader.formula.symbols import Symbol
from grader.formula.tracing.trace import trace
from grader.formula.writing.latex import latex
from grader.formula.writing.plain_text import plain_text

BY_DEFINITION = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "relu": lambda x: np.maximum(x, 0), "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "softplus": lambda x: np.log(1 + np.exp(x)), "softmax": lambda x: np.exp(x) / np.sum(np.exp(x)), "logsumexp": lambda x: np.log(np.sum(np.exp(x))),
    "factorial": lambda x: np.vectorize(lambda each: gamma(each + 1))(x), "gamma": lambda x: np.vectorize(gamma)(x),
}  # fmt: skip
"""What NumPy does not have, of a vector."""


def words(sizes, star="elementwise"):
    return Vocabulary({name: Symbol(shape=shape) for name, shape in SHAPES.items()}, numbers(sizes), star, mixing=True)


def test_every_row_has_a_case():
    assert set(NUMPY) | set(BY_DEFINITION) | {"binomial", "onehot", "inner"} == set(FUNCTIONS)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_numpy_function_is_recorded_with_its_shape_and_value(name, case, sizes):
    function = NUMPY[name][case]
    given = list(inspect.signature(function).parameters)
    point = at(sizes, given)
    try:
        expected = function(**point)
    except (IndexError, ValueError):
        pytest.skip("NumPy does not take these sizes")
    expression = trace(function, numbers(sizes))
    value = evaluate(expression, point)
    assert np.shape(value) == np.shape(expected) == shapes(expression, numbers(sizes), mixing=True)[expression]
    assert np.allclose(value, expected, rtol=1e-12, atol=1e-14)
    for written in (
        latex(expression, words(sizes)),
        plain_text(expression, words(sizes), "numpy"),
        plain_text(expression, words(sizes)),
    ):
        back = parse(written, words(sizes)).expression
        assert back is expression or np.allclose(evaluate(back, point), expected), written


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", sorted(BY_DEFINITION))
def test_what_numpy_does_not_have(name, sizes):
    point = {"u": at(sizes, ["u"])["u"] * 4 - 2} if name not in ("gamma", "factorial") else at(sizes, ["u"])
    expression = parse(f"{name}(u)", words(sizes)).expression
    assert expression.op == name
    assert np.allclose(evaluate(expression, point), BY_DEFINITION[name](point["u"]), rtol=1e-13)


def test_binomials_are_those_of_whole_numbers_and_go_on_between_them():
    value = FUNCTIONS["binomial"].value
    assert [[float(value(n, k)) for k in range(-1, 8)] for n in range(7)] == [
        [float(comb(n, k)) if k >= 0 else 0.0 for k in range(-1, 8)] for n in range(7)
    ]
    assert np.isclose(value(5.5, 2), 5.5 * 4.5 / 2)
    assert np.isclose(value(-0.5, 3), -0.5 * -1.5 * -2.5 / 6)
    assert np.isclose(value(1000, 500), np.exp(lgamma(1001) - 2 * lgamma(501)))
    assert np.isnan(value(-3, 2))


def test_an_inner_product_is_of_two_alike():
    point = at(SIZES[0], ["u", "v"])
    assert np.isclose(evaluate(parse("inner(u, v)", words(SIZES[0])).expression, point), point["u"] @ point["v"])
    column = parse("np.vdot(u[:, None], v[:, None])", words(SIZES[0])).expression
    assert np.isclose(evaluate(column, point), point["u"] @ point["v"])
    with pytest.raises(ShapeMismatch, match="takes two vectors of one shape, and these are 3×2 and 3×2"):
        shapes(parse("inner(A, C)", words(SIZES[0])).expression, numbers(SIZES[0]))


def test_a_one_hot_vector():
    assert evaluate(parse("onehot(1, 4)", words(SIZES[0])).expression, {}).tolist() == [0, 1, 0, 0]


SPELT = [
    (spelling, name)
    for spelling, name in SPELLINGS.items()
    if FUNCTIONS[name].form == "values" and FUNCTIONS[name].arity == (1, 1)
]


@pytest.mark.parametrize(("spelling", "name"), SPELT)
def test_every_spelling_is_read_with_and_without_its_prefix(spelling, name):
    expected = call(
        name,
        symbol("S"),
        **({"axis": 1} if name in ("softmax", "cumsum") else {"n": 2} if name == "matrix_power" else {}),
    )
    rest = "(S, axis=1)" if name in ("softmax", "cumsum") else "(S, n=2)" if name == "matrix_power" else "(S)"
    for prefix in ("", "np.", "np.linalg.", "torch.") if spelling.isascii() else ("",):
        assert parse(prefix + spelling + rest, words(SIZES[0])).expression is expected


DERIVABLE = [(row.name, position) for row in ROWS for position in range(len(row.derivatives))]


@pytest.mark.parametrize(("name", "position"), DERIVABLE)
def test_derivatives_are_those_of_small_steps(name, position):
    row = FUNCTIONS[name]
    letters = ["a", "b", "c"][: row.arity[1]]
    point = {"a": 0.613, "b": 0.387, "c": 0.871}
    if name == "arccosh":
        point["a"] = 1.7
    if name == "clip":
        point |= {"a": 0.5, "b": 0.2}
    expression = call(name, *map(symbol, letters))
    slope = evaluate(derivative(expression, letters[position]), point)
    step = 1e-6
    above, below = (
        evaluate(expression, {**point, letters[position]: point[letters[position]] + sign * step}) for sign in (1, -1)
    )
    assert np.isclose(slope, (above - below) / (2 * step), rtol=1e-6, atol=1e-8)


def test_the_chain_rule_and_what_has_no_derivative():
    expression = parse("tanh(a b) / (1 + a^2)", words(SIZES[0])).expression
    slope = evaluate(derivative(expression, "a"), {"a": 0.4, "b": 0.7})
    below, above = (evaluate(expression, {"a": 0.4 + step, "b": 0.7}) for step in (-1e-6, 1e-6))
    assert np.isclose(slope, (above - below) / 2e-6)
    with pytest.raises(NotDifferentiable, match="The derivative of “det” is not known here"):
        derivative(parse("det(a S)", words(SIZES[0])).expression, "a")


def test_constants_are_symbols_with_their_value():
    assert {name: float(evaluate(symbol(name), {})) for name in CONSTANTS} == {"pi": np.pi, "e": np.e}


KNOWN = [
    ("gamma", 5.0, 24.0), ("gamma", 0.5, np.sqrt(np.pi)), ("gamma", 0.0, np.nan), ("gamma", -2.0, np.nan), ("gamma", 200.0, np.inf),
    ("factorial", 4.0, 24.0), ("softplus", 0.0, np.log(2)), ("softplus", 800.0, 800.0), ("sigmoid", 0.0, 0.5), ("sigmoid", -800.0, 0.0),
    ("relu", -1.0, 0.0), ("leaky_relu", -1.0, -0.01), ("greater", np.nan, np.nan),
]  # fmt: skip


@pytest.mark.parametrize(("name", "at", "value"), KNOWN)
def test_known_values(name, at, value):
    args = [symbol("x")]
    if FUNCTIONS[name].arity[1] == 2:
        args.append(literal(Fraction(1, 100) if name == "leaky_relu" else 0))
    assert np.allclose(evaluate(call(name, *args), {"x": np.float64(at)}), value, equal_nan=True)


def test_logsumexp_does_not_overflow():
    x = np.array([[1000.0, 1000.0], [0.0, -1000.0]])
    assert np.allclose(evaluate(call("logsumexp", symbol("x"), axis=1), {"x": x}), [1000 + np.log(2), 0.0])
    assert np.allclose(evaluate(call("logsumexp", symbol("x")), {"x": x}), 1000 + np.log(2))


def test_rebuilding_without_a_change_gives_the_same_object():
    expression = parse("exp(A @ B) + [[1, 2], [3, 4]][0, 1]", words({"n": 2, "k": 2})).expression
    assert rebuild(expression, lambda node, args: make(node.op, args, node.value)) is expression


NEW = """
from grader.formula.evaluation.evaluate import evaluate, in_balls
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import parse
from grader.formula.symbols import Symbol
from grader.formula.tracing.trace import trace
from grader.formula.writing.latex import latex
from grader.formula.writing.notation_sheet import sheet_sections
from flint import arb
import numpy as np

words = Vocabulary({"x": Symbol()}, {"x": ()})
typed = parse("cubed(2x)", words).expression
assert trace(lambda x: (2 * x).cubed(), {"x": ()}) is typed
assert parse(latex(typed, words), words).expression is typed
assert evaluate(typed, {"x": np.float64(3)}) == 216
assert in_balls(typed, {"x": arb(3)})[-1] == 216
assert evaluate(parse("cubed'(x)", words).expression, {"x": np.float64(3)}) == 27
assert any(line.typed[0] == "cubed(x)" for line in sheet_sections()["Elementary"])
"""


@pytest.mark.process
def test_a_new_function_is_one_row(tmp_path):
    package = shutil.copytree(Path(grader.__file__).parent, tmp_path / "grader")
    table = package / "formula" / "functions" / "table.py"
    row = '    _elementary("cubed", "x times x times x", lambda x: x**3, lambda x: 3 * x**2, tex=None),\n'
    source = table.read_text(encoding="utf-8")
    assert source.count("ROWS = (\n") == 1
    table.write_text(source.replace("ROWS = (\n", "ROWS = (\n" + row), encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", NEW], cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
