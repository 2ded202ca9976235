"""A folder of files: which are read, whose they are, and what happens when two are of one student."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest
from support.timing import at_most

from grader.core.errors import InputError
from grader.core.submission import Student, Submission
from grader.grading.problem import Problem
from grader.grading.readers import read
from grader.grading.readers.duplicates import deduplicate, look_alikes


def test_every_known_file_is_read_in_the_order_of_names(reading) -> None:
    got = reading(
        {
            "s2.yaml": "answers: {b: x}",
            "s1.yml": "answers: {b: no}",
            "s3.JSON": '{"answers": {"b": "y"}}',
            "more.jsonl": '{"student": "s4", "answers": {"b": "z"}}\n',
            "table.csv": "student,a.W_ss,a.W_sx,a.W_o,b,f\ns5,,,,w,\n",
            ".hidden.yaml": "nonsense: [",
            "~$table.csv": "nonsense",
            "s1.yaml~": "nonsense",
            ".DS_Store": b"\x00\x01",
            "Thumbs.db": b"\x00",
        }
    )
    assert [(each.student.id, each.answers["b"], each.source) for each in got.submissions] == [
        ("s4", "z", "more.jsonl:1"),
        ("s1", "no", "s1.yml"),
        ("s2", "x", "s2.yaml"),
        ("s3", "y", "s3.JSON"),
        ("s5", "w", "table.csv:2"),
    ]
    assert (got.remarks, got.errors) == ((), ())


def test_other_files_are_remarked_once(reading, tmp_path: Path) -> None:
    (tmp_path / "in" / "more").mkdir(parents=True)
    got = reading({"s1.yaml": "answers: {b: x}", "notes.txt": "hello", "scan.pdf": "%PDF"})
    assert [each.message for each in got.remarks] == [
        "not read: more/, notes.txt, scan.pdf; only .yaml, .yml, .json, .jsonl, .csv, .py files are read, and no links"
    ]


def test_a_link_is_not_followed(reading, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "key.yaml").write_text("answers: {b: the key}")
    (tmp_path / "in" / "s2.yaml").symlink_to(tmp_path / "key.yaml")
    got = reading({"s1.yaml": "answers: {b: x}"})
    assert [each.student.id for each in got.submissions] == ["s1"]
    assert got.remarks[0].message.startswith("not read: s2.yaml; ")


def test_a_broken_file_leaves_the_others_alone(reading) -> None:
    got = reading(
        {
            "s1.yaml": "answers:\n  b: [W]^T\n",
            "s2.json": '{"answers": {"b": "\\frac", "c": "\\partial"}}',
            "s3.yaml": "answers: {b: x}",
            "s4.json": '{"answers": {"b": "x", "b": "y"}}',
            "s5.yaml": "",
            "s6.json": "[" * 100_000,
            "s7.json": '{"answers": {}} {}',
            "s8.yaml": "answers: {b: x",
            "s9.json": "\n",
        }
    )
    assert [each.student.id for each in got.submissions] == ["s3"]
    assert [str(each) for each in got.errors] == [
        (
            "s1.yaml:2:9: the value ends before this; put the whole text in single quotes, and "
            "write a quote inside it twice"
        ),
        r"s2.json:1:34: a backslash in JSON is written twice, as in '\\frac'",
        "s4.json:1:1: the key 'b' is here twice",
        "s5.yaml: is empty",
        "s6.json:1:1: brackets are nested far too deeply",
        "s7.json:1:17: there is more after the end; one record per line belongs in a .jsonl file",
        (
            "s8.yaml:1:10: the bracket here is not closed, or a comma is missing; a text that "
            "begins with it needs quotes"
        ),
        "s9.json: is empty",
    ]


NOTHING = [
    ("empty folder", {}, "IN: holds no submissions"),
    (
        "one broken file",
        {"s1.yaml": "a: b: c"},
        "s1.yaml:1:5: a text that holds ': ' must be in single quotes",
    ),
    (
        "two broken files",
        {"s1.yaml": "", "s2.json": ""},
        "IN: nothing in it can be graded:\n  s1.yaml: is empty\n  s2.json: is empty",
    ),
    ("header only", {"t.csv": "student,b\n"}, "IN: holds no submissions"),
    (
        "another problem",
        {"s1.yaml": "problem: dna", "s2.yaml": "problem: dna"},
        "IN: 2 submissions are to another problem, 'dna', and left out",
    ),
    (
        "misspelt problem",
        {"s1.yaml": "problem: we_recurr"},
        "s1.yaml:1:1: this is for a problem called 'we_recurr', and was not read; did you mean we_recur?",
    ),
]


@pytest.mark.parametrize(("files", "message"), [each[1:] for each in NOTHING], ids=[each[0] for each in NOTHING])
def test_a_source_of_nothing_is_an_input_error(files, message: str, reading, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        reading(files)
    assert str(caught.value) == message.replace("IN", str(tmp_path / "in"))


def test_sources_that_are_not_there(problem: Problem, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere: does not exist$"):
        read(tmp_path / "nowhere", problem)
    (tmp_path / "a.txt").touch()
    with pytest.raises(InputError, match=r"a\.txt: is not a folder or a file with one of the endings \.yaml, "):
        read(tmp_path / "a.txt", problem)
    with pytest.raises(InputError, match=r"^--encoding: there is no text encoding called 'utf-9'$"):
        read(tmp_path, problem, "utf-9")


def test_a_file_that_cannot_be_opened_is_broken(problem: Problem, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    closed = tmp_path / "in" / "s1.yaml"
    if os.geteuid():
        closed.touch(mode=0)
    else:
        closed.symlink_to("/proc/self/mem")  # Nothing else is closed to the superuser.
    reason = "Permission denied" if os.geteuid() else "Input/output error"
    with pytest.raises(InputError, match=f"s1.yaml: cannot be read: {reason}"):
        read(closed, problem)


def test_other_problems_are_set_aside(reading) -> None:
    files = {
        f"s{n}.yaml": f"problem: {name}\nanswers: {{b: x, q: y}}" for n, name in enumerate(["dna", "We_Recur", "dna"])
    }
    got = reading(files)
    assert [each.student.id for each in got.submissions] == ["s1"]
    assert [each.message for each in got.remarks] == [
        "there is no blank 'q' in we_recur, so what was written there is not graded",
        "2 submissions are to another problem, 'dna', and left out",
    ]


def test_remarks_in_yaml_have_a_place_and_are_said_once(reading) -> None:
    got = reading({f"s{n}.yaml": "student:\n  id: ~\nanswers:\n  a:\n    W_xs: 2x2\n" for n in range(3)})
    assert [str(each) for each in got.remarks] == [
        "s0.yaml:5:5: there is no blank 'a.W_xs' in we_recur, so what was written there is not graded "
        "(and 2 more like it); did you mean a.W_sx?"
    ]
    assert [each.student.id for each in got.submissions] == ["s0", "s1", "s2"]


def test_lists_of_records(reading) -> None:
    got = reading(
        {
            "all.json": '[{"student": "s1", "answers": {"b": 1.50}},\n {"student": "s2", "answers": {"b": 1e400}},\n {}]',
            "more.yaml": "- student: s3\n  answers: {b: 010}\n- student: s4\n  answres: {b: x}\n",
        }
    )
    assert [(each.source, each.student.id, each.answers.get("b")) for each in got.submissions] == [
        ("all.json:1", "s1", "1.50"),
        ("all.json:2", "s2", "1e400"),
        ("more.yaml:1", "s3", "010"),
        ("more.yaml:3", "s4", None),
    ]
    assert [str(each) for each in got.errors] == ["all.json:3: no student is named here"]
    assert [str(each) for each in got.remarks] == [
        "more.yaml:4:3: the key 'answres' is not known and was not read; did you mean answers?"
    ]


def test_equal_submissions_are_one(reading) -> None:
    got = reading(
        {
            "a.yaml": "student: s1\nanswers: {b: x, f: }",
            "b.csv": "id,name,a.W_ss,a.W_sx,a.W_o,b,f\ns1,Ada,,,, x ,\n",
        }
    )
    assert [(each.student, each.source, each.held_reason) for each in got.submissions] == [
        (Student("s1", "Ada"), "a.yaml", None)
    ]
    assert [str(each) for each in got.remarks] == [
        "a.yaml: student 's1' handed in the same answers more than once: a.yaml and b.csv:2"
    ]


def test_different_submissions_are_held(reading) -> None:
    got = reading({"s01.yaml": "answers: {b: x}", "more.csv": "student,a.W_ss,a.W_sx,a.W_o,b,f\n\n\ns01,,,,y,\n"})
    assert [each.held_reason for each in got.submissions] == [
        "Two different submissions of student s01: more.csv:4 and s01.yaml. Keep one and grade again."
    ]


def given(source: str, answer: str, held: str | None = None) -> Submission:
    return Submission(Student("s1"), "p", {"b": answer}, source, held)


SAME = [given("a.csv:10", "x"), given("a.csv:9", "y"), given("b.yaml", "x"), given("c.yaml", "z", "Odd.")]


def test_the_order_of_files_does_not_matter() -> None:
    outcomes = {repr(deduplicate(order)) for order in itertools.permutations(SAME)}
    assert len(outcomes) == 1
    [kept], _ = deduplicate(SAME)
    assert kept.source == "a.csv:9"
    assert kept.held_reason == (
        "3 different submissions of student s1: a.csv:9, a.csv:10, b.yaml and c.yaml. Keep one and grade again. Odd."
    )


def test_many_sources_are_not_all_named() -> None:
    [kept], _ = deduplicate([given(f"{n}.yaml", str(n)) for n in range(9)])
    assert kept.held_reason == (
        "9 different submissions of student s1: 0.yaml, 1.yaml, 2.yaml, 3.yaml and 5 more. Keep one and grade again."
    )


@pytest.mark.parametrize(
    ("ids", "alike"),
    [
        (["s01", "S01"], ["in: the ids 'S01', 's01' look alike and are kept as different students"]),
        (["é", "e\u0301"], ["in: the ids 'e\\u0301', '\\xe9' look alike and are kept as different students"]),
        (["s01", "s10"], []),
    ],
)
def test_look_alike_ids_stay_different(ids: list[str], alike: list[str]) -> None:
    submissions = [Submission(Student(id), "p") for id in ids]
    assert [str(each) for each in look_alikes("in", submissions)] == alike


def test_a_large_file_of_one_student_is_refused_unread(reading, tmp_path: Path) -> None:
    reading({"s1.yaml": "answers: {b: x}"})
    with (tmp_path / "in" / "s2.yaml").open("wb") as file:
        file.truncate(200 * 2**20)
    got = reading({})
    assert [str(each) for each in got.errors] == ["s2.yaml: is 200 MiB large; at most 64 MiB are read here"]


@pytest.mark.parametrize("name", ["s1.yaml", "s1.json"])
def test_a_long_answer_is_kept_whole(name: str, reading) -> None:
    answer = "[" * 1_000_000
    [read] = reading({name: f'{{"answers": {{"b": "{answer}"}}}}'}).submissions
    assert read.answers["b"] == answer


@pytest.mark.bench
def test_a_yaml_file_takes_about_a_millisecond(reading) -> None:
    text = "answers:\n  a: {W_ss: 2x2, W_sx: 2x2, W_o: 2x2}\n  b: W_sx.T @ W_o.T\n  f: [wox, wssx]\n"
    files = {f"s{n}.yaml": text for n in range(200)}
    reading(files)
    with at_most(0.5):
        assert len(reading({}).submissions) == 200
