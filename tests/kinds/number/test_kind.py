"""One number, exactly or near enough, as people write numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from support.blanks import mistake, outcome, prepared

from grader.core.errors import Unreadable
from grader.grading.grade import judge
from grader.kinds.base.context import BlankSpecError
from grader.kinds.number.numerals import number_text, parse_number

READ = [
    ("3", "3"), ("-3", "-3"), ("−3", "-3"), ("+3", "3"), ("0.1", "1/10"), (".5", "1/2"), ("3.", "3"), ("1/3", "1/3"), ("-1/3", "-1/3"), ("1 / 3", "1/3"),
    ("1e-3", "1/1000"), ("1.5E2", "150"), ("1.5·10^3", "1500"), ("1.5 x 10^{3}", "1500"), ("2*10**-2", "1/50"), (r"1.5 \cdot 10^3", "1500"), (r"\frac{1}{3}", "1/3"),
    ("50 %", "1/2"), ("50 percent", "1/2"), ("0,5", "1/2"), ("1,234,567", "1234567"), ("1 234", "1234"), ("½", "1/2"), ("1 1/2", "3/2"), ("x = 3", "3"), ("≈ 3.14", "157/50"), ("(3)", "3"), ("٣", "3"),
]  # fmt: skip
NOT = [
    "",
    "three",
    "1/0",
    "inf",
    "nan",
    "9**9**9",
    "1e999999999",
    "1" * 61,
    "1 or 2",
    "1..2",
    "--1",
    "3 4",
    "1/2/3",
]


@pytest.mark.parametrize(("text", "value"), READ)
def test_what_is_read(text, value):
    assert parse_number(text) == (Fraction(value), None)


def test_a_comma_before_three_digits_is_for_a_person():
    assert parse_number("1,234") == (
        Fraction(1234),
        "A comma may separate thousands or decimals; it was read as thousands.",
    )


@pytest.mark.parametrize("text", NOT, ids=lambda text: text[:12] or "empty")
def test_what_is_not_read(text):
    with pytest.raises(Unreadable):
        parse_number(text)


@given(st.fractions(min_value=-(10**20), max_value=10**20, max_denominator=1000))
def test_what_is_shown_reads_back(value):
    assert parse_number(number_text(value))[0] == value


ACCEPT = [
    ({"value": "1/3"}, "1/3", "correct"),
    ({"value": "1/3"}, "0.333", "incorrect"),
    ({"value": "1/3", "accept": {"absolute": "0.001"}}, "0.333", "correct"),
    ({"value": "1/3", "accept": {"absolute": "0.0001"}}, "0.333", "incorrect"),
    ({"value": 200, "accept": {"relative": "0.01"}}, "202", "correct"),
    ({"value": 200, "accept": {"relative": "0.01"}}, "202.1", "incorrect"),
    ({"value": "2/3", "accept": {"decimals": 2}}, "0.67", "correct"),
    ({"value": "2/3", "accept": {"decimals": 2}}, "0.66", "incorrect"),
    ({"value": 12345, "accept": {"significant": 3}}, "12300", "correct"),
    ({"value": 12345, "accept": {"significant": 3}}, "12200", "incorrect"),
    ({"value": 5, "units": {"m": 1, "cm": "0.01"}}, "500 cm", "correct"),
    ({"value": 5, "units": {"m": 1, "cm": "0.01"}}, "5m", "correct"),
    ({"value": 5, "units": {"m": 1}}, "5 kg", "unreadable"),
    ({"value": 5}, "5 m", "unreadable"),
    ({"value": 1234}, "1,234", "correct?"),
    ({"value": 1000}, "1000,000", "incorrect?"),
    ({"value": 50, "units": {"%": 1}}, "50 %", "correct"),
    ({"value": 5, "units": {"m/s": 1, "€": 1}}, "5 €", "correct"),
    ({"value": 1500}, "1.5·10³", "correct"),
    ({"value": "3/2"}, "1½", "correct"),
]


@pytest.mark.parametrize(("fields", "text", "expected"), ACCEPT, ids=[f"{fields} {text}" for fields, text, _ in ACCEPT])
def test_near_enough(fields, text, expected):
    assert outcome(prepared(kind="number", **fields), text) == expected


NAMED = [
    ("-4", "sign-flipped"),
    ("0.25", "reciprocal"),
    ("400", "percent"),
    ("40", "power-of-ten"),
    ("7", None),
    ("0", None),
    ("5", "off-by-one"),
]


@pytest.mark.parametrize(("text", "name"), NAMED)
def test_named_mistakes(text, name):
    blank = prepared(kind="number", value=4, mistakes=[{"id": "off-by-one", "answer": "5"}])
    assert mistake(judge(blank, text)) == name


def test_an_authors_mistakes():
    with pytest.raises(BlankSpecError, match="this is no mistake: it is accepted"):
        prepared(kind="number", value=4, mistakes=[{"id": "x", "answer": "4.0"}])
    with pytest.raises(ValidationError, match="'four' is not a number such as 2, 0.5 or 1/3"):
        prepared(kind="number", value="four")
    with pytest.raises(ValidationError, match="a number is needed here, not yes or no"):
        prepared(kind="number", value=True)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        parse_number(text)
    except Unreadable as error:
        assert error.message


@pytest.mark.parametrize("accept", [{}, {"absolute": "-1"}, {"absolute": "0.1", "relative": "0.1"}], ids=str)
def test_a_tolerance_is_one_and_not_negative(accept):
    with pytest.raises(ValidationError):
        prepared(kind="number", value=4, accept=accept)


@pytest.mark.parametrize("text", ["7.23e2", "7.23E2 ", "723e0", "0.723e3", "7.23e+2", "7230e-1", "723"])
def test_scientific_notation_is_no_unit(text):
    assert outcome(prepared(kind="number", value=723), text) == "correct"
