"""Each attempt pays what it improves; points are never lost."""

from __future__ import annotations

from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.web.domain.exams.attempt_rules import (
    CountableAttempt,
    EarnedCredit,
    ScoredAttempt,
    counted_ids,
    earned_credit,
)

SCORES = st.fractions(0, 1, max_denominator=12)
WEIGHTS = st.lists(SCORES, min_size=1, max_size=5)
ATTEMPTS = st.lists(st.builds(ScoredAttempt, st.none() | SCORES, st.booleans()), max_size=8)


@pytest.mark.parametrize(
    ("scores", "weights", "credit"),
    [
        ([], [1], F(0)),
        ([1], [1], F(1)),
        ([0, 1], [1, F(1, 2)], F(1, 2)),
        ([F(1, 2), 1], [1, F(1, 2)], F(3, 4)),
        ([F(1, 2), 0, 1], [1, F(1, 2), F(1, 4)], F(5, 8)),
        ([0, 0, 0, 1], [1, F(1, 2)], F(1, 2)),
        ([1, 0], [1, 1], F(1)),
        ([None, 1], [1, 0], F(0)),
    ],
)
def test_table(scores, weights, credit):
    assert (
        earned_credit([ScoredAttempt(each if each is None else F(each)) for each in scores], weights).credit == credit
    )


def test_one_that_counts_not_is_paid_and_uses_nothing_up():
    assert earned_credit([ScoredAttempt(F(1, 2), False), ScoredAttempt(F(1))], [F(1), F(0)]) == EarnedCredit(
        F(1), F(1), 1
    )


@given(ATTEMPTS, WEIGHTS)
def test_credit_stays_within_the_best_score(attempts, weights):
    total = earned_credit(attempts, weights)
    assert 0 <= total.credit <= total.best <= 1
    assert total.best == max((each.score or F(0) for each in attempts), default=0)


@given(ATTEMPTS, st.builds(ScoredAttempt, st.none() | SCORES, st.booleans()), WEIGHTS)
def test_points_are_never_lost(attempts, more, weights):
    assert earned_credit([*attempts, more], weights).credit >= earned_credit(attempts, weights).credit


@given(ATTEMPTS, WEIGHTS.filter(all), SCORES)
def test_improvement_always_pays(attempts, weights, score):
    before = earned_credit(attempts, weights)
    after = earned_credit([*attempts, ScoredAttempt(score)], weights)
    assert (after.credit > before.credit) == (score > before.best)


@given(ATTEMPTS)
def test_with_whole_credit_the_best_counts(attempts):
    total = earned_credit(attempts)
    assert total.credit == total.best


J, U = "incorrect", "unreadable"


@pytest.mark.parametrize(
    ("rows", "counted"),
    [
        ([("t1", None, J), ("t2", None, "correct"), ("t3", None, "partial")], "012"),
        ([("t1", None, U), ("t2", None, "ungraded"), ("t3", None, "blank"), ("t4", None, None)], ""),
        ([("t1", None, J), ("t1", None, J)], "0"),
        ([("t1", "m1", J), ("t2", "m1", J), ("t3", "m2", J)], "02"),
        ([("t1", None, None), ("t1", None, J)], "1"),
        ([("t1", "m1", J, True), ("t2", "m1", J)], "1"),
        ([("t1", None, J, False, F(0), F(1)), ("t2", None, J)], "1"),
        ([("t1", None, J, False, F(0), F(0)), ("t2", None, J)], "01"),
    ],
)  # fmt: skip
def test_what_uses_up_an_attempt(rows, counted):
    made = [
        CountableAttempt(str(number), text, meaning, outcome, *([*rest] or [False]))
        for number, (text, meaning, outcome, *rest) in enumerate(rows)
    ]
    assert counted_ids(made) == set(counted)
