"""Every function of the table in ball arithmetic: the ball holds the float value's neighbourhood, and is narrow."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from flint import arb
from support.numpy_rows import CASES, NUMPY, SIZES, at, numbers

from grader.formula.evaluation.evaluate import ball_entries, evaluate, in_balls
from grader.formula.functions.ball_precision import working_precision
from grader.formula.functions.table import FUNCTIONS
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import parse
from grader.formula.symbols import Symbol
from grader.formula.tracing.trace import trace


def balls(point):
    return {name: np.frompyfunc(arb, 1, 1)(value) for name, value in point.items()}


@pytest.mark.parametrize("sizes", SIZES[:2], ids=str)
@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_ball_holds_what_numpy_computes(name, case, sizes):
    function = NUMPY[name][case]
    point = at(sizes, list(inspect.signature(function).parameters))
    try:
        function(**point)
    except (IndexError, ValueError):
        pytest.skip("NumPy does not take these sizes")
    expression = trace(function, numbers(sizes))
    expected = evaluate(expression, point)
    with working_precision(80):
        value = in_balls(expression, balls(point))[-1]
    assert np.shape(value) == expected.shape
    for ball, number in zip(ball_entries(value), expected.ravel(), strict=True):
        assert abs(float(ball.mid()) - number) <= 1e-11 * max(1, abs(number))
        assert float(ball.rad()) < 1e-12


OTHERS = [
    "sigmoid(u)",
    "relu(u)",
    "leaky_relu(u)",
    "softplus(u)",
    "softmax(u)",
    "logsumexp(u)",
    "factorial(u)",
    "gamma(u)",
    "binomial(5, 2)",
    "binomial(v, u)",
    "onehot(1, 3)",
    "inner(u, v)",
    "clip(u, 0, 0.3)",
]


@pytest.mark.parametrize("text", OTHERS)
def test_what_numpy_does_not_have(text):
    words = Vocabulary({"u": Symbol(shape=(3,)), "v": Symbol(shape=(3,))}, {"u": (3,), "v": (3,)}, "elementwise")
    point = {"u": np.array([0.5, 1.25, -0.375]), "v": np.array([2.5, 3.25, 0.375])}
    expression = parse(text, words).expression
    expected = evaluate(expression, point)
    value = in_balls(expression, balls(point))[-1]
    assert np.allclose([float(ball.mid()) for ball in ball_entries(value)], expected.ravel(), rtol=1e-12)


def test_every_row_is_covered():
    assert {name for name, _ in CASES} | {
        "sigmoid",
        "relu",
        "leaky_relu",
        "softplus",
        "softmax",
        "logsumexp",
        "factorial",
        "gamma",
        "binomial",
        "onehot",
        "inner",
    } >= set(FUNCTIONS)


UNDEFINED = [
    "log(a)",
    "sqrt(a)",
    "1/(a + 1)",
    "arcsin(a - 1)",
    "arccosh(a)",
    "a^0.5",
    "0^a",
    "gamma(a)",
    "inv([1, 1; 1, 1])",
    "log(0)",
]


@pytest.mark.parametrize("text", UNDEFINED)
def test_what_is_undefined_is_nan_at_any_precision(text):
    words = Vocabulary({"a": Symbol()}, {"a": ()}, "elementwise")
    for precision in (53, 640):
        with working_precision(precision):
            value = in_balls(parse(text, words).expression, {"a": arb(-1)})[-1]
        assert not any(ball.is_finite() for ball in ball_entries(value))


OPEN = [
    ("a > 0", 0.0, 1.0),
    ("floor(a)", -1.0, 0.0),
    ("sign(a)", -1.0, 1.0),
    ("where(a > 0, 5, 7)", 5.0, 7.0),
    ("argmax([a, 0])", 0.0, 1.0),
    ("(a == 0)", 0.0, 1.0),
]


@pytest.mark.parametrize(("text", "low", "high"), OPEN)
def test_what_a_ball_does_not_settle_is_a_ball_that_holds_both(text, low, high):
    words = Vocabulary({"a": Symbol()}, {"a": ()}, "elementwise")
    [ball] = ball_entries(in_balls(parse(text, words).expression, {"a": arb(0, 1e-9)})[-1])
    assert ball.contains(low)
    assert ball.contains(high)
