"""Every formula of the labelled pairs is read, and has the value that NumPy gives the same text."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from support.paths import CASES

from grader.formula.equality.domains import sample, to_floats
from grader.formula.evaluation.shapes import shapes
from grader.formula.evaluation.value import evaluate
from grader.formula.functions import numpy_values
from grader.formula.functions.table import FUNCTIONS
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import read
from grader.formula.symbols import Symbol
from grader.formula.writing.latex import latex
from grader.formula.writing.plain_text import typed

PAIRS = [json.loads(line) for line in (CASES / "equality.jsonl").read_text().splitlines()]
TEXTS = [(pair["id"], which, pair["vars"], pair[which]) for pair in PAIRS for which in ("reference", "answer")]
PYTHON: dict[str, Any] = {
    **{name: getattr(np, name) for name in FUNCTIONS if hasattr(np, name)},
    **{name: getattr(np.linalg, name) for name in ("inv", "det", "norm", "solve", "matrix_power")},
    "concat": np.concatenate, "pi": np.pi, "e": np.e, "onehot": lambda i, n: np.eye(n)[i],
    **{name: getattr(numpy_values, name) for name in ("sigmoid", "softmax", "relu", "softplus", "logsumexp", "leaky_relu", "factorial", "gamma", "binomial")},
}  # fmt: skip
"""The same texts, evaluated by Python."""


@pytest.mark.parametrize(
    ("name", "which", "variables", "text"), TEXTS, ids=[f"{name}-{which}" for name, which, _, _ in TEXTS]
)
def test_it_means_what_python_makes_of_it(name, which, variables, text):
    symbols = {each: Symbol.model_validate(given) for each, given in variables.items()}
    sizes = {each: tuple(int(dim) for dim in symbol.shape) for each, symbol in symbols.items()}
    words = Vocabulary(symbols, sizes, "elementwise", mixing=True)
    reading = read(text, words)
    draw = np.random.default_rng(11)
    point = {each: to_floats(sample(symbol.domain, sizes[each], draw)) for each, symbol in symbols.items()}
    with np.errstate(all="ignore"):
        expected = eval(text, {**PYTHON, **point})
    value = evaluate(reading.expression, point)
    assert shapes(reading.expression, sizes, mixing=True)[reading.expression] == np.shape(expected)
    assert np.allclose(value, expected, rtol=1e-9, equal_nan=True)
    assert reading.review is None
    for written in (
        latex(reading.expression, words),
        typed(reading.expression, words, "numpy"),
        typed(reading.expression, words),
    ):
        back = read(written, words).expression
        assert back is reading.expression or np.allclose(evaluate(back, point), expected, rtol=1e-9, equal_nan=True), (
            written
        )
