"""Programs in files of their own: whose they are, what for, and what happens beside other answers."""

from __future__ import annotations

import pytest
from support.paths import PROBLEMS, TEST_PROBLEMS

from grader.authoring.loader import load_problem
from grader.core.errors import InputError
from grader.grading.readers import read

PROBLEM = load_problem(PROBLEMS / "rnn_step")
STEP, STATES = (
    "def step(W_ss, W_sx, b, x, s):\n    return 1\n",
    "def states(W_ss, W_sx, b, X):\n    return 1\n",
)


def reading(tmp_path, files):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return read(tmp_path, PROBLEM)


def answers(got):
    return {each.student.id: dict(each.answers) for each in got.submissions}


FILES = [
    ({"s1.py": STEP + STATES}, {"s1": {"a": STEP + STATES, "c": STEP + STATES}}),
    ({"s1.a.py": STEP}, {"s1": {"a": STEP}}),
    ({"ada.lovelace.B.py": STEP}, {"ada.lovelace": {"b": STEP}}),
    ({"ada.lovelace.py": STEP}, {"ada.lovelace": {"a": STEP}}),
    ({"s1.yaml": "answers: {b: x}", "s1.py": STEP}, {"s1": {"b": "x", "a": STEP}}),
    ({"hand-in.yaml": "student: s1\nanswers: {b: x}", "hand-in.a.py": STEP}, {"s1": {"b": "x", "a": STEP}}),
    ({"x.yaml": "student: s1\nanswers: {b: x}", "s1.a.py": STEP}, {"s1": {"b": "x", "a": STEP}}),
    ({"s1.yaml": "answers: {a: ''}", "s1.a.py": STEP}, {"s1": {"a": STEP}}),
    ({"s1.py": STEP + STATES.replace("states", "state")}, {"s1": {"a": STEP + STATES.replace("states", "state"), "c": STEP + STATES.replace("states", "state")}}),
    ({"s1.py": "nothing"}, {"s1": {"a": "nothing", "b": "nothing", "c": "nothing"}}),
]  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), FILES, ids=[" ".join(files) for files, _ in FILES])
def test_a_program_finds_its_student_and_its_blanks(tmp_path, files, expected):
    got = reading(tmp_path, files)
    assert answers(got) == expected
    assert got.remarks == ()


def test_two_different_answers_to_one_blank_are_held(tmp_path):
    [got] = reading(tmp_path, {"s1.yaml": "answers: {a: other}", "s1.a.py": STEP}).submissions
    assert got.held_reason == "Two different answers to a, in s1.yaml and s1.a.py. Keep one and grade again."
    assert got.answers == {"a": "other", "a (again)": STEP}


@pytest.mark.process
def test_a_program_where_none_is_asked_for_is_remarked(tmp_path):
    other = load_problem(TEST_PROBLEMS / "layer")
    (tmp_path / "s1.py").write_text(STEP)
    if any(blank.spec.function_name for blank in other.blanks):
        pytest.fail("this problem was to ask for no function")
    with pytest.raises(InputError):
        read(tmp_path, other)
