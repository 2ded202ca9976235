"""New problems: every kind, alone and beside the others, passes the check as it is made; what is refused, word for word."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from support.commands import run_command
from support.paths import ROOT

from grader.authoring import scaffold
from grader.authoring.checks.findings import blank_statuses
from grader.authoring.checks.runner.check_problem import check_problem
from grader.authoring.loader import load_problem
from grader.authoring.scaffold import write_problem
from grader.grading.problem import Problem
from grader.kinds.registry import KINDS

pytestmark = pytest.mark.process

ALL = [str(each.model_fields["kind"].default) for each in KINDS]
LISTED = "dimensions, choices, word, number, formula, function"


def clean(folder: Path) -> Problem:
    """Check a problem: nothing is found, and every key is proven or a convention with its reason."""
    report = check_problem(folder)
    assert [str(each.complaint) for each in report.findings] == []
    problem = load_problem(folder)
    expected = {each.address: "convention" if each.spec.kind == "word" else "proven" for each in problem.blanks}
    assert blank_statuses(report) == expected
    return problem


TOGETHER = {
    **{kind: [kind] for kind in ALL},
    "the default": ["formula", "choices"],
    "all": ALL,
    "all backwards": ALL[::-1],
    "repeated": ["function", "number", "function", "formula", "number", "formula", "word", "word", "choices", "choices"],
}  # fmt: skip


@pytest.mark.parametrize("kinds", TOGETHER.values(), ids=TOGETHER)
def test_it_passes_the_check(tmp_path, kinds):
    problem = clean(write_problem(tmp_path / "bank", "heat", kinds))
    assert [each.spec.kind for each in problem.blanks] == kinds
    assert [each.address for each in problem.blanks] == list("abcdefghij"[: len(kinds)])


@pytest.mark.parametrize(
    ("id_", "title"),
    [
        ("heat_equation", "Heat equation"),
        ("true", "True"),
        ("null", "Null"),
        ("e5", "E5"),
        ("X_", "X"),
        ("WeRecur", "WeRecur"),
    ],
)
def test_the_title_is_the_name(tmp_path, id_, title):
    assert load_problem(write_problem(tmp_path, id_, ["word"])).title == title


CHANGES = {
    "title": ("title: 'Heat'", "title: 'Warmth: an essay'"),
    "topics": ("topics: [linear layers] ", "topics: [physics, heat]"),
    "intro": ("A layer computes $z", "Here a layer computes $z"),
    "sizes": ("sizes: {m: 2, d: 3}", "sizes: {m: 2, d: 3, n: 7}"),
    "points": ("points: 3", "points: 7/2"),
    "ask": ("Tick everything that is true.", "What is true?"),
    "hint": ("How does the loss change with $z$?", "Think of $z$."),
    "another name": ("y: {shape: [m, 1]}", "y: {shape: [m, 1], also: [target]}"),
}


def test_it_still_passes_when_pieces_are_changed(tmp_path):
    spec = write_problem(tmp_path, "heat", ["formula", "choices"]) / "problem.yaml"
    text = spec.read_text(encoding="utf-8")
    for name, (old, new) in CHANGES.items():
        assert text.count(old) == 1, name
        text = text.replace(old, new)
    spec.write_text(text, encoding="utf-8")
    assert clean(spec.parent).title == "Warmth: an essay"


def test_the_line_for_editors_stands_where_there_is_a_schema(tmp_path):
    assert "yaml-language-server" not in (write_problem(tmp_path, "one", ["word"]) / "problem.yaml").read_text()
    (tmp_path / "problem.schema.json").write_text("{}")
    first = (write_problem(tmp_path, "two", ["word"]) / "problem.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../problem.schema.json"


def test_there_are_three_files_and_no_placeholder_is_left(tmp_path):
    folder = write_problem(tmp_path, "heat", ALL)
    assert sorted(os.listdir(folder)) == ["examples.yaml", "problem.yaml", "reference.py"]
    assert not any(mark in each.read_text(encoding="utf-8") for each in folder.iterdir() for mark in ("«", "»", "==="))


A_NAME = "is no name of a problem: a letter, then letters, digits and _"
REFUSED = {
    "unknown": ("heat", ["formla"], f"there is no kind 'formla', only {LISTED}; did you mean formula?"),
    "far from all": ("heat", ["word", "essay"], f"there is no kind 'essay', only {LISTED}"),
    "no path": (
        "heat",
        ["../question"],
        f"there is no kind '../question', only {LISTED}",
    ),
    "none": ("heat", [], f"name the kinds of the parts, separated by commas: {LISTED}"),
    "a comma too many": ("heat", ["word", ""], f"name the kinds of the parts, separated by commas: {LISTED}"),
    "too many": ("heat", ["word"] * 27, "these are 27 parts, and there are 26 letters for them"),
    "hyphen": ("heat-equation", ["word"], f"'heat-equation' {A_NAME}; did you mean heat_equation?"),
    "digit first": ("2heat", ["word"], f"'2heat' {A_NAME}"),
    "empty": ("", ["word"], f"'' {A_NAME}"),
    "path": ("../heat", ["word"], f"'../heat' {A_NAME}"),
    "line": ("heat\n", ["word"], f"'heat\\n' {A_NAME}; did you mean heat?"),
    "other letters": ("wärme", ["word"], f"'wärme' {A_NAME}"),
}


@pytest.mark.parametrize(("id_", "kinds", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(tmp_path, id_, kinds, expected):
    with pytest.raises(ValueError) as caught:
        write_problem(tmp_path / "bank", id_, kinds)
    assert str(caught.value) == expected
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "make", [Path.mkdir, Path.touch, lambda path: path.symlink_to("nowhere")], ids=["folder", "file", "dead link"]
)
def test_nothing_is_written_over(tmp_path, make):
    make(tmp_path / "heat")
    with pytest.raises(ValueError) as caught:
        write_problem(tmp_path, "heat", ["word"])
    assert str(caught.value) == f"{tmp_path / 'heat'} is there already; nothing was written"
    assert not (tmp_path / "heat" / "problem.yaml").exists()


def test_a_bank_that_is_a_file(tmp_path):
    (tmp_path / "bank").touch()
    with pytest.raises(ValueError) as caught:
        write_problem(tmp_path / "bank", "heat", ["word"])
    assert str(caught.value) == f"{tmp_path / 'bank' / 'heat'} cannot be made: Not a directory"


def test_a_kind_without_a_template(tmp_path, monkeypatch):
    monkeypatch.setattr(scaffold, "TEMPLATES", tmp_path)
    (tmp_path / "word.txt").touch()
    with pytest.raises(ValueError) as caught:
        write_problem(tmp_path, "heat", ["word", "formula"])
    assert str(caught.value) == "there is no template for the kind 'formula', only for word"


def test_every_kind_has_a_template_and_the_wheel_has_them_all():
    from hatchling.builders.wheel import WheelBuilder

    packed = {each.distribution_path for each in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {f"grader/authoring/templates/{each}.txt" for each in ("question", *ALL)} <= packed


def grader(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return run_command(*arguments, folder=cwd, environment=os.environ)


def test_from_the_command_line(tmp_path):
    made = grader("new", "heat", "--kinds", "word, number", cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith(f"made {Path('problems/heat')}: problem.yaml, reference.py, examples.yaml\n")
    assert grader("check", "--no-cache", cwd=tmp_path).returncode == 0
    again = grader("new", "heat", cwd=tmp_path)
    assert again.returncode == 2
    assert again.stderr.endswith(f"Error: {Path('problems/heat')} is there already; nothing was written\n")
