"""What else a formula blank can be told: several keys, up to a sign or a constant, rules, numbers, evidence."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter
from support.blanks import outcome

from grader.authoring.reference_functions import ReferenceFunctions
from grader.core.verdict import Counterexample, Evidence
from grader.formula.symbols import Symbol
from grader.grading.grade import judge
from grader.kinds.base.context import BlankSpecError, Context
from grader.kinds.registry import AnySpec

SIZES = {"n": 3}
SYMBOLS = {
    "x": Symbol(domain="pos"),
    "y": Symbol(),
    "C": Symbol(),
    "v": Symbol(shape=("n",)),
    "A": Symbol(shape=("n", "n")),
    "B": Symbol(shape=("n", "n")),
}
SOURCE = """
import numpy as np

def largest(A):
    return np.linalg.svd(A, compute_uv=False)[0]

def sorted_sum(v):
    total = 0.0
    for entry in sorted(v):
        total += entry
    return total

def branching(y):
    return y * y if y > 0 else -y * y

def uneven(y):
    return np.ones(2 if y > 0 else 3)

def never(y):
    return float("nan")

def stray(q):
    return q

def breaks(y):
    raise RuntimeError("no such luck")
"""


def prepared(**fields):
    spec = TypeAdapter(AnySpec).validate_python({"kind": "formula", "points": 2, **fields})
    functions = ReferenceFunctions(SOURCE, SYMBOLS, SIZES)
    return spec.prepare(Context("a", functions, SYMBOLS, SIZES, run=functions.run))


OPTIONS = [
    ({"reference": ["x + y", "x - y"]}, {"y + x": "correct", "x - y": "correct", "y - x": "incorrect", "x + abs(y)": "incorrect"}),
    ({"reference": "v", "up_to": "sign"}, {"v": "correct", "-v": "correct", "0 - v": "correct", "2v": "incorrect", "abs(v)": "incorrect", "v * sign(v)": "incorrect"}),
    (
        {"reference": "x^2 / 2", "up_to": "constant"},
        {"x^2/2": "correct", "x^2/2 + 7": "correct", "x^2/2 + C": "correct", "(x^2 + 1)/2 - pi": "correct", "x^2/2 + y^2": "correct",
         "x^2/2 + C x": "incorrect", "x^2": "incorrect", "C": "incorrect", "x^2/2 + sign(x - 1000)": "incorrect"},
    ),
    ({"reference": "log(x)", "up_to": "constant"}, {"log(3x)": "correct", "log(x^2)": "incorrect", "log(x/C^2)": "correct", "2 log(sqrt(x)) + C": "correct"}),
    (
        {"reference": "x y", "up_to": "constant", "varying": ["x"]},
        {"x y + y^2": "correct", "x y + x": "incorrect", "x y + 1": "correct"},
    ),
    (
        {"reference": "inv(A) v", "forbids": ["inv"]},
        {"solve(A, v)": "correct", "inv(A) v": "incorrect", "A^-1 v": "incorrect", "np.linalg.inv(A) @ v": "incorrect",
         "matrix_power(A, -1) @ v": "incorrect"},
    ),
    ({"reference": "x + x", "requires": ["x"], "forbids": ["*"]}, {"x + x": "correct", "2 * x": "incorrect", "x/0.5": "correct"}),
    ({"reference": "0 y", "requires": ["y"]}, {"y - y": "correct", "0": "incorrect"}),
    ({"reference": "x", "tolerance": 1e-3}, {"1.0005 x": "correct", "1.002 x": "incorrect", "x + 0.0001": "incorrect"}),
    ({"reference": "x"}, {"x + 1e-60": "incorrect", "x * (1 + 1e-30)": "incorrect", "x": "correct"}),
    ({"reference": "largest", "compare": "numeric"}, {"norm(A)": "incorrect", "max(A)": "incorrect", "A": "incorrect"}),
    ({"reference": "sorted_sum", "compare": "numeric"}, {"sum(v)": "correct", "v[0] + v[1] + v[2]": "correct", "sum(v) + 0.1": "incorrect", "log(-exp(sum(v)))": "incorrect"}),
    ({"reference": "branching", "compare": "numeric"}, {"y |y|": "correct", "y^2": "incorrect", "sign(y) y^2": "correct"}),
]  # fmt: skip
CASES = [(fields, text, expected) for fields, answers in OPTIONS for text, expected in answers.items()]


@pytest.mark.process
@pytest.mark.parametrize(
    ("fields", "text", "expected"), CASES, ids=[f"{each[0]['reference']}: {each[1]}" for each in CASES]
)
def test_what_is_accepted(fields, text, expected):
    assert outcome(prepared(**fields), text) == expected


def test_a_broken_rule_is_said_and_told_beforehand():
    fields = {"reference": "solve(A, v)", "forbids": ["inv", "*"], "requires": ["A"]}
    assert judge(prepared(**fields), "A^-1 v").reason == "This answer uses inv, which is not allowed here."
    assert judge(prepared(**fields), "solve(A, v) * 1").reason == "This answer uses *, which is not allowed here."
    blank = prepared(reference="v - v", requires=["A"])
    assert judge(blank, "v - v").reason == "This answer must use A, and it does not."
    spec = TypeAdapter(AnySpec).validate_python({"kind": "formula", "points": 1, **fields})
    public = spec.public(Context("a", prepared, SYMBOLS, SIZES))
    assert public.instructions.endswith(" Use A. Do not use inv or *.")


SPECS = [
    ({"reference": "x", "forbids": ["inverze"]}, "'inverze' is no name or function that an answer could use", ("forbids",)),
    ({"reference": "x", "up_to": "constant", "varying": ["z"]}, "'z' is no symbol", ("varying", 0)),
    ({"reference": "x", "compare": "numeric"}, "compare: numeric needs one function of reference.py", ("reference",)),
    ({"reference": ["largest", "never"], "compare": "numeric"}, "compare: numeric needs one function of reference.py", ("reference",)),
    ({"reference": "largest", "compare": "numeric", "up_to": "sign"}, "compare: numeric accepts no more than the numbers themselves", ("up_to",)),
    ({"reference": "uneven", "compare": "numeric"}, "the shape of its value is not always the same", ("reference",)),
    ({"reference": "never", "compare": "numeric"}, "it has no finite value at any of the points tried", ("reference",)),
    ({"reference": "stray", "compare": "numeric"}, "stray of reference.py: its parameter 'q' is none of the problem's symbols", ("reference",)),
    ({"reference": "breaks", "compare": "numeric"}, "breaks of reference.py, line 26, fails: RuntimeError: no such luck", ("reference",)),
    ({"reference": "nothing", "compare": "numeric"}, "reference.py has no function 'nothing'", ("reference",)),
]  # fmt: skip


@pytest.mark.process
@pytest.mark.parametrize(("fields", "message", "place"), SPECS)
def test_an_authors_mistake_has_its_place(fields, message, place):
    with pytest.raises(BlankSpecError) as caught:
        prepared(**fields)
    assert (caught.value.message, caught.value.field) == (message, place)


def evidence(blank, text):
    return next(each for each in judge(blank, text).findings if isinstance(each, Evidence))


def shown(blank, text):
    return next((each for each in judge(blank, text).findings if isinstance(each, Counterexample)), None)


@pytest.mark.process
def test_the_evidence_says_what_was_tested():
    found = evidence(prepared(reference="A B v"), "(B.T @ A.T).T @ v")
    assert (found.method, found.points, found.bits, found.sizes) == ("balls", 4, 2560, (("n", 3),))
    assert found.bound is not None and found.bound < -110
    assert found.sentence == (
        "Agrees with the key at 4 secret points to 2,560 bits; different ones would do so with a chance below 2^-113."
    )
    assert evidence(prepared(reference="exp(x)"), "1/exp(-x)").bound is None
    kinked = evidence(prepared(reference="|y|"), "max(y, -y)")
    assert kinked.screen > 0 and kinked.cells > 0
    assert kinked.sentence.startswith("Agrees with the key at 4 secret points to 8,192 bits, and at ")
    assert evidence(prepared(reference="x"), "x").sentence == "The same formula as the key."
    assert evidence(prepared(reference="x", tolerance=0.01), "1.001 x").tolerance == 0.01
    numeric = evidence(prepared(reference="sorted_sum", compare="numeric"), "sum(v)")
    assert (numeric.method, numeric.sentence) == (
        "floats",
        "Agrees with the key's numbers at 24 points to 1e-06.",
    )


def test_a_counterexample_is_as_simple_as_can_be_found():
    assert shown(prepared(reference="y^2"), "2 y") == Counterexample((("y", "-2"),), "-4", "4")
    far = shown(prepared(reference="y"), "where(y > 12345, y + 1, y)")
    assert far is not None and len(far.inputs[0][1]) < 12
    nowhere = shown(prepared(reference="y"), "sqrt(y)^2")
    assert nowhere == Counterexample((("y", "-2"),), r"\text{no value}", "-2")
    both = shown(prepared(reference="y", up_to="sign"), "y + 1")
    assert both is not None and both.yours not in (both.inputs[0][1], f"-{both.inputs[0][1]}")
    growth = shown(prepared(reference="x^2", up_to="constant"), "x^3")
    assert growth is not None
    assert [name for name, _ in growth.inputs] == ["x", r"x{}^{\circ}"]
    assert growth.sentence == "Shown is how much each formula grows from the first values, marked °, to the others."


def test_the_same_secret_gives_the_same_evidence_whatever_was_judged_before():
    texts = ["max(y, -y)", "y", "sqrt(y^2)", "2 |y|", "|y| + 1e-40"]
    forward, backward = prepared(reference="|y|"), prepared(reference="|y|")
    first = {text: judge(forward, text) for text in texts}
    second = {text: judge(backward, text) for text in reversed(texts)}
    assert first == second
