"""In what a value differs from the expected one, and when one mistake explains it."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from grader.kinds.code.compare_outputs import (
    Difference,
    OutputTolerance,
    difference,
    plausible_shape,
    run_meaning,
    simple_mistake,
)
from grader.sandbox import Run, Trial

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


def meaning(*outputs, outcome="ok"):
    trials = tuple(Trial(outcome, output) for output in outputs)
    return run_meaning(Run(outcome, outputs, None, 0.1, 0.1, Trial("ok"), trials))


third = np.array([1 / 3, -2e30, 0.0])
SAME = [
    (third, third + np.array([1e-10, 1e21, 0])),
    (third, third * np.array([1, 1, -1])),
    (np.array([9.9999999, -99.999999]), np.array([10.0, -100.0])),
    (np.array([np.nan, np.inf]), -np.array([np.nan, -np.inf])),
    (np.array([1, 2]), np.array([1.0, 2.0])),
    (np.array([1 + 2j]), np.array([1.0000000001 + 2j])),
    (np.array([5e-324, 1e-320]), np.array([5e-324, 1e-320])),
    (np.array([True, False]), np.array([1, 0])),
]
OTHER = [
    (third, third * (1 + 1e-5)),
    (third, third[:, None]),
    (third, third[::-1]),
    (third, (third,)),
    ((third, third), third),
    (np.array([np.inf]), np.array([-np.inf])),
    (np.array([np.inf]), np.array([np.nan])),
    (np.array([1 + 2j]), np.array([1 - 2j])),
    (np.array([1.0]), np.array([10.0])),
    (np.array([5e-324]), np.array([1e-320])),
    (np.zeros((0, 3)), np.zeros((0, 4))),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=str)
def test_what_agrees_to_six_digits_has_one_meaning(one, other):
    assert meaning(one) == meaning(other)


@pytest.mark.parametrize(("one", "other"), OTHER, ids=str)
def test_what_differs_has_another_meaning(one, other):
    assert meaning(one) != meaning(other)


def test_how_a_program_failed_is_its_meaning():
    assert meaning(None, outcome="error:ValueError") != meaning(None, outcome="killed:cpu")


def test_the_meaning_of_many_entries_takes_little_memory():
    """As texts, sixteen million truth values took 1.8 GB."""
    output = np.ones(2**20, dtype=bool)
    tracemalloc.start()
    meaning(output)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 120 * output.size


TOLD = [
    (np.ones((3, 4)), "3×4"), (np.float64(1), "a single number"), (np.ones((64, 1, 1, 64)), "64×1×1×64"), (np.ones((65, 1)), None),
    (np.empty((2**29 + 5, 0)), None), (np.empty((0, 2**20)), None), (np.ones((1,) * 5), None),
    ((np.ones(2), np.ones((3, 1))), "a tuple of 2"), ((np.ones(2), np.empty((0, 999))), "a tuple of 2"), (np.empty((0, 3)), None), ((np.ones(1),) * 5, None),
]  # fmt: skip


@pytest.mark.parametrize(("value", "told"), TOLD, ids=str)
def test_a_shape_is_told_where_it_is_plausible(value, told):
    assert plausible_shape(value) == told


@pytest.mark.parametrize(("factor", "told"), [(2, "2"), (0.5, "0.5"), (-1.5, "-1.5"), (1 / 64, "0.015625"), (64, "64"), (0.75, "0.75"),
    (65, None), (1.000244140625, None), (123456, None), (np.pi, None), (1 / 123, None)])  # fmt: skip
def test_a_factor_is_told_where_people_make_it(factor, told):
    """One of twenty bits would tell a hidden input that the program was given."""
    expected = np.array([1.0, 2.0, 7.0])
    assert simple_mistake([factor * expected], [expected], OutputTolerance()) == (told and ("extra-factor", told))
