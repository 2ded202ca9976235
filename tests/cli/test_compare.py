"""`grader compare` from the command line: one line of JSON for each pair, exit codes, errors in words."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest
from support.commands import run_command
from support.paths import ROOT

pytestmark = pytest.mark.process


def compared(*arguments, **environment):
    done = run_command("compare", *arguments, folder=ROOT, environment={**os.environ, **environment})
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def compared_text(pairs, **environment):
    """Compare lines of JSON from a file of their own in a new process."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pairs.jsonl"
        file.write_text(pairs + "\n", encoding="utf-8")
        return compared("--jsonl", str(file), **environment)


ONE = [
    (("(x+y)^2", "x^2 + 2xy + y^2", "-s", "x", "-s", "y"), 0, True),
    (("W.T @ g", "g @ W", "-s", "W=2x3", "-s", "g=2"), 0, True),
    (("log(x^2)", "2 log(x)", "-s", "x"), 0, False),
    (("log(x^2)", "2 log(x)", "-s", "x=:pos"), 0, True),
    (("x + (", "x", "-s", "x"), 2, None),
    (("log(-1 - x^2)", "x", "-s", "x"), 1, None),
]


@pytest.mark.parametrize(("arguments", "status", "equal"), ONE, ids=[f"{each[0]} ? {each[1]}" for each, _, _ in ONE])
def test_two_formulas(arguments, status, equal):
    code, [line], _ = compared(*arguments)
    assert (code, line["equal"]) == (status, equal)
    assert line["reason"]
    assert line["micros"] > 0


def test_a_file_of_pairs_gives_a_line_each_and_the_worst_status(tmp_path):
    rows = [
        {
            "id": "a",
            "vars": {"x": {"shape": [], "domain": "real"}},
            "reference": "x",
            "answer": "abs(x)",
            "more": 1,
        },
        {"id": "b", "vars": {"x": {"shape": [2]}}, "reference": "x", "answer": "x[None]"},
        {"id": "c", "vars": {"x": {"shape": [], "domain": "no"}}, "reference": "x", "answer": "x"},
        {"id": "d", "vars": {}, "reference": "2"},
    ]
    file = tmp_path / "pairs.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    code, lines, _ = compared("--jsonl", str(file))
    assert (code, [(line["id"], line["equal"]) for line in lines]) == (
        2,
        [("a", False), ("b", False), ("c", None), ("d", None)],
    )


def test_the_same_pair_is_decided_from_the_same_points_every_time():
    runs = [compared("sin(x)^2", "1 - cos(x)^2", "-s", "x")[1][0] for _ in range(2)]
    assert [{**run, "micros": 0} for run in runs] == [{**runs[0], "micros": 0}] * 2


def test_wrong_calls():
    assert compared("x")[0] == 2
    code, _, message = compared("x", "x", "-s", "2x")
    assert code == 2
    assert "'2x' is not a symbol such as x, W=2x3 or p=:prob" in message


def test_what_is_decided_depends_neither_on_the_order_of_pairs_nor_on_the_process():
    rows = [*Path(ROOT / "tests" / "cases" / "regional.jsonl").read_text(encoding="utf-8").splitlines()[:60]]
    decided = []
    for number, lines in enumerate((rows, rows[::-1])):
        code, found, _ = compared_text("\n".join(lines), PYTHONHASHSEED=str(number + 1))
        decided.append({each["id"]: (each["equal"], each["reason"]) for each in found})
        assert code in (0, 1)
    assert decided[0] == decided[1]
    assert len(decided[0]) == 60
    assert {equal for equal, _ in decided[0].values()} == {True, False}
