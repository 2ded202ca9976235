"""A NumPy function in place of a formula: what is right, which mistakes are recognised, and which specs are refused."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter
from support.blanks import mistake

from grader.authoring.reference_functions import ReferenceFunctions
from grader.core.verdict import Shape
from grader.formula.symbols import Symbol
from grader.grading.grade import judge
from grader.kinds.base.context import BlankSpecError, Context
from grader.kinds.registry import AnySpec

pytestmark = pytest.mark.process

SIZES = {"n": 3, "m": 2}
SYMBOLS = {"A": Symbol(shape=("m", "n")), "v": Symbol(shape=("n",))}
FORMULA = {"kind": "formula", "reference": "A @ v", "function": {"name": "f", "parameters": ["A", "v"]}}
INSTEAD = [
    ("A v", "correct", None),
    ("def f(A, v):\n    return A @ v", "correct", None),
    ("def f(A, v):\n    return sum(A[:, j] * v[j] for j in range(len(v)))", "correct", None),
    ("def f(A, v):\n    return -A @ v", "incorrect", "sign-flipped"),
    ("def f(A, v):\n    return A[:, :3] @ v[:3] if len(v) > 2 else 0", "incorrect", None),
    ("def f(A, v):\n    return 1 - (1 - A @ v) + 1e-6", "incorrect", None),
    ("def g(A, v):\n    return A @ v", "unreadable", None),
]


@pytest.mark.parametrize(("text", "outcome", "name"), INSTEAD)
def test_a_function_stands_in_for_a_formula(text, outcome, name):
    spec = TypeAdapter(AnySpec).validate_python({"points": 2, **FORMULA})
    verdict = judge(spec.prepare(Context("a", ReferenceFunctions("", SYMBOLS, SIZES), SYMBOLS, SIZES)), text)
    assert (verdict.outcome, mistake(verdict)) == (outcome, name)


def test_a_wrong_shape_of_a_function_is_shown_and_the_right_one_only_at_full():
    spec = TypeAdapter(AnySpec).validate_python({"points": 2, **FORMULA})
    blank = spec.prepare(Context("a", ReferenceFunctions("", SYMBOLS, SIZES), SYMBOLS, SIZES))
    verdict = judge(blank, "def f(A, v):\n    return v + 1")
    found = next(finding for finding in verdict.findings if isinstance(finding, Shape))
    assert found.sentence == "Its value has the shape (3,); (2,) is expected."
    assert found.at("hint").sentence == "Its value has the shape (3,)."


BAD_FORMULAS = [
    ({"function": {"name": "f", "parameters": ["A", "w"]}}, "'w' is no symbol of the problem"),
    ({"function": {"name": "f", "parameters": ["A"]}}, "the reference uses 'v'"),
    ({"up_to": "sign"}, "a function is compared with formulas only, and exactly these"),
]


@pytest.mark.parametrize(("fields", "message"), BAD_FORMULAS)
def test_a_function_that_cannot_stand_in_is_the_authors_mistake(fields, message):
    spec = TypeAdapter(AnySpec).validate_python({"points": 2, **FORMULA, **fields})
    with pytest.raises(BlankSpecError, match=message):
        spec.prepare(Context("a", ReferenceFunctions("", SYMBOLS, SIZES), SYMBOLS, SIZES))
