"""What takes longer: a class of ten thousand, and many more random texts than in the ordinary run."""

from __future__ import annotations

import json
import random
import resource
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.blanks import assert_read_or_refused, prepared

from grader.authoring.checks.rules.examples import load_examples
from grader.authoring.loader import load_problem
from grader.grading.readers import read
from grader.reports.batch import Batch, run

pytestmark = pytest.mark.soak
STUDENTS = 10_000


def test_ten_thousand_students(tmp_path, pytestconfig):
    folder = pytestconfig.rootpath / "problems" / "we_recur"
    problem = load_problem(folder)
    answers = {}
    for example in load_examples(folder, problem):
        answers.setdefault(example.address, []).append(example.answer)
    draw = random.Random(1)
    source = tmp_path / "answers.jsonl"
    with source.open("w", encoding="utf-8") as lines:
        for number in range(STUDENTS):
            row = {
                "student": f"s{number:05}",
                "answers": {address: draw.choice(each) for address, each in answers.items()},
            }
            lines.write(json.dumps(row) + "\n")
    results = run(Batch(problem, read(source, problem), tmp_path / "out", shared_assets=True))
    assert len(results) == STUDENTS
    assert len(list((tmp_path / "out" / "students").iterdir())) == STUDENTS
    with (tmp_path / "out" / "results.jsonl").open(encoding="utf-8") as lines:
        assert sum(1 for _ in lines) == STUDENTS
    assert (tmp_path / "out" / "index.html").stat().st_size < 2_000_000
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 2**20)
    assert megabytes < 1_500


KINDS = [
    {"kind": "dimensions", "shape": ["m", "d"]},
    {
        "kind": "choices",
        "options": {"a": {"says": "A", "correct": True}, "b": {"says": "B", "correct": False}},
    },
    {"kind": "word", "accept": ["softmax"], "candidates": ["sigmoid"]},
    {"kind": "number", "value": "1/3", "units": {"m": 1}},
    {"kind": "formula", "reference": "W.T @ g"},
]


@pytest.mark.parametrize("fields", KINDS, ids=[fields["kind"] for fields in KINDS])
def test_any_text_is_read_and_checked_or_refused(fields):
    blank = prepared(**fields)

    @settings(max_examples=5_000, deadline=None)
    @given(st.text(max_size=120))
    def every(text):
        assert_read_or_refused(blank, text)

    every()
