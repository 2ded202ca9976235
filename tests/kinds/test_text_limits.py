"""Every kind refuses a text that is too long before it looks at it, to judge it as to preview it."""

from __future__ import annotations

import time

import pytest
from support.live_server import canary

from grader.authoring.loader import load_problem
from grader.core.text_limits import check_length
from grader.grading.grade import judge
from grader.grading.readers import read
from grader.kinds.registry import KINDS

pytestmark = pytest.mark.process

LIMITS = {"f": 2_000, "n": 200, "w": 500, "o": 2_000, "d": 200, "p": 50_000}
TEXTS = {
    "letters": "x" * 1_000_000,
    "line breaks": "\n" * 999_999 + "x",
    "a program": "def f():\n" + "\n" * 999_990 + "x",
    "digits": "9" * 1_000_000,
    "brackets": "(" * 1_000_000,
}


@pytest.fixture(scope="module")
def problem(tmp_path_factory):
    return load_problem(canary(tmp_path_factory.mktemp("canary")))


@pytest.mark.parametrize("name", TEXTS)
def test_a_long_text_is_refused_by_every_kind_at_once(problem, name):
    assert {type(blank.spec) for blank in problem.blanks} == set(KINDS)
    text = TEXTS[name]
    prepared = problem.prepare().prepared_blanks
    for blank in problem.blanks:
        began = time.process_time()
        verdict, preview = judge(prepared[blank.address], text), problem.public(blank).preview(text)
        took = time.process_time() - began
        message = f"This answer has {len(text):,} characters; at most {LIMITS[blank.address]:,} are read."
        assert verdict.outcome == "unreadable" and verdict.reason.startswith(message), blank.address
        assert (preview.read_as, preview.complaint) == (None, verdict.reason)
        assert took < 2, (blank.address, took)  # It was minutes where a pattern came first.


def test_a_text_at_the_limit_is_let_through():
    assert check_length("x" * 200, 200) == "x" * 200


def test_a_program_of_line_breaks_in_a_file_is_read_at_once(problem, tmp_path):
    (tmp_path / "s1.py").write_text("\n" * 1_000_000 + "x")
    began = time.process_time()
    [submission] = read(tmp_path, problem).submissions
    assert time.process_time() - began < 2
    assert judge(problem.prepare().prepared_blanks["p"], submission.answers["p"]).outcome == "unreadable"
