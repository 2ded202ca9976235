"""Hidden inputs: each exam of the service has its own, and whatever else derives from the secret stays the same."""

from __future__ import annotations

import pytest

from grader.authoring.loader import load_problem
from grader.core.seeds import from_bytes
from grader.sandbox import Sandbox
from grader.web.domain.grading.worker import PreparedCache

pytestmark = pytest.mark.process

PROBLEM = """\
title: Twice
sizes: {n: 3}
symbols:
  a: {shape: [n, 1]}
parts:
  - {id: d, ask: Write it., kind: function, points: 1, name: twice, parameters: [a], reference: twice}
  - {id: f, ask: Which?, kind: formula, points: 1, symbols: [a], reference: 2 a, function: {name: twice, parameters: [a]}}
"""
SECRET = from_bytes(b"x" * 32)


class OneProblem:
    """A cache of problems that has one."""

    def __init__(self, folder):
        self.loaded = load_problem(folder)

    def problem(self, snapshot):
        return self.loaded


@pytest.fixture
def problems(tmp_path):
    (tmp_path / "problem.yaml").write_text(PROBLEM, encoding="utf-8")
    (tmp_path / "reference.py").write_text("def twice(a):\n    return 2 * a\n", encoding="utf-8")
    return OneProblem(tmp_path)


def inputs(prepared):
    cases = prepared.cases if hasattr(prepared, "cases") else prepared.code.cases
    return [case.inputs[0].tolist() for case in cases]


@pytest.mark.parametrize("blank", ["d", "f"])
def test_each_exam_has_its_own_in_every_process_that_grades_it(problems, blank):
    caches = [PreparedCache(problems, SECRET, Sandbox(1)) for _ in "ab"]
    drawn = {exam: [inputs(cache.blank("s", blank, exam)) for cache in caches] for exam in ("one", "two", "")}
    assert all(first == second for first, second in drawn.values())
    assert len({str(first) for first, _ in drawn.values()}) == 3


def test_the_points_at_which_formulas_are_compared_are_the_same(problems):
    cache = PreparedCache(problems, SECRET, Sandbox(1))
    assert len({cache.blank("s", "f", exam).space.seed for exam in ("one", "two", "")}) == 1
