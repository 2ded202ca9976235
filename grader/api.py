"""Grading from Python: plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.authoring.loader import load_problem as _load
from grader.core import seeds
from grader.core.verdict import Reveal
from grader.grading import grade as grading
from grader.grading.problem import Problem
from grader.grading.readers.record import parse_submission
from grader.reports import results_jsonl


def load_problem(path: str | Path) -> Problem:
    """Read the problem in a folder such as ``problems/we_recur``.

    Raises:
        grader.SpecError: Its ``complaints`` hold everything that is wrong with the problem.
    """
    return _load(path)


def grade(
    problem: Problem, answers: Mapping[str, Any], student: str = "anonymous", reveal: Reveal = "full"
) -> dict[str, Any]:
    """Grade one student's answers and return the result as plain values, as in a line of ``results.jsonl``.

    At ``full`` the result holds the key (expected shapes, missing options, authors' explanations); give ``hint`` or
    ``verdict`` for what a student may see. What is odd about the answers raises nothing: it is in ``review``.

    ``answers`` are by blank address, nested or flat: ``{"a": {"W_ss": "2x2"}, "b": "W_sx.T @ W_o.T @ dLdz2"}`` or
    ``{"a.W_ss": "2x2"}``; a list of texts stands for ticked options. Points are rounded to 2 decimals.

    >>> import grader
    >>> problem = grader.load_problem("problems/we_recur")
    >>> result = grader.grade(problem, {"d": "soft max", "e": "x2 = p2"})
    >>> [part["outcome"] for part in result["parts"]]
    ['blank', 'blank', 'blank', 'correct', 'incorrect', 'blank']
    >>> result["points"], result["out_of"]
    (1.0, 12.0)
    """
    read, _remarks = parse_submission({"student": student, "answers": dict(answers)}, problem, "answers")
    prepared = problem.prepare(seeds.find_secret())
    return results_jsonl.plain(grading.grade_submission(prepared, read).at(reveal))
