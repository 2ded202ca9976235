"""Any expression over the whole table, written in any notation, reads back to the very same expression."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from grader.core.errors import Unreadable
from grader.formula.evaluation.evaluate import evaluate
from grader.formula.evaluation.serialize import from_json, to_json
from grader.formula.evaluation.shapes import ShapeMismatch, shapes
from grader.formula.expression import DISPLAY, Expression, call, expand_definitions, literal, make, symbol
from grader.formula.functions.table import CONSTANTS, ROWS, Function
from grader.formula.parsing.lexing.definitions import Definition
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import parse
from grader.formula.symbols import Symbol
from grader.formula.writing.latex import latex
from grader.formula.writing.plain_text import plain_text

SHAPES = {
    "A": (2, 3),
    "B": (3, 2),
    "S": (3, 3),
    "g": (2, 1),
    "r": (1, 3),
    "u": (3,),
    "v": (2,),
    "a": (),
    "b": (),
    "alpha": (),
    "W_sx": (2, 3),
    "x_1": (3, 1),
}
TEX = {"W_sx": "W^{sx}", "g": r"\frac{\partial L}{\partial z}", "x_1": "x_1"}
SYMBOLS = {name: Symbol(shape=shape, tex=TEX.get(name)) for name, shape in SHAPES.items()}
Z = symbol("z")
FUNCTIONS = {
    "f1": Definition("f1", call("tanh", Z), "z", "z"),
    "z1": Definition("z1", call("matmul", symbol("A"), symbol("x_1"))),
}
AXES = (None, 0, 1, -1)
AT = (
    (0,),
    (-1,),
    (0, 1),
    ((None, None, None), 0),
    ((1, None, None),),
    ((None, 2, None), (None, None, -1)),
    (None,),
    ("...", None),
    ((None, None, None), None),
)
FIXED: dict[str, list[dict[str, Any]]] = {
    "index": [{"at": at} for at in AT], "matrix_power": [{"n": 2}, {"n": -2}, {"n": 0}], "transpose": [{}, {"axes": (1, 0)}],
    "reshape": [{"shape": (6,)}, {"shape": (3, 2)}, {"shape": (-1, 1)}], "eye": [{"shape": (3,)}], "ones": [{"shape": (2, 3)}, {"shape": (3,)}],
    "zeros": [{"shape": (2, 1)}], "onehot": [{"shape": (1, 3)}], "norm": [{}, {"ord": 1}, {"ord": 2}, {"axis": 0}, {"axis": 1, "keepdims": True}],
    "stack": [{}, {"axis": 1}, {"axis": -1}], "concatenate": [{}, {"axis": 1}, {"axis": 0}], "sum": [{}, {"axis": (0, 1)}, {"axis": 0}, {"axis": 1, "keepdims": True}],
    "var": [{}, {"axis": 0}, {"axis": 1, "ddof": 1}], "einsum": [{"subscripts": "ij->ji"}, {"subscripts": "ij,jk->ik"}, {"subscripts": "i,i"}],
}  # fmt: skip
USED = [row for row in ROWS if row.name != "dot"]


def vocabulary(star: str = "elementwise") -> Vocabulary:
    return Vocabulary(SYMBOLS, SHAPES, star, (), FUNCTIONS, {"n": 3}, mixing=True)  # type: ignore[arg-type]


@st.composite
def expressions(draw: st.DrawFn) -> Expression:
    """Grown step by step from symbols and numbers; a step whose shapes do not fit is left out."""
    pool = [symbol(name) for name in SHAPES] + [symbol(name) for name in CONSTANTS]
    pool += [
        literal(2),
        literal(Fraction(1, 4)),
        literal(1000),
        literal(Fraction(3, 10**8)),
        literal(Fraction(9999, 10)),
        literal(0),
    ]
    last = draw(st.sampled_from(pool))
    for _ in range(draw(st.integers(1, 7))):
        grown = step(draw, pool, last)
        try:
            shape = shapes(grown, SHAPES, mixing=True)[grown]
        except ShapeMismatch:
            continue
        if np.prod(shape, dtype=int) <= 60 and len(shape) <= 3:
            pool.append(grown)
            last = grown
    return last


def step(draw: st.DrawFn, pool: list[Expression], last: Expression) -> Expression:
    row: Function = draw(st.sampled_from(USED))
    least, most = row.arity
    count = draw(st.integers(least, min(most, 3)))
    args = [draw(st.sampled_from([last, last, *pool])) for _ in range(count)]
    if draw(st.integers(0, 19)) == 0:
        return FUNCTIONS["f1"].apply(last, draw(st.integers(0, 1)))
    if draw(st.integers(0, 19)) == 0:
        return FUNCTIONS["z1"].as_expression()
    if row.defaults:
        args = [*args[:1], literal(Fraction(1, 100))]
    axes = {"axis": draw(st.sampled_from(AXES))} if "axis" in row.attributes else {}
    attributes = (
        draw(st.sampled_from(FIXED[row.name]))
        if row.name in FIXED
        else {key: each for key, each in axes.items() if each is not None}
    )
    return call(row.name, *args, **attributes)


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(expressions())
def test_it_reads_back_from_every_notation(expression):
    for star in ("elementwise", "product"):
        words = vocabulary(star)
        for text in (latex(expression, words), plain_text(expression, words), plain_text(expression, words, "numpy")):
            assume(len(text) <= 2000)
            try:
                back = parse(text, words).expression
            except Unreadable as error:
                assume("too large to work out" not in error.message)
                raise
            assert back is expression, text


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(expressions())
def test_it_goes_through_plain_data_and_keeps_its_value_when_expanded(expression):
    assert from_json(to_json(expression)) is expression
    draw = np.random.default_rng(2)
    point = {name: draw.uniform(0.2, 0.8, shape) for name, shape in SHAPES.items()}
    assert np.allclose(evaluate(expression, point), evaluate(expand_definitions(expression), point), equal_nan=True)


def test_no_operation_comes_in_from_outside_that_is_not_in_the_table():
    with pytest.raises(ValueError, match="no operation 'display'"):
        from_json([("symbol", [], "a"), (DISPLAY, [0], None)])
    assert from_json(to_json(make("exp", (symbol("a"),)))) is call("exp", symbol("a"))
