"""One record: whose it is, which blank each answer belongs to, and what is odd about it."""

from __future__ import annotations

from typing import Any

import pytest

from grader.core.errors import InputError
from grader.core.submission import Student
from grader.grading.problem import Problem
from grader.grading.readers.addresses import Addresses
from grader.grading.readers.record import parse_submission


def told(data: Any, problem: Problem) -> tuple[dict[str, Any], list[str], str | None]:
    read, remarks = parse_submission(data, problem, "s1.json")
    return dict(read.answers), [str(each) for each in remarks], read.held_reason


def refused(data: Any, problem: Problem) -> str:
    with pytest.raises(InputError) as caught:
        parse_submission(data, problem, "s1.json")
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("b", "b"),
        ("B", "b"),
        ("(b)", "b"),
        ("b)", "b"),
        ("Part b", "b"),
        ("part (b)", "b"),
        (" b. ", "b"),
        ("a.W_ss", "a.W_ss"),
        ("A.w_SS", "a.W_ss"),
        ("(a).W_ss", "a.W_ss"),
        ("(a) W_ss", "a.W_ss"),
        ("Part a: W_ss", None),
        ("partb", None),
        ("bb", None),
        ("W_ss", None),
        ("a", None),
        ("", None),
        ("()", None),
    ],
)
def test_addresses_in_many_spellings(written: str, address: str | None, problem: Problem) -> None:
    assert Addresses(problem).find(written) == address


STUDENTS = [
    ("plain id", "s017", Student("s017")),
    ("white space around", "  s017\n", Student("s017")),
    ("number", 17, Student("17")),
    ("id and name", {"id": "s017", "name": " Ada Example "}, Student("s017", "Ada Example")),
    ("empty name", {"id": "s017", "name": " "}, Student("s017")),
    ("path", "../../x", Student("../../x")),
    ("device", "CON", Student("CON")),
    ("script", "<script>", Student("<script>")),
    ("half a surrogate pair", "s\ud800", Student("s\\ud800")),
]


@pytest.mark.parametrize(("named", "student"), [each[1:] for each in STUDENTS], ids=[each[0] for each in STUDENTS])
def test_any_id_is_kept(named: Any, student: Student, problem: Problem) -> None:
    read, remarks = parse_submission({"student": named}, problem, "s1.json")
    assert (read.student, remarks) == (student, ())


BROKEN = [
    ("list", ["s1"], "s1.json: this is not a record with the keys student and answers"),
    ("text", "s1", "s1.json: this is not a record with the keys student and answers"),
    ("nobody", {"answers": {}}, "s1.json: no student is named here"),
    ("name only", {"student": {"name": "Ada"}}, "s1.json: no student is named here"),
    ("empty id", {"student": ""}, "s1.json: the student's id is empty"),
    ("invisible id", {"student": "\u200b "}, "s1.json: the student's id is empty"),
    ("list of students", {"student": ["a"]}, "s1.json: student is an id, or a mapping with id and name"),
    ("id in a list", {"student": {"id": ["a"]}}, "s1.json: the student's id is one text"),
    (
        "answers in a list",
        {"student": "s", "answers": ["2x2"]},
        "s1.json: answers is a mapping from blanks to what was written in them",
    ),
]


@pytest.mark.parametrize(("data", "message"), [each[1:] for each in BROKEN], ids=[each[0] for each in BROKEN])
def test_a_broken_record_says_why(data: Any, message: str, problem: Problem) -> None:
    assert refused(data, problem) == message


ANSWERS = [
    ("nested", {"a": {"W_ss": "2x2"}, "b": "x"}, {"a.W_ss": "2x2", "b": "x"}),
    ("flat", {"a.W_ss": "2x2"}, {"a.W_ss": "2x2"}),
    ("other spellings", {"(A)": {"w_ss": "2x2"}, "Part B": "x"}, {"a.W_ss": "2x2", "b": "x"}),
    ("list", {"f": ["wox", "wssx"]}, {"f": ("wox", "wssx")}),
    ("none of these", {"f": []}, {"f": ()}),
    ("numbers of Python", {"b": 2, "f": 0.5}, {"b": "2", "f": "0.5"}),
    ("true", {"b": True}, {"b": "true"}),
    ("missing", {"b": None, "a": {"W_o": None}}, {}),
    ("empty and white space", {"b": "", "f": " "}, {"b": "", "f": " "}),
    ("no answers", {}, {}),
    ("equal twice", {"b": "x", "(b)": "x"}, {"b": "x"}),
    ("blank, then written", {"b": "", "B": "x"}, {"b": "x"}),
    ("half a surrogate pair", {"b": "x\ud83d"}, {"b": "x\\ud83d"}),
    ("odd address, nothing in it", {"zz": ""}, {"zz": ""}),
]


