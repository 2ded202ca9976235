"""The notation sheet says what is so: every text on it is read, and all texts of a line are one thing."""

from __future__ import annotations

import numpy as np
import pytest

from grader.formula.evaluation.evaluate import evaluate
from grader.formula.functions.table import ROWS
from grader.formula.parsing.parser import parse
from grader.formula.writing.notation_sheet import LETTERS, SHAPES, SPELLINGS_BY_TOPIC, sheet_sections

POINT = {
    name: np.random.default_rng(5).uniform(0.2, 0.8, shape) + (np.eye(3) if shape == (3, 3) else 0)
    for name, shape in SHAPES.items()
}


@pytest.mark.parametrize(("says", "texts"), SPELLINGS_BY_TOPIC, ids=[says for says, _ in SPELLINGS_BY_TOPIC])
def test_the_texts_of_a_line_mean_the_same(says, texts):
    values = [evaluate(parse(text, LETTERS).expression, POINT) for text in texts]
    assert all(np.allclose(value, values[0]) and np.shape(value) == np.shape(values[0]) for value in values)


def test_every_function_stands_on_it_and_its_texts_are_read():
    lines = [line for heading, found in sheet_sections().items() if heading != "Writing" for line in found]
    assert len(lines) == len([row for row in ROWS if row.group != "Operators"]) + 2
    for line in lines:
        assert parse(line.typed[0], LETTERS).expression is parse(line.latex, LETTERS).expression
