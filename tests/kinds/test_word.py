"""A word, however it is dressed; doubts go to a person, never silently to zero."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.blanks import assert_read_or_refused, mistake, outcome, prepared

from grader.grading.grade import judge
from grader.kinds.base.context import BlankSpecError

FIELDS = {
    "accept": ["softmax"],
    "candidates": ["sigmoid", "logistic", "relu", "leaky relu", "linear", "max"],
    "ambiguous": {"σ": "Either."},
    "mistakes": [{"id": "sigmoid-for-softmax", "answer": ["sigmoid", "logistic"], "says": "S", "hint": "H"}],
}
BLANK = prepared(kind="word", **FIELDS)
ANSWERS = [
    ("softmax", "correct"), ("Softmax", "correct"), ("soft max", "correct"), ("soft-max", "correct"), ("softmax.", "correct"), ("“softmax”", "correct"),
    ("softmax function", "correct"), ("the softmax", "correct"), ("a softmax over the vocabulary", "correct"), ("softmax(z)", "correct"), (r"$\mathrm{softmax}$", "correct"),
    (r"\text{softmax}(z_2)", "correct"), ("It is softmax", "correct"), (("softmax",), "correct"),
    ("sigmoid", "incorrect"), ("logistic sigmoid", "incorrect"), ("leaky relu", "incorrect"), ("max", "incorrect"), ("banana", "incorrect"),
    ("softmx", "incorrect?"), ("sofmax", "incorrect?"), ("softmax or sigmoid", "incorrect?"), ("not softmax", "incorrect?"), ("anything but softmax", "incorrect?"),
    ("softmax?", "incorrect?"), ("log softmax", "incorrect?"), ("σ", "incorrect?"), ("the good one", "incorrect?"),
    ("softmax with cross entropy loss because the sum of all outputs equals one", "correct?"),
    ("???", "unreadable"), ("42", "unreadable"), ("x" * 501, "unreadable"), ("", "blank"), (" \u200b ", "blank"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ANSWERS, ids=[str(text)[:30] for text, _ in ANSWERS])
def test_answers(text, expected):
    assert outcome(BLANK, text) == expected


def test_named_mistakes():
    assert mistake(judge(BLANK, "logistic sigmoid")) == "sigmoid-for-softmax"
    assert mistake(judge(BLANK, "relu")) is None


def test_a_misspelling_can_be_accepted():
    assert outcome(prepared(kind="word", **FIELDS, misspelt="accept"), "softmx") == "correct"
    assert outcome(prepared(kind="word", **FIELDS, misspelt="accept"), "sigmid") == "incorrect?"


@pytest.mark.parametrize(
    ("key", "rival"), [("supervised", "unsupervised"), ("linear", "nonlinear"), ("increasing", "decreasing")]
)
def test_an_opposite_is_no_misspelling(key, rival):
    assert outcome(prepared(kind="word", accept=[key], misspelt="accept"), rival) == "incorrect?"


@pytest.mark.parametrize("word", ["no", "not convex", "or"])
def test_a_key_may_be_a_word_of_doubt(word):
    assert outcome(prepared(kind="word", accept=[word], candidates=["yes"]), word) == "correct"


def test_an_accepted_word_is_no_mistake():
    with pytest.raises(BlankSpecError, match="this is no mistake: it is accepted"):
        prepared(kind="word", accept=["softmax"], mistakes=[{"id": "x", "answer": "soft max"}])


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    assert_read_or_refused(BLANK, text)
