"""The whole road with toy kinds, to results.jsonl, marks.csv and pages: four ways of earning nothing stay apart."""

from __future__ import annotations

import csv
import json

import pytest
from support.toy_kind import toy_problem

from grader.core.submission import Student, Submission
from grader.grading.readers import ReadResult
from grader.reports.batch import Batch, run

ANSWERS = {
    "s1": "correct",
    "s2": "half",
    "s3": "wrong",
    "s4": "garbled",
    "s5": "",
    "s6": "undecided",
    "s7": "crash",
    "s8": "correct?",
}


def batch(out, answers=ANSWERS, **options):
    submissions = tuple(Submission(Student(who), "toys", {"a": text}) for who, text in answers.items())
    return Batch(toy_problem(a=3), ReadResult(submissions, (), ()), out, **options)


@pytest.fixture
def out(tmp_path):
    run(batch(tmp_path / "out"))
    return tmp_path / "out"


def rows(out):
    return [json.loads(line) for line in (out / "results.jsonl").read_text(encoding="utf-8").splitlines()]


def test_results(out):
    found = [(row["student"]["id"], row["parts"][0]["outcome"], row["points"], row["status"]) for row in rows(out)]
    assert found == [
        ("s1", "correct", 3.0, "final"),
        ("s2", "partial", 1.5, "final"),
        ("s3", "incorrect", 0.0, "final"),
        ("s4", "unreadable", 0.0, "provisional"),
        ("s5", "blank", 0.0, "final"),
        ("s6", "ungraded", None, "ungraded"),
        ("s7", "ungraded", None, "ungraded"),
        ("s8", "correct", 3.0, "provisional"),
    ]


def test_marks(out):
    table = list(csv.DictReader((out / "marks.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["student"], row["total"], row["status"]) for row in table] == [
        ("s1", "3", "final"),
        ("s2", "1.5", "final"),
        ("s3", "0", "final"),
        ("s4", "0", "provisional"),
        ("s5", "0", "final"),
        ("s6", "", "ungraded"),
        ("s7", "", "ungraded"),
        ("s8", "3", "provisional"),
    ]


WORDS = {
    "s1": "Correct",
    "s2": "Partly",
    "s3": "Incorrect",
    "s4": "read",
    "s5": "Nothing",
    "s6": "Not graded",
    "s7": "Not graded",
}


@pytest.mark.parametrize(("student", "word"), WORDS.items())
def test_each_outcome_has_its_own_words_on_the_page(out, student, word):
    assert word in (out / "students" / f"{student}.html").read_text(encoding="utf-8")


def test_a_crash_is_named_to_the_instructor_and_never_to_the_student(out):
    assert "ZeroDivisionError" in rows(out)[6]["review"]
    assert "ZeroDivisionError" in (out / "index.html").read_text(encoding="utf-8")


def test_the_same_input_gives_the_same_bytes(tmp_path, out):
    run(batch(tmp_path / "again"))
    first = {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    again = tmp_path / "again"
    assert first == {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}
    assert len(first) == len(ANSWERS) + 3


def test_only_whole_files_under_final_names(out):
    names = {path.name for path in out.rglob("*") if path.is_file()}
    assert names == {"results.jsonl", "marks.csv", "index.html", *(f"{student}.html" for student in ANSWERS)}


def test_a_student_who_is_gone_leaves_no_page(tmp_path, out):
    run(batch(out, {"s1": "wrong"}))
    assert [path.name for path in (out / "students").iterdir()] == ["s1.html"]


@pytest.mark.parametrize(
    "student",
    [
        "../../x",
        "/etc/passwd",
        "CON",
        "s1/../../s2",
        "..",
        ".",
        "a\\b",
        "<script>alert(1)</script>",
        "ä" * 3000,
    ],
)
def test_no_id_leaves_the_output_folder(tmp_path, student):
    before = set(tmp_path.rglob("*"))
    run(batch(tmp_path / "out", {student: "correct"}))
    [page] = (tmp_path / "out" / "students").iterdir()
    after = {path for path in tmp_path.rglob("*") if "out" not in path.relative_to(tmp_path).parts}
    assert after == before
    assert page.suffix == ".html"
    assert "<script>" not in page.read_text(encoding="utf-8")


def test_shared_assets_make_small_pages(tmp_path):
    run(batch(tmp_path / "out", shared_assets=True))
    assert (tmp_path / "out" / "assets").is_dir()
    assert max(path.stat().st_size for path in (tmp_path / "out" / "students").iterdir()) < 12_000


@pytest.mark.parametrize("text", ["[1]", '{"student":', "\xff"])
def test_results_that_are_not_ours_stop_nothing(tmp_path, text):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "results.jsonl").write_bytes(text.encode("latin-1"))
    run(batch(tmp_path / "out"))
    assert len(rows(tmp_path / "out")) == len(ANSWERS)


def test_files_that_are_not_ours_stay(tmp_path):
    theirs = tmp_path / "out" / "students" / "mine.html"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    run(batch(tmp_path / "out"))
    assert theirs.read_text() == "mine"
