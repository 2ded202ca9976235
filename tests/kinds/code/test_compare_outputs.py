"""In what a value differs from the expected one, and when one mistake explains it."""

from __future__ import annotations

import numpy as np
import pytest

from grader.kinds.code.compare_outputs import Difference, OutputTolerance, difference, simple_mistake

DIFFERENCES = [
    (np.ones(2), np.ones(2), None),
    (np.ones(2), np.ones((2, 1)), Difference.SHAPE),
    ((np.ones(2),), np.ones(2), Difference.COUNT),
    ((np.ones(2), np.ones(1)), (np.ones(2),), Difference.COUNT),
    (np.array([1, np.inf]), np.ones(2), Difference.NOT_FINITE),
    (np.array([1, np.nan]), np.array([1, np.nan]), None),
    (np.array([1, np.inf]), np.array([1, -np.inf]), Difference.VALUES),
    (np.array([1.0]), np.array([np.nan]), Difference.VALUES),
    (np.array([3.0]), np.array([3]), None),
    (np.array([3.0000001]), np.array([3]), Difference.VALUES),
    (np.array([1 + 1e-7]), np.array([1.0]), None),
    (np.array([1 + 1e-5]), np.array([1.0]), Difference.VALUES),
    (np.array([1e-9]), np.array([0.0]), None),
    (np.array([1j]), np.array([1.0]), Difference.VALUES),
    (np.array([True]), np.array([True]), None),
]


@pytest.mark.parametrize(("output", "expected", "differing"), DIFFERENCES, ids=str)
def test_values_differ_in_what_they_differ(output, expected, differing):
    assert difference(output, expected, OutputTolerance()) is differing


def test_a_slip_is_not_seen_in_values_that_are_all_zero():
    assert simple_mistake([np.zeros(2)], [np.zeros(2)], OutputTolerance()) is None
    assert simple_mistake([np.array([2.0, 4.0])], [np.array([1.0, 2.0])], OutputTolerance()) == ("extra-factor", "2")
    assert simple_mistake([np.array([2.0, 5.0])], [np.array([1.0, 2.0])], OutputTolerance()) is None
