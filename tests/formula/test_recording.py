"""An author's NumPy function becomes the expression that it computes, or an error that says why not."""

from __future__ import annotations

import numpy as np
import pytest
from formula_words import SIZES, SYMBOLS, vocabulary

from grader.formula.notation import read
from grader.formula.recording import Unrecordable, record

FUNCTIONS = [
    (lambda W_sx, W_o, g: W_sx.T @ W_o.T @ g, "W_sx.T @ W_o.T @ g"),
    (lambda W_o, g: np.dot(W_o.T, g), "W_o.T @ g"),
    (lambda a, b: 2 * a + b / 3 - 0.1, "2 a + b/3 - 0.1"),
    (lambda a: -(np.exp(-a) ** 2), "-exp(-a)**2"),
    (lambda W_ss: np.linalg.inv(W_ss), "inv(W_ss)"),
    (lambda g: np.sum(g, axis=0), "sum(g, axis=0)"),
    (lambda g: g.mean(), "mean(g)"),
    (lambda a, b: np.maximum(a, b) * np.pi, None),
    (lambda W_o: np.transpose(W_o) * 2, "transpose(W_o) * 2"),
]


@pytest.mark.parametrize(("function", "formula"), FUNCTIONS, ids=[str(text) for _, text in FUNCTIONS])
def test_what_is_recorded(function, formula):
    recorded = record(function, SYMBOLS, SIZES)
    if formula is None:
        assert repr(recorded) == "multiply(maximum(a, b), 3141592653589793/1000000000000000)"
    else:
        assert recorded is read(formula, vocabulary()).expression


def looping(W_o):
    return sum(W_o[i, 0] for i in range(2))


def asking(a):
    return a if a > 0 else -a


REFUSED = [
    (lambda q: q, "its parameter 'q' is none of the problem's symbols"),
    (looping, "it asks for a number where only a symbol is known (a comparison, a loop over entries, …)"),
    (asking, "it uses greater, which formulas do not have"),
    (lambda a: np.fft.fft(a), "it uses fft, which formulas do not have"),
    (lambda a: "text", "it uses a str, which is no part of a formula"),
    (lambda a: a * np.inf, "it uses a number that is not finite"),
    (lambda W_o, g: W_o @ g, "in 2×4 times 2×1 the inner sizes 4 and 2 differ"),
    (lambda a: 1 // 0, "it fails: ZeroDivisionError: integer division or modulo by zero"),
]


@pytest.mark.parametrize(("function", "message"), REFUSED, ids=[message[:30] for _, message in REFUSED])
def test_what_cannot_be_recorded(function, message):
    with pytest.raises(Unrecordable) as caught:
        record(function, SYMBOLS, SIZES)
    assert str(caught.value) == message
