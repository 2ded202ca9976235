"""Kind ``formula``: definitions, letters of sizes, broadcasting, restricted names, references, and what goes to a person."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from grader.authoring.reference_functions import ReferenceFunctions
from grader.core.verdict import Shape
from grader.formula.parsing.lexing.definitions import Definition
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.read_definitions import define
from grader.formula.symbols import Symbol, in_numbers
from grader.grading.grade import judge
from grader.kinds.base.context import BlankSpecError, Context, no_reference
from grader.kinds.base.prepared import Prepared
from grader.kinds.formula import FormulaSpec
from grader.kinds.registry import AnySpec

SIZES = {"d": 3, "m": 4, "n": 2}
SYMBOLS = {
    "W": Symbol(shape=("m", "d")),
    "V": Symbol(shape=("n", "m")),
    "x": Symbol(shape=("d", 1)),
    "g": Symbol(shape=("n", 1), also=("dL/dz2",)),
    "b": Symbol(shape=("m",)),
    "k": Symbol(),
}
SOURCE = """
import numpy as np

def hidden(W, V, x, g):
    return W.T @ ((1 - np.tanh(W @ x) ** 2) * (V.T @ g))

def mixed(W, x, b):
    return W @ x + b
"""


def definitions() -> dict[str, Definition]:
    shapes = {name: in_numbers(symbol.shape, SIZES) for name, symbol in SYMBOLS.items()}
    found: dict[str, Definition] = {}
    for head, text in (("z1", "W x"), ("f1(z)", "tanh(z)"), ("h", "f1(z1)")):
        definition = define(head, text, Vocabulary(SYMBOLS, shapes, "elementwise", (), dict(found), SIZES))
        found[definition.name] = definition
    return found


def prepared(**fields: Any) -> Prepared[Any]:
    spec = TypeAdapter(AnySpec).validate_python({"kind": "formula", "points": 1, **fields})
    record = ReferenceFunctions(SOURCE, SYMBOLS, SIZES)
    return spec.prepare(Context("a", record, SYMBOLS, SIZES, definitions()))


def outcome(blank: Prepared[Any], text: str) -> str:
    verdict = judge(blank, text, "self-check")
    return verdict.outcome + ("?" if verdict.review else "")


BACKWARD = [
    ("W^T (f1'(z1) ⊙ V^T g)", "correct"),
    ("W.T @ (f1'(z_1) * (V.T @ dL/dz2))", "correct"),
    ("W^T ((1 - h^2) ⊙ V^T g)", "correct"),
    ("W^T ((1 - h ⊙ h) ⊙ (V^T g))", "correct"),
    ("W' diag((1 - tanh(W x)^2)[:, 0]) V' g", "correct"),
    ("dL/dx = Wᵀ (tanh'(Wx) ⊙ Vᵀ g)", "correct"),
    (r"W^\top \left( f_1'(z_1) \odot V^\top g \right)", "correct"),
    ("W^T (f1'(h) ⊙ V^T g)", "incorrect"),
    ("W^T (f1(z1) ⊙ V^T g)", "incorrect"),
    ("W^T V^T g", "incorrect"),
    ("f1'(z1) ⊙ W^T V^T g", "incorrect"),
    ("W^T f1 V^T g", "unreadable"),
    ("W^T f2'(z1) V^T g", "unreadable"),
]


@pytest.mark.process
@pytest.mark.parametrize(("text", "expected"), BACKWARD, ids=[text for text, _ in BACKWARD])
def test_an_answer_may_use_what_the_author_defined(text, expected):
    assert outcome(prepared(reference="hidden"), text) == expected


@pytest.mark.process
def test_it_is_shown_under_its_name_and_checked_by_what_it_means():
    verdict = judge(prepared(reference="hidden"), "W^T (f1'(z1) ⊙ (V^T g))")
    assert verdict.read_as == r"${W}^\top \, \left(f_{1}'\left(z_{1}\right) \odot \left({V}^\top \, g\right)\right)$"
    [shape] = [finding for finding in verdict.findings if isinstance(finding, Shape)]
    assert (shape.check, shape.letters) == ("(3×1) = (3×4)(4×1)", "(d×1) = (d×m)(m×1)")


def test_letters_of_the_sizes_are_numbers():
    blank = prepared(reference="g / n")
    assert [outcome(blank, text) for text in ("1/n g", "g/2", "0.5g", "1/N g", "I_n g / n", "g/m")] == [
        "correct"
    ] * 5 + ["incorrect"]


def test_names_can_be_restricted():
    blank = prepared(reference="W x", symbols=["W", "x", "z1"])
    assert [outcome(blank, text) for text in ("z1", "W x", "V^T g", "h", "x n")] == ["correct", "correct"] + [
        "unreadable"
    ] * 3


@pytest.mark.process
def test_broadcasting_is_refused_unless_the_blank_allows_it():
    strict = prepared(reference="W x", symbols=["W", "x", "b"])
    verdict = judge(strict, "W x + b")
    assert verdict.outcome == "incorrect"
    assert verdict.reason == (
        "Shapes in this formula do not fit: 4×1 has 2 axes and (4,) has 1 axis, so they do not go together entry by entry"
        " (NumPy would make 4×4 of them)."
    )
    assert outcome(prepared(reference="mixed", broadcast="numpy"), "W x + b") == "correct"
    with pytest.raises(BlankSpecError) as caught:
        prepared(reference="mixed")
    assert caught.value.message.endswith("; broadcast: numpy lets them go together as in NumPy")
    assert caught.value.field == ("reference",)


PERSON = [
    ("1/2k", "k/2", "correct"),
    ("1/2k", "k", "incorrect?"),
    ("k^1/2", "sqrt(k)", "incorrect?"),
    ("1/k k", "1", "correct"),
    ("k'", "k", "correct?"),
    ("grad = 2k", "2 k", "correct"),
    ("grad = 2k", "3 k", "incorrect?"),
    ("Vb", "V b", "correct"),
    ("Vb", "2 V b", "incorrect"),
]


@pytest.mark.parametrize(("text", "reference", "expected"), PERSON)
def test_a_doubtful_reading_is_for_a_person_only_where_it_matters(text, reference, expected):
    assert outcome(prepared(reference=reference), text) == expected


SPECS = [
    (
        {"reference": "W x", "symbols": ["W", "y"]},
        "'y' is no symbol, definition or size of the problem",
        ("symbols", 1),
    ),
    ({"reference": "asks"}, "reference.py has no function 'asks'", ("reference",)),
    (
        {"reference": "W g"},
        "the shapes do not fit: in 4×3 times 2×1 the inner sizes 3 and 2 differ",
        ("reference",),
    ),
    ({"reference": "W x +"}, "'W x +' cannot be read: The formula breaks off at the end.", ("reference",)),
]


@pytest.mark.process
@pytest.mark.parametrize(("fields", "message", "place"), SPECS)
def test_an_authors_mistake_has_its_place(fields, message, place):
    with pytest.raises(BlankSpecError) as caught:
        prepared(**fields)
    assert (caught.value.message, caught.value.field) == (message, place)


def test_the_form_may_know_the_names_and_what_they_stand_for():
    spec = TypeAdapter(AnySpec).validate_python(
        {"kind": "formula", "points": 1, "reference": "W x", "symbols": ["W", "x", "z1"]}
    )
    public = spec.public(Context("a", ReferenceFunctions(SOURCE, SYMBOLS, SIZES), SYMBOLS, SIZES, definitions()))
    assert (list(public.symbols), dict(public.definitions)) == (["W", "x"], {"z1": r"W \, x"})


def test_an_axis_left_open_is_unreadable_and_no_wrong_shape():
    spec = FormulaSpec.model_validate({"points": 1, "reference": "softmax(A, axis=1)"})
    ready = spec.prepare(Context("a", no_reference, {"A": Symbol(shape=(3, 3))}))
    verdict = judge(ready, "softmax(A)")
    assert verdict.outcome == "unreadable"
    assert verdict.reason == "Of a matrix (3×3) the axis must be said: axis=0 or axis=1."
    assert judge(ready, "softmax(A, axis=1)").outcome == "correct"
    assert judge(ready, "softmax(A, axis=0)").outcome == "incorrect"
