"""Options by id, letter, list or word; "none" is an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from support.blanks import assert_read_or_refused, mistake, outcome, prepared

from grader.core.verdict import Options
from grader.grading.grade import judge
from grader.kinds.base.context import BlankSpecError

OPTIONS = {
    "wox": {"says": "One.", "correct": True},
    "wox_all": {"says": "Two.", "correct": True, "why": "Because of two."},
    "wssx": {"says": "Three.", "correct": True},
    "wssx_all": {"says": "Four.", "correct": False, "why": "Because of four."},
}
BLANK = prepared(
    kind="choices",
    options=OPTIONS,
    scoring="balanced",
    mistakes=[{"id": "missed", "answer": ["A", "A B"], "says": "S", "hint": "H"}],
)
READ = [
    ("A, B, C", "correct"), ("abc", "correct"), ("C A B", "correct"), ("A and B and C", "correct"), ("(a), (b), (c)", "correct"), ("A;B;C", "correct"),
    ("A,B,C,C", "correct"), (["wox", "wox_all", "wssx"], "correct"), ("wox wox_all wssx", "correct"), ("['wox', 'B', 'c']", "correct"), ('["wox","wox_all","wssx"]', "correct"),
    ("A, B", "partial"), ("WOX", "partial"), ("A,B,C,D", "incorrect"), ("all", "incorrect"), ("All of the above", "incorrect"), ("D", "incorrect"),
    ("none", "incorrect"), ("None of these.", "incorrect"), ("-", "unreadable"), ((), "incorrect"), ("[]", "incorrect"),
    ("['wox','all']", "incorrect?"), ("A, none", "incorrect?"), ("E", "unreadable"), ("wax", "unreadable"), ("It depends", "unreadable"), ("", "blank"), (None, "blank"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "expected"), READ, ids=[str(written) for written, _ in READ])
def test_answers(written, expected):
    assert outcome(BLANK, tuple(written) if isinstance(written, list) else written) == expected


def test_none_can_be_the_key():
    blank = prepared(
        kind="choices", options={"a": {"says": "A", "correct": False}, "b": {"says": "B", "correct": False}}
    )
    assert [outcome(blank, text) for text in ("none", (), "A", "", "-")] == [
        "correct",
        "correct",
        "incorrect",
        "blank",
        "unreadable",
    ]
    assert blank.key() == "none"


def test_all_can_be_an_options_own_name():
    blank = prepared(
        kind="choices",
        options={"all": {"says": "A", "correct": True}, "some": {"says": "B", "correct": False}},
    )
    assert outcome(blank, "all") == "correct"


def test_what_is_missing_and_too_much_is_told_with_its_why():
    found = next(each for each in judge(BLANK, "A, D").findings if isinstance(each, Options))
    assert (found.chosen, found.missing, found.extra) == (
        ("wox", "wssx_all"),
        ("wox_all", "wssx"),
        ("wssx_all",),
    )
    assert (
        found.sentence
        == "B is true and was not chosen. Because of two. C is true and was not chosen. D was chosen and is not true. Because of four."
    )
    assert found.arithmetic == "1/3 of the true options − 1/1 of the others, at least 0"


def test_no_option_is_told_at_hint():
    shown = judge(BLANK, "A, D").at("hint")
    assert "wssx" not in repr(shown)


def test_a_foreseen_mistake_is_named_and_leaves_the_policy_its_credit():
    verdict = judge(BLANK, "A, B")
    assert (mistake(verdict), str(verdict.credit)) == ("missed", "2/3")


def test_messages():
    assert judge(BLANK, "E").reason == "There is no option “E”; the options are A to D."
    assert judge(BLANK, "wsx").reason == "There is no option “wsx”; the options are A to D. Did you mean “wssx”?"


def test_an_authors_mistakes():
    with pytest.raises(BlankSpecError, match="this is no mistake: it is accepted"):
        prepared(kind="choices", options=OPTIONS, mistakes=[{"id": "x", "answer": "C B A"}])
    with pytest.raises(ValidationError, match="every option needs a weight"):
        prepared(kind="choices", options=OPTIONS, scoring="weights")
    with pytest.raises(ValidationError, match="only with scoring: weights"):
        prepared(kind="choices", options={"a": {"says": "A", "correct": True, "weight": 1}})


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    assert_read_or_refused(BLANK, text)


def test_an_option_may_be_called_none():
    blank = prepared(
        kind="choices", options={"none": {"says": "N", "correct": True}, "x": {"says": "X", "correct": False}}
    )
    assert [outcome(blank, text) for text in ("none", ("none",), "B")] == ["correct", "correct", "incorrect"]


@pytest.mark.parametrize("text", [".", "...", ",", "&", "/", "|", ")", '"'])
def test_punctuation_is_no_answer(text):
    blank = prepared(kind="choices", options={"a": {"says": "A", "correct": False}})
    assert outcome(blank, text) == "unreadable"


CLASHES = [
    ({"A1": {"says": "1", "correct": True}, "a1": {"says": "2", "correct": False}}, "the options 'A1' and 'a1' are one name to a student"),
    ({"b": {"says": "1", "correct": True}, "c": {"says": "2", "correct": False}}, "the option 'b' has the letter of another option"),
    ({"and": {"says": "1", "correct": True}}, "an option cannot be called 'and'"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "message"), CLASHES, ids=["case", "letter", "and"])
def test_names_that_nobody_could_type(options, message):
    with pytest.raises(ValidationError, match=message):
        prepared(kind="choices", options=options)
