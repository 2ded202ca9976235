"""A shape in every way in which people write one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from support.blanks import assert_read_or_refused, mistake, no_record, outcome, prepared

from grader.grading.grade import judge
from grader.kinds.base.context import BlankSpecError, Context
from grader.kinds.registry import AnySpec

BLANK = prepared(
    kind="dimensions",
    shape=["m", "d"],
    mistakes=[{"id": "vector", "answer": ["3x1", "4x1"], "says": "S", "hint": "H"}],
)
ANSWERS = [
    ("4x3", "correct"), ("4X3", "correct"), ("4 × 3", "correct"), ("(4, 3)", "correct"), ("[4,3]", "correct"), ("4,3", "correct"),
    ("4 by 3", "correct"), ("4*3", "correct"), ("4-by-3", "correct"), ("  4 x 3 . ", "correct"), ("m x d", "correct"), ("mxd", "correct"),
    ("m × 3", "correct"), ("M x D", "correct"), (r"$4 \times 3$", "correct"), (r"\mathbb{R}^{4 \times 3}", "correct"), ("R^{4x3}", "correct"),
    ("ℝ⁴ˣ³", "correct"), ("4 rows and 3 columns", "correct"), ("four by three", "correct"), ("٤x٣", "correct"), ("m x (d)", "correct"), ("m x (n+1)", "correct"),
    (("4x3",), "correct"), ("3x4", "incorrect"), ("d x m", "incorrect"), ("4x1", "incorrect"), ("12", "incorrect"), ("4", "incorrect"),
    ("4x3x1", "incorrect"), ("4⇥3", "correct?"), ("4\t3", "correct?"), ("4x3 or 3x4", "incorrect?"), ("4x3, 3x4", "incorrect?"), ("4x3?", "incorrect?"),
    ("4x0", "unreadable"), ("-4x3", "unreadable"), ("99999999999x3", "unreadable"), ("4x", "unreadable"), ("dunno", "unreadable"), ("k x d", "unreadable"),
    (("4x3", "3x4"), "unreadable"), ("", "blank"), ("   ", "blank"),
]  # fmt: skip
NAMED = [
    ("3x4", "transposed-shape"),
    ("12", "counted-entries"),
    ("4x3x1", "number-of-axes"),
    ("4x1", "vector"),
    ("3x1", "vector"),
    ("5x5", None),
    ("4x3", None),
]


@pytest.mark.parametrize(("text", "expected"), ANSWERS, ids=[str(text) for text, _ in ANSWERS])
def test_answers(text, expected):
    assert outcome(BLANK, text) == expected


@pytest.mark.parametrize(("text", "name"), NAMED)
def test_named_mistakes(text, name):
    assert mistake(judge(BLANK, text)) == name


def test_numbers_are_judged_at_the_stated_sizes_and_letters_as_letters():
    square = prepared(kind="dimensions", shape=["n", 2])
    assert [outcome(square, text) for text in ("2x2", "n x 2", "2 x n", "n x n", "d x 2")] == ["correct"] * 4 + [
        "incorrect"
    ]


def test_sums_of_letters_are_read():
    assert outcome(prepared(kind="dimensions", shape=["m", 7]), "m x (m+d)") == "correct"


MESSAGES = [
    ("dunno", "“dunno” is not a number or a letter of this question. The letters here are d, m, n. Write a shape as rows × columns, such as 3x2."),
    ("4x", "This is not a shape. Write a shape as rows × columns, such as 3x2."),
    ("0x3", "An axis has a length from 1 up, not 0. Write a shape as rows × columns, such as 3x2."),
    ("9" * 201, "This answer has 201 characters; at most 200 are read. Write a shape as rows × columns, such as 3x2."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), MESSAGES, ids=[text[:5] for text, _ in MESSAGES])
def test_messages(text, message):
    assert judge(BLANK, text).reason == message


def test_nothing_but_the_students_own_shape_at_hint():
    shown = judge(BLANK, "3x4").at("hint")
    assert "4×3" not in repr(shown)
    assert "3×4" in repr(shown)


def test_the_key_in_numbers_and_letters():
    assert BLANK.key() == r"$4 \times 3$, in general $m \times d$"


WRONG_SPECS = [
    ({"shape": ["m", "k"]}, "the letter 'k' has no size; give it one under sizes", ("shape", 1)),
    ({"shape": [4, 3], "mistakes": [{"id": "x", "answer": "4x3"}]}, "this is no mistake: it is accepted", ("mistakes", 0, "answer")),
    ({"shape": [4, 3], "mistakes": [{"id": "x", "answer": "4x"}]}, "This is not a shape. Write a shape as rows × columns, such as 3x2.", ("mistakes", 0, "answer")),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "message", "place"), WRONG_SPECS, ids=["letter", "key", "unreadable"])
def test_an_authors_mistakes(fields, message, place):
    with pytest.raises(BlankSpecError) as caught:
        prepared(kind="dimensions", **fields)
    assert (caught.value.message, caught.value.field) == (message, place)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    assert_read_or_refused(BLANK, text)


NAMES = [
    ({"in": 3, "out": 4}, ["out", "in"], "(out, in)"),
    ({"in": 3, "out": 4}, ["out", "in"], "out x in"),
    ({"n_x": 3, "context": 4}, ["context", "n_x"], "context x n_x"),
    ({"m": 4, "d": 3}, ["m", "d"], "R^{m x d}"),
    ({"m": 4, "d": 3}, ["m", "d"], r"\\mathbb R^{m\\times d}"),
    ({"m": 4, "d": 3}, ["m", "d"], "W = 4 BY 3"),
    ({"m": 4, "d": 3}, ["m", "d"], "a 4x3 matrix"),
    ({"m": 4, "d": 3}, ["m", "d"], "4 Rows and 3 Columns"),
]


@pytest.mark.parametrize(("sizes", "shape", "text"), NAMES, ids=[text for _, _, text in NAMES])
def test_any_letters_in_any_dress(sizes, shape, text):
    spec = TypeAdapter(AnySpec).validate_python({"kind": "dimensions", "points": 1, "shape": shape})
    assert outcome(spec.prepare(Context("a", no_record, {}, sizes)), text) == "correct"


@pytest.mark.parametrize("text", ["4²", "4x3²"])
def test_a_power_is_no_digit(text):
    assert outcome(BLANK, text) == "unreadable"


STACKED = [
    ("2x5", "correct"), ("m x (m+d)", "correct"), ("m × d+m", "correct"), ("2 x (m + d)", "correct"), ("m x (2+3)", "correct"),
    ("m x d", "incorrect"), ("m x (d+d)", "incorrect"), ("5x2", "incorrect"), ("(d+m) x m", "incorrect"), ("m x (d+q)", "unreadable"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), STACKED, ids=[text for text, _ in STACKED])
def test_a_sum_of_letters_for_what_is_stacked(text, expected):
    spec = TypeAdapter(AnySpec).validate_python({"kind": "dimensions", "points": 1, "shape": ["m", "m + d"]})
    blank = spec.prepare(Context("a", no_record, {}, {"m": 2, "d": 3}))
    assert outcome(blank, text) == expected
    assert blank.key() == r"$2 \times 5$, in general $m \times (d+m)$"


def test_a_letter_with_an_underscore_may_lack_it():
    spec = TypeAdapter(AnySpec).validate_python({"kind": "dimensions", "points": 1, "shape": ["n", "d_v"]})
    assert outcome(spec.prepare(Context("a", no_record, {}, {"n": 2, "d_v": 3})), "n by dv") == "correct"
