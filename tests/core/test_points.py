"""Points are exact, and rounded half up where they are shown."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from grader.core.points import Credit, Points, format_points, round_points

ROUNDED = [
    ("0", "0.00", "0"),
    ("1", "1.00", "1"),
    ("1/3", "0.33", "0.33"),
    ("2/3", "0.67", "0.67"),
    ("1/200", "0.01", "0.01"),
    ("3/200", "0.02", "0.02"),
    ("1/201", "0.00", "0"),
    ("5/2", "2.50", "2.5"),
    ("199/200", "1.00", "1"),
    ("100", "100.00", "100"),
    ("-1/200", "-0.01", "-0.01"),
]


@pytest.mark.parametrize(("exact", "decimal", "text"), ROUNDED)
def test_half_up_at_two_places(exact, decimal, text):
    assert str(round_points(Fraction(exact))) == decimal
    assert format_points(Fraction(exact)) == text


def test_no_points_yet():
    assert format_points(None) == "–"


@given(st.fractions(min_value=-1000, max_value=1000))
def test_rounding_moves_by_half_a_hundredth_at_most(value):
    assert abs(Fraction(round_points(value)) - value) <= Fraction(1, 200)


GOOD = [
    (2, Fraction(2)),
    ("1/3", Fraction(1, 3)),
    (" 2 / 3 ", Fraction(2, 3)),
    (Decimal("0.1"), Fraction(1, 10)),
    ("0.5", Fraction(1, 2)),
]
BAD = [True, "one", "1/0", "1e9", "-1", Decimal(-1), "", "9" * 10, None, [1]]


@pytest.mark.parametrize(("written", "exact"), GOOD)
def test_exact_points(written, exact):
    assert TypeAdapter(Points).validate_python(written) == exact


@pytest.mark.parametrize("written", BAD)
def test_what_points_are_not(written):
    with pytest.raises(ValidationError):
        TypeAdapter(Points).validate_python(written)


def test_a_credit_is_at_most_one():
    assert TypeAdapter(Credit).validate_python("1/1") == 1
    with pytest.raises(ValidationError):
        TypeAdapter(Credit).validate_python("4/3")
