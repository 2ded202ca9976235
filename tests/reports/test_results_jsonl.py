"""A line of results.jsonl has the contract's fields, rounded once, and is JSON whatever was written."""

from __future__ import annotations

import json

import pytest
from support.toy_kind import toy_problem

from grader.core.submission import Student, Submission
from grader.grading.grade import grade_submission
from grader.reports.results_jsonl import line, plain


def graded(**answers):
    problem = toy_problem(a__x=1, a__y=1, b="1/3")
    written = {name.replace("__", "."): text for name, text in answers.items()}
    return grade_submission(problem.prepare(), Submission(Student("s1", "Ada"), "toys", written, source="x.csv:2"))


def test_the_whole_record():
    record = json.loads(line(graded(a__x="third", a__y="garbled", b=("x", "y"), z="stray")))
    versions = record["provenance"].pop("versions")
    assert len(record["provenance"].pop("answers")) == 64
    assert set(versions) == {"grader", "numpy", "python-flint"}
    assert record == {
        "student": {"id": "s1", "name": "Ada"},
        "problem": "toys",
        "points": 0.33,
        "out_of": 2.33,
        "status": "provisional",
        "review": "This answer could not be read. An answer was given to z, which does not exist.",
        "parts": [
            {
                "part": "a",
                "outcome": "partial",
                "credit": "1/6",
                "points": 0.33,
                "out_of": 2.0,
                "review": "This answer could not be read.",
                "blanks": [
                    {
                        "blank": "a.x",
                        "kind": "toy",
                        "outcome": "partial",
                        "credit": "1/3",
                        "points": 0.33,
                        "out_of": 1.0,
                        "written": "third",
                        "read_as": "third",
                        "reason": "Only a third of it.",
                        "meaning": None,
                        "findings": [],
                        "review": None,
                    },
                    {
                        "blank": "a.y",
                        "kind": "toy",
                        "outcome": "unreadable",
                        "credit": "0",
                        "points": 0.0,
                        "out_of": 1.0,
                        "written": "garbled",
                        "read_as": None,
                        "reason": "The word “garbled” cannot be read.",
                        "meaning": None,
                        "findings": [{"type": "note", "sentence": "At character 1.", "span": [0, 7]}],
                        "review": "This answer could not be read.",
                    },
                ],
            },
            {
                "part": "b",
                "outcome": "unreadable",
                "credit": "0",
                "points": 0.0,
                "out_of": 0.33,
                "review": "This answer could not be read.",
                "blanks": [
                    {
                        "blank": "b",
                        "kind": "toy",
                        "outcome": "unreadable",
                        "credit": "0",
                        "points": 0.0,
                        "out_of": 0.33,
                        "written": ["x", "y"],
                        "read_as": None,
                        "reason": "One answer is expected here, but a list was given.",
                        "meaning": None,
                        "findings": [],
                        "review": "This answer could not be read.",
                    },
                ],
            },
        ],
        "unmatched": {"z": "stray"},
        "source": "x.csv:2",
        "provenance": {"problem": "0" * 64, "secret": "public", "sandbox": "locked"},
    }


def test_ungraded_is_null_up_to_the_total():
    record = plain(graded(a__x="undecided", a__y="correct", b="correct"))
    assert [record["points"], record["parts"][0]["points"], record["parts"][0]["credit"]] == [
        None,
        None,
        None,
    ]
    assert record["parts"][1]["points"] == 0.33


@pytest.mark.parametrize("text", ["\u2028", '"', "\\", "\x00", "💥", "a\nb"], ids=ascii)
def test_any_text_is_one_line_of_json(text):
    written = line(graded(a__x=f"wrong?{text}"))
    assert written.count("\n") == 1
    assert json.loads(written)["parts"][0]["blanks"][0]["written"] == f"wrong?{text}"
