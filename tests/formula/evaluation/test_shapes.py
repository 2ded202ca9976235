"""Shapes fit or the first misfit is named, in numbers and in letters."""

from __future__ import annotations

import pytest
from support.formula_strategies import LETTERS, NUMBERS

from grader.formula.evaluation.shapes import ShapeMismatch, shape_equation, shapes
from grader.formula.parsing.parser import parse

FIT = [
    ("W_sx^T W_ss W_o^T g", "(3×1) = (3×4)(4×4)(4×2)(2×1)", "(d×1) = (d×m)(m×m)(m×n)(n×1)"),
    ("W_o W_sx", "(2×3) = (2×4)(4×3)", "(n×d) = (n×m)(m×d)"),
    ("(W_o W_sx)^T g", "(3×1) = (3×2)(2×1)", "(d×1) = (d×n)(n×1)"),
    ("2 a g", "(2×1)", "(n×1)"),
    ("v", "(2,)", "(n,)"),
    ("g + g", "(2×1)", "(n×1)"),
]
MISFIT = [
    ("W_o g", "in 2×4 times 2×1 the inner sizes 4 and 2 differ", "W_o g"),
    ("W_ss (W_sx W_o)", "in 4×3 times 2×4 the inner sizes 3 and 2 differ", "W_sx W_o"),
    ("g + x_t", "2×1 and 3×1 do not go together entry by entry: 2 is not 3", "g + x_t"),
    (
        "g * v",
        "2×1 has 2 axes and (2,) has 1 axis, so they do not go together entry by entry (NumPy would make 2×2 of them)",
        "g * v",
    ),
    ("a @ g", "@ multiplies matrices and vectors, and one side is a single number", "a @ g"),
    ("inv(W_o)", "a square matrix is needed here, and this is 2×4", "inv(W_o)"),
    ("g.sum(axis=2)", "there is no axis 2 in 2×1", "g.sum(axis=2)"),
    ("softmax(W_o)", "of a matrix (2×4) the axis must be said: axis=0 or axis=1", "softmax(W_o)"),
]


@pytest.mark.parametrize(("text", "numbers", "letters"), FIT, ids=[text for text, _, _ in FIT])
def test_the_check_written_out(words, text, numbers, letters):
    expression = parse(text, words).expression
    assert shape_equation(expression, NUMBERS) == numbers
    assert shape_equation(expression, LETTERS) == letters


@pytest.mark.parametrize(("text", "sentence", "place"), MISFIT, ids=[text for text, _, _ in MISFIT])
def test_the_first_misfit_is_named_at_its_place(words, text, sentence, place):
    reading = parse(text, words)
    with pytest.raises(ShapeMismatch) as caught:
        shapes(reading.expression, NUMBERS)
    assert caught.value.sentence == sentence
    start, end = reading.spans[caught.value.node]
    assert text[start:end] == place
    assert shape_equation(reading.expression, NUMBERS) is None
