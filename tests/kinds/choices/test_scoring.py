"""Every scoring policy, by hand and by property; "none of these" works everywhere."""

from __future__ import annotations

from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.kinds.choices.scoring import Policy, credit, guessing

POLICIES = get_args(Policy)
ABCD = "abcd"
TABLE = [
    # policy          true   chosen  credit
    ("all-or-nothing", "abc", "abc", "1"),
    ("all-or-nothing", "abc", "ab", "0"),
    ("all-or-nothing", "", "", "1"),
    ("all-or-nothing", "", "a", "0"),
    ("per-option", "abc", "ab", "3/4"),
    ("per-option", "abc", "", "1/4"),
    ("per-option", "abc", "d", "0"),
    ("per-option", "", "a", "3/4"),
    ("net-correct", "abc", "ab", "2/3"),
    ("net-correct", "abc", "abd", "1/3"),
    ("net-correct", "abc", "d", "0"),
    ("net-correct", "", "", "1"),
    ("net-correct", "", "a", "0"),
    ("balanced", "abc", "abc", "1"),
    ("balanced", "abc", "ab", "2/3"),
    ("balanced", "abc", "abcd", "0"),
    ("balanced", "abc", "", "0"),
    ("balanced", "ab", "abc", "1/2"),
    ("balanced", "", "", "1"),
    ("balanced", "", "a", "3/4"),
    ("balanced", "abcd", "abc", "3/4"),
    ("halves", "abc", "abc", "1"),
    ("halves", "abc", "ab", "1/2"),
    ("halves", "abc", "a", "0"),
    ("coverage", "abc", "ab", "2/3"),
    ("coverage", "abc", "abd", "4/9"),
    ("coverage", "abc", "", "0"),
    ("coverage", "", "", "1"),
    ("coverage", "", "a", "0"),
]


@pytest.mark.parametrize(("policy", "true", "chosen", "expected"), TABLE)
def test_by_hand(policy, true, chosen, expected):
    assert credit(policy, true, chosen, ABCD) == Fraction(expected)


def test_halves_pays_a_quarter_for_two_errors_of_five_or_more():
    assert credit("halves", "abc", "a", "abcde") == Fraction(1, 4)
    assert credit("halves", "a", "", "ab") == 0


def test_weights_are_added_and_clamped():
    weights = {"a": Fraction(1, 2), "b": Fraction(2, 3), "c": Fraction(-1)}
    assert credit("weights", "ab", "a", "abc", weights) == Fraction(1, 2)
    assert credit("weights", "ab", "ab", "abc", weights) == 1
    assert credit("weights", "ab", "ac", "abc", weights) == 0
    assert credit("weights", "", "", "abc", weights) == 1


@given(
    st.sampled_from([policy for policy in POLICIES if policy != "weights"]),
    st.sets(st.sampled_from("abcdef")),
    st.sets(st.sampled_from("abcdef")),
)
def test_credit_is_a_share_and_full_exactly_for_the_key(policy, true, chosen):
    earned = credit(policy, true, chosen, "abcdef")
    assert 0 <= earned <= 1
    assert credit(policy, true, true, "abcdef") == 1
    assert (earned == 1) == (chosen == true)


def test_what_guessing_pays():
    found = guessing("balanced", "abc", ABCD)
    assert (found.nothing, found.everything) == (0, 0)
    assert found.random == Fraction(1, 4)
    assert guessing("per-option", "abc", ABCD).random == Fraction(1, 2)
    with pytest.raises(ValueError, match="17 options are too many"):
        guessing("balanced", "a", "abcdefghijklmnopq")