@pytest.mark.parametrize(("answers", "read"), [each[1:] for each in ANSWERS], ids=[each[0] for each in ANSWERS])
def test_answers_without_remarks(answers: Any, read: Any, problem: Problem) -> None:
    assert told({"student": "s1", "answers": answers}, problem) == (read, [], None)


REMARKED = [
    (
        "misspelt blank",
        {"a": {"W_xs": "2x2"}},
        {"a.W_xs": "2x2"},
        (
            "s1.json: there is no blank 'a.W_xs' in we_recur, so what was written there is not "
            "graded; did you mean a.W_sx?"
        ),
    ),
    (
        "unknown part",
        {"zz": {"y": "1"}},
        {"zz.y": "1"},
        "s1.json: there is no blank 'zz.y' in we_recur, so what was written there is not graded",
    ),
    (
        "one text for several blanks",
        {"a": "2x2"},
        {"a": "2x2"},
        (
            "s1.json: part a has several blanks (a.W_ss, a.W_sx, a.W_o), so what was written for "
            "all of them is not graded"
        ),
    ),
    (
        "mapping where a text belongs",
        {"b": {"x": "1"}},
        {"b": '{"x": "1"}'},
        """s1.json: the answer to b should be one text or a list of texts; it was kept as '{"x": "1"}'""",
    ),
    (
        "null in a list is not 'none'",
        {"f": [None]},
        {"f": "[null]"},
        "s1.json: the answer to f should be one text or a list of texts; it was kept as '[null]'",
    ),
    (
        "form feed",
        {"b": "\frac{1}{2}"},
        {"b": "\frac{1}{2}"},
        "s1.json: the answer to b holds a control character (U+000C); a backslash in JSON is written twice",
    ),
]


@pytest.mark.parametrize(
    ("answers", "read", "remark"), [each[1:] for each in REMARKED], ids=[each[0] for each in REMARKED]
)
def test_what_is_odd_is_kept_and_remarked(answers: Any, read: Any, remark: str, problem: Problem) -> None:
    assert told({"student": "s1", "answers": answers}, problem) == (read, [remark], None)


def test_two_different_answers_to_one_blank_are_held(problem: Problem) -> None:
    answers, _, held = told({"student": "s1", "answers": {"b": "x", "(b)": "y"}}, problem)
    assert answers == {"b": "x", "(b)": "y"}
    assert held == "Two different answers to b in s1.json: under 'b' and '(b)'. Keep one and grade again."


@pytest.mark.parametrize("key", ["anwers", "Answers", "b"])
def test_a_misspelt_answers_does_not_cost_the_marks(key: str, problem: Problem) -> None:
    _, remarks, held = told({"student": "s1", key: {"b": "x"}}, problem)
    assert held == f"No answers were found in s1.json, only the key {key!r}."
    assert remarks[0].startswith(f"s1.json: the key {key!r} is not known and was not read")


def test_other_keys_are_remarked_only(problem: Problem) -> None:
    data = {"student": {"id": "s1", "mail": "a@b"}, "when": "noon", "answers": {}}
    assert told(data, problem) == (
        {},
        [
            "s1.json: the key 'mail' is not known and was not read",
            "s1.json: the key 'when' is not known and was not read",
        ],
        None,
    )


def deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


def test_forty_levels_are_kept_and_more_refused(problem: Problem) -> None:
    answers, _, _ = told({"student": "s1", "answers": {"b": deep(40)}}, problem)
    assert answers == {"b": "[" * 40 + '"x"' + "]" * 40}
    message = "s1.json: the answer to b is nested deeper than 40 levels"
    assert refused({"student": "s1", "answers": {"b": deep(41)}}, problem) == message
