"""An author's NumPy function becomes the expression that it computes, or an error that says why not."""

from __future__ import annotations

import numpy as np
import pytest
from support.formula_strategies import NUMBERS, vocabulary

from grader.formula.evaluation.exact_numbers import Untraceable
from grader.formula.parsing.parser import parse
from grader.formula.tracing.trace import trace


def looping(W_o):
    return sum(W_o[i, 0] for i in range(2))


def unrolling(W_ss, x_t, W_sx):
    state = W_sx @ x_t
    for _ in range(2):
        state = np.tanh(W_ss @ state)
    return state


def in_place(g):
    result = g.copy()
    result += 1
    result *= 2
    return result


FUNCTIONS = [
    (lambda W_sx, W_o, g: W_sx.T @ W_o.T @ g, "W_sx.T @ W_o.T @ g"),
    (lambda W_o, g: np.dot(W_o.T, g), "W_o.T @ g"),
    (lambda a, b: 2 * a + b / 3 - 0.1, "2 a + b/3 - 0.1"),
    (lambda a: -(np.exp(-a) ** 2), "-exp(-a)**2"),
    (lambda a: a / 3 + (1 / 3) * a, "a/3 + 1/3 * a"),
    (lambda a: -2 * a, "(-2) * a"),
    (lambda W_ss: np.linalg.inv(W_ss), "inv(W_ss)"),
    (lambda W_ss: np.linalg.matrix_power(W_ss, -1), "inv(W_ss)"),
    (lambda g: np.sum(g, axis=0), "sum(g, axis=0)"),
    (lambda g: g.mean(), "mean(g)"),
    (lambda a: a * np.pi, "a pi"),
    (lambda a: a + np.e, "a + e"),
    (lambda W_o: np.transpose(W_o) * 2, "transpose(W_o) * 2"),
    (looping, "0 + W_o[0, 0] + W_o[1, 0]"),
    (unrolling, "tanh(W_ss @ tanh(W_ss @ (W_sx @ x_t)))"),
    (in_place, "(g + 1) * 2"),
    (lambda W_o: W_o / np.sqrt(W_o.shape[1]), "W_o / sqrt(4)"),
    (lambda W_o: W_o.shape[0] / 4 * W_o, "2/4 * W_o"),
    (lambda a: np.where((a > 0) & (a < 1), a, 0), "where((a > 0) * (a < 1), a, 0)"),
    (lambda g: np.linalg.multi_dot([g.T, g, g.T]), "g.T @ (g @ g.T)"),
    (lambda g: np.vdot(g, g), "sum(ravel(g) * ravel(g))"),
    (lambda W_ss: np.inner(W_ss, W_ss), "W_ss @ W_ss.T"),
    (lambda v: np.inner(v, v), "v @ v"),
    (lambda W_o, W_sx: np.vdot(W_o, W_sx[:, :2]), "sum(ravel(W_o) * ravel(W_sx[:, :2]))"),
    (lambda g: np.squeeze(g), "g[:, 0]"),
    (lambda v: v * [1, 2] + np.maximum(v, [0.5, 0.25]), "v * [1, 2] + maximum(v, [0.5, 0.25])"),
    (lambda g: np.concatenate([g, [[1.5]]]), "concatenate([g, [[1.5]]])"),
    (lambda W_o: W_o.reshape(8, order="C"), "reshape(W_o, 8)"),
    (lambda W_o: W_o.swapaxes(0, 1), "transpose(W_o, (1, 0))"),
    (lambda g: (g.T @ g).item(), "reshape(g.T @ g, 1)[0]"),
    (lambda g: np.clip(g, None, 2), "minimum(g, 2)"),
    (lambda g, rate=0.5: rate * g, "0.5 * g"),
    (lambda v: np.expand_dims(v, 1), "v[:, None]"),
    (lambda a: a if np.sqrt(4.0) == 2 else -a, "a"),
    (lambda g: np.einsum("ij,kj->ik", g, g, optimize=True), "einsum('ij,kj->ik', g, g)"),
    (lambda W_ss: W_ss @ np.eye(4) + np.zeros((4, 4)), "W_ss @ eye(4) + zeros((4, 4))"),
    (lambda g: np.array([[1.5], [-2.0]]) * g, "np.array([[1.5], [-2]]) * g"),
]


@pytest.mark.parametrize(("function", "formula"), FUNCTIONS, ids=[text for _, text in FUNCTIONS])
def test_what_is_recorded(function, formula):
    assert trace(function, NUMBERS) is parse(formula, vocabulary()).expression


def asking(a):
    return a if a > 0 else -a


def viewing(g):
    first = g[0]
    first += 1
    return g


def setting(g):
    g[0, 0] = 1
    return g


ONLY_A_SYMBOL = "it asks for a number where only a symbol is known (a comparison, an index, a conversion, …)"
REFUSED = [
    (lambda q: q, "its parameter 'q' is none of the problem's symbols"),
    (asking, ONLY_A_SYMBOL),
    (lambda a: float(a), ONLY_A_SYMBOL),
    (lambda a: [1, 2][a], ONLY_A_SYMBOL),
    (lambda a: np.fft.fft(a), "it uses fft, which formulas do not have"),
    (lambda a: a % 2, "it uses remainder, which formulas do not have"),
    (lambda a: a.foo, "it uses .foo of an array, which formulas do not have"),
    (lambda a: np.multiply.outer(a, a), "it uses multiply.outer, which formulas do not have"),
    (lambda a: "text", "it uses a str, which is no part of a formula"),
    (lambda a: None, "it uses a NoneType, which is no part of a formula"),
    (lambda a: a * np.inf, "it uses a number that is not finite"),
    (lambda a: a * 3**0.5, "it uses the number 1.7320508075688772, which was worked out in floating point: let np.sqrt, np.exp, … of a plain number stand in the formula"),
    (lambda W_o, g: W_o @ g, "in 2×4 times 2×1 the inner sizes 4 and 2 differ"),
    (lambda W_o: W_o.reshape(8, order="F"), "it uses reshape otherwise than formulas can: The function “reshape” has no order."),
    (lambda g: np.array([g, g]), "it makes an array out of a list of symbols; put np.stack or np.array around the list"),
    (lambda g: g[g > 0], "it uses an index that is neither a whole number nor a slice"),
    (setting, "it sets single entries; build the array with np.stack, np.concatenate or np.where instead"),
    (viewing, "it changes an array in place of which there are other views; write A = A + … instead"),
    (lambda g: np.average(g, weights=g), "it uses average otherwise than formulas can: The function “mean” has no weights."),
    (lambda W_o: np.cumsum(W_o), "it uses cumsum otherwise than formulas can: say the axis"),
    (lambda W_o: np.linalg.norm(W_o, 2), "this norm is taken of a vector, and this is 2×4"),
    (lambda g: np.diag(g), "it uses diag otherwise than formulas can: np.diag of a column is its first entry"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "message"), REFUSED, ids=[str(at) for at in range(len(REFUSED))])
def test_what_cannot_be_recorded(function, message):
    with pytest.raises(Untraceable) as caught:
        trace(function, NUMBERS)
    assert str(caught.value) == message


def test_the_functions_own_errors_are_its_own():
    with pytest.raises(ZeroDivisionError):
        trace(lambda a: 1 // 0, NUMBERS)
