"""The LaTeX of an expression: as a teacher would write it, and read back as the same expression."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.formula_strategies import vocabulary

from grader.formula.expression import Expression, call, literal, symbol
from grader.formula.parsing.parser import parse
from grader.formula.writing.latex import latex

WRITTEN = [
    ("W_sx^T W_o^T g", r"{W^{sx}}^\top \, {W^{o}}^\top \, \frac{\partial L}{\partial z^2_t}"),
    ("(W_o W_sx)^T g", r"{\left(W^{o} \, W^{sx}\right)}^\top \, \frac{\partial L}{\partial z^2_t}"),
    ("g^T", r"{\left(\frac{\partial L}{\partial z^2_t}\right)}^\top"),
    ("-2 a", r"-2 \, a"),
    ("-(a + b)", r"-\left(a + b\right)"),
    ("a - (b - 1)", r"a - \left(b - 1\right)"),
    ("a + (-b)", r"a + \left(-b\right)"),
    ("x_t * x_t", r"x_t \odot x_t"),
    ("a * b", r"a \, b"),
    ("a 2", r"a \cdot 2"),
    ("a / b", r"\frac{a}{b}"),
    ("(a/b)^2", r"{\left(\frac{a}{b}\right)}^{2}"),
    ("a^(b+1)", r"{a}^{b + 1}"),
    ("sqrt(a)", r"\sqrt{a}"),
    ("exp(-a)", r"\exp\left(-a\right)"),
    ("sigmoid(b)", r"\sigma\left(b\right)"),
    ("inv(W_ss)", r"{W_{ss}}^{-1}"),
    ("0.25 a", r"0.25 \, a"),
    ("1/3", r"\frac{1}{3}"),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN, ids=[text for text, _ in WRITTEN])
def test_how_it_is_written(words, text, expected):
    assert latex(parse(text, words).expression, words) == expected


def grown(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """Numbers combined into numbers."""
    pair = st.tuples(inner, inner)
    return st.one_of(
        *(pair.map(lambda two, op=op: call(op, *two)) for op in ("add", "subtract", "multiply", "divide")),
        *(inner.map(lambda one, op=op: call(op, one)) for op in ("negative", "exp", "sin", "sqrt", "tanh", "abs")),
        inner.map(lambda one: call("power", one, literal(2))),
    )


scalars = st.recursive(st.sampled_from([symbol("a"), symbol("b"), literal(2), literal(7)]), grown, max_leaves=8)


@settings(max_examples=300, deadline=None)
@given(scalars)
def test_it_reads_back_to_the_same_expression(expression):
    shown = latex(expression, vocabulary())
    assert parse(shown, vocabulary()).expression is expression
