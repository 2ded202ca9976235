"""LaTeX as text for terminals, and the prose around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reports.terminal.plain_maths import maths, prose, read_as

TEXTS = [
    (r"{W^{sx}}^\top \, {W^{o}}^\top \, \frac{\partial \mathrm{Loss}}{\partial z^2_t}", "W^sxᵀ W^oᵀ ∂Loss/∂z²_t"),
    (r"2 \times 4", "2 × 4"),
    ("m x", "mx"),
    (r"\frac{a + b}{2 c}", "(a + b)/2c"),
    (r"\frac{1}{n + 1}", "1/(n + 1)"),
    (r"x^{-1} + y^2", "x⁻¹ + y²"),
    ("x^{n+1}", "x^(n+1)"),
    ("s_{t-1}", "s_(t−1)"),
    (r"-2 \, a", "−2 a"),
    (r"a - \left(-b\right)", "a − (−b)"),
    (r"{\left(a + b\right)}^{2}", "(a + b)²"),
    (r"\sqrt{x}", "√x"),
    (r"\sqrt[3]{x + 1}", "³√(x + 1)"),
    (r"\exp\left(-x\right)", "exp(−x)"),
    (r"\left\|x\right\|", "‖x‖"),
    (r"\hat{y}", "y\u0302"),
    (r"f_1\left(z\right)", "f_1(z)"),
    (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "[1, 2; 3, 4]"),
    (r"\begin{bmatrix} h \\ x \end{bmatrix}", "[h; x]"),
    (r"\begin{aligned} a &= b & c &= d \\ e &= f \end{aligned}", "a = b\u2003\u2003c = d\ne = f"),
    (r"{A}^{\odot 2}", "A^(⊙2)"),
    (r"\undefined{", r"\undefined{"),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "text"), TEXTS, ids=[text for _, text in TEXTS])
def test_a_formula_in_a_line(latex, text):
    assert maths(latex) == text


def test_prose_keeps_its_marks_and_formulas_lose_theirs():
    assert prose("The *state* $s_t$ and `W_sx`.") == r"The *state* s\_t and `W_sx`."
    assert prose("See\n$$a_1 = b$$\nbelow.") == "See\n\n\n    a_1 = b\n\n\nbelow."


def test_a_verdict_is_read_as_text():
    assert (read_as(r"$2 \times 2$"), read_as("A, C")) == ("2 × 2", "A, C")


@given(st.text(max_size=60))
def test_any_latex_is_some_text(latex):
    assert isinstance(maths(latex), str)
