"""The same problem under another title, in another writing or in part is recognised; what merely looks alike is not."""

from __future__ import annotations

import pytest

from grader.authoring.loader import load_problem
from grader.grading.same_problem import key_fingerprints

pytestmark = pytest.mark.process

HEAD = """\
title: {title}
sizes: {{m: 3, n: 2}}
symbols:
  W: {{shape: [m, n]}}
  x: {{shape: [n, 1]}}
parts:
"""
FORMULA = "  - {id: a, ask: Which?, kind: formula, points: 1, symbols: [W, x], reference: '%s'}\n"
FUNCTION = "  - {id: b, ask: Write it., kind: function, points: 1, name: f, parameters: [W, x], reference: %s}\n"
WORD = "  - {id: c, ask: A word?, kind: word, points: 1, accept: [softmax]}\n"
SHAPE = "  - {id: d, ask: A shape?, kind: dimensions, points: 1, shape: [3, 2]}\n"
NUMBER = "  - {id: e, ask: A number?, kind: number, points: 1, value: 42}\n"
MODEL = """\
import numpy as np

def layer(W, x):
    return np.tanh(W @ x)

def written_otherwise(W, x):
    z = np.dot(W, x)
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))

def with_a_loop(W, x):
    rows = [float(sum(row[j] * float(x[j, 0]) for j in range(len(row)))) for row in W.tolist()]
    return np.tanh(np.array(rows)).reshape(-1, 1)

def other(W, x):
    return np.tanh(W @ x) + 1e-6
"""


def fingerprints(folder, *parts, title="One"):
    folder = folder / f"p{len(list(folder.iterdir()))}" / "same"
    folder.mkdir(parents=True)
    (folder / "problem.yaml").write_text(HEAD.format(title=title) + "".join(parts), encoding="utf-8")
    (folder / "reference.py").write_text(MODEL, encoding="utf-8")
    return key_fingerprints(load_problem(folder))


SAME = {
    "another title": ([FORMULA % "W x"], [FORMULA % "W x"]),
    "another order": ([FORMULA % "3 W x + W x"], [FORMULA % "W x + 3 W x"]),
    "another writing": ([FORMULA % "2 W x"], [FORMULA % "W (x + x)"]),
    "one part of two": ([FORMULA % "W x", WORD], [SHAPE, FORMULA % "W x"]),
    "a formula and a function": ([FORMULA % "tanh(W x)"], [FUNCTION % "layer"]),
    "two functions": ([FUNCTION % "layer"], [FUNCTION % "written_otherwise"]),
    "a function that cannot be recorded": ([FUNCTION % "layer"], [FUNCTION % "with_a_loop"]),
}
DIFFERENT = {
    "other formulas": ([FORMULA % "W x"], [FORMULA % "2 W x"]),
    "functions that nearly agree": ([FUNCTION % "layer"], [FUNCTION % "other"]),
    "the same shape": ([SHAPE, FORMULA % "W x"], [SHAPE, FORMULA % "3 W x"]),
    "the same word": ([WORD], [WORD]),
    "the same number": ([NUMBER], [NUMBER]),
    "the same lone symbol": ([FORMULA % "x"], [FORMULA % "x"]),
    "the same constant": ([FORMULA % "2 pi"], [FORMULA % "pi + pi"]),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same(tmp_path, name):
    one, other = SAME[name]
    assert fingerprints(tmp_path, *one) & fingerprints(tmp_path, *other, title="Another")


@pytest.mark.parametrize("name", DIFFERENT)
def test_not_the_same(tmp_path, name):
    one, other = DIFFERENT[name]
    assert not fingerprints(tmp_path, *one) & fingerprints(tmp_path, *other)


DOMAINS = [
    ("{shape: [n, 1], domain: [1, 5]}", "log(x - 1)"),
    ("{shape: [n, 1], domain: positive}", "sqrt(x) + log(x)"),
    ("{shape: [n, 1], domain: [-1, 1]}", "log(x) + x"),  # It has a value at some of the points.
]


@pytest.mark.parametrize(("symbol", "key"), DOMAINS, ids=[key for _, key in DOMAINS])
def test_points_are_drawn_where_the_key_has_values(tmp_path, symbol, key):
    found = []
    for number, title in enumerate(("One", "Another")):
        folder = tmp_path / str(number) / "same"
        folder.mkdir(parents=True)
        text = HEAD.format(title=title).replace("{shape: [n, 1]}", symbol) + FORMULA.replace("[W, x]", "[x]") % key
        (folder / "problem.yaml").write_text(text, encoding="utf-8")
        found.append(key_fingerprints(load_problem(folder)))
    assert found[0]
    assert found[0] == found[1]
