"""Item analysis against figures worked out by hand."""

from __future__ import annotations

import pytest
from support.toy_kind import toy_problem

from grader.core.submission import Student, Submission
from grader.grading.answer_groups import wrong_answer_groups
from grader.grading.grade import grade_submission
from grader.grading.statistics import analyse, average, bins, correlation, cronbach, deviation, median


def test_averages():
    assert [average([]), average([1, 2, 6])] == [None, 3]
    assert [median([]), median([5]), median([4, 1, 3]), median([4, 1, 3, 2])] == [None, 5, 3, 2.5]
    assert deviation([1]) is None
    assert deviation([2, 4, 4, 4, 5, 5, 7, 9]) == pytest.approx(2.13809, abs=1e-5)


def test_correlation():
    assert correlation([1, 2, 3], [2, 4, 6]) == pytest.approx(1)
    assert correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert correlation([1, 2, 3, 4], [1, 3, 2, 4]) == pytest.approx(0.8)
    assert correlation([1, 2], [1, 2]) is None
    assert correlation([1, 1, 1], [1, 2, 3]) is None


def test_cronbachs_alpha():
    # Item variances 5/3 each, totals 2, 4, 6, 8 with variance 20/3: 2/1 · (1 − (10/3)/(20/3)) = 1.
    assert cronbach([[1, 2, 3, 4], [1, 2, 3, 4]]) == pytest.approx(1)
    # Item variances 1 and 1, totals 3, 3, 6 with variance 3: 2 · (1 − 2/3).
    assert cronbach([[1, 2, 3], [2, 1, 3]]) == pytest.approx(2 / 3)
    assert cronbach([[1, 2, 3]]) is None
    assert cronbach([[1, 1], [1, 1]]) is None


def counts(totals, out_of):
    return [(each.low, each.high, each.count) for each in bins(totals, out_of)]


def test_bins():
    assert counts([0, 0.5, 1, 2, 3], 3) == [
        (0, 0.25, 1),
        (0.25, 0.5, 0),
        (0.5, 0.75, 1),
        (0.75, 1, 0),
        (1, 1.25, 1),
        (1.25, 1.5, 0),
        (1.5, 1.75, 0),
        (1.75, 2, 0),
        (2, 2.25, 1),
        (2.25, 2.5, 0),
        (2.5, 2.75, 0),
        (2.75, 3, 0),
        (3, None, 1),
    ]
    assert [(each.low, each.high) for each in bins([], 12)][-2:] == [(11, 12), (12, None)]
    assert [(each.low, each.high) for each in bins([], 12.5)][-2:] == [(12, 12.5), (12.5, None)]
    assert [each.low for each in bins([], 100)] == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    assert sum(each.count for each in bins([0.33] * 7 + [11.99, 12], 12)) == 9
    assert bins([11.99, 12], 12)[-1].count == 1


def test_noise_is_no_correlation():
    assert correlation([1.0, 2.0, 3.0], [0.1 + 0.2, 0.3, 0.3]) is None


def class_of(*texts):
    problem = toy_problem(a=2, b=2)
    ready = problem.prepare()
    return [
        grade_submission(ready, Submission(Student(f"s{n}"), "toys", {"a": one, "b": two}))
        for n, (one, two) in enumerate(texts)
    ]


def test_a_class():
    found = analyse(class_of(("correct", "correct"), ("half", "wrong"), ("wrong", "wrong"), ("undecided", "correct")))
    assert (found.handed_in, found.n, found.mean, found.median) == (
        4,
        3,
        pytest.approx(5 / 3),
        1,
    )
    first, second = found.parts
    assert (first.facility, second.facility) == (pytest.approx(0.5), pytest.approx(1 / 3))
    assert first.item_rest == pytest.approx(correlation([2, 1, 0], [2, 0, 0]))
    assert dict(first.outcomes) == {
        "correct": 1,
        "partial": 1,
        "incorrect": 1,
        "unreadable": 0,
        "blank": 0,
        "ungraded": 1,
    }


def test_an_empty_class_and_a_class_of_one():
    assert analyse([]).n == 0
    alone = analyse(class_of(("correct", "wrong")))
    assert (alone.mean, alone.sd, alone.alpha, alone.parts[0].item_rest) == (2, None, None, None)


def test_wrong_answers_are_grouped_and_counted():
    results = class_of(("wrong", "x"), ("wrong?", "x"), ("wrong", "x"), ("correct", "x"), ("garbled", "x"), ("", "x"))
    groups = wrong_answer_groups(results, 0)
    assert [(group.outcome, group.students, group.spellings) for group in groups] == [
        ("incorrect", ("s0", "s1", "s2"), ("wrong", "wrong?")),
        ("unreadable", ("s4",), ("garbled",)),
    ]
