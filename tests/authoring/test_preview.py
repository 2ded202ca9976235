"""Real files, saved whole and half: what is written out, and what is told of it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.paths import ROOT

from grader.authoring import preview
from grader.authoring.preview import watch_preview, write_preview
from grader.core.errors import SpecError

AGAIN = '<meta http-equiv="refresh" content="1">'


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(ROOT / "tests" / "problems" / "layer", tmp_path / "layer"))


def save(folder: Path, old: str = "", new: str = "", name: str = "problem.yaml") -> None:
    """Save a file with a change, and a later time than it had."""
    file = folder / name
    later = file.stat().st_mtime_ns + 1_000_000
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    os.utime(file, ns=(later, later))


def watched(folder: Path, output: Path, *saves: Callable[[], object], solutions: bool = False):
    """Watch while things are done, one before each tick; returns what was told, and the pages after each tick."""
    told, pages = [], []

    def ticks():
        for each in saves:
            pages.append(output.read_text(encoding="utf-8"))
            each()
            yield
        pages.append(output.read_text(encoding="utf-8"))

    watch_preview(folder, output, solutions, told.append, ticks())
    assert all(re.match(r"\d\d:\d\d:\d\d ", line) for line in told)
    return [line[9:] for line in told], pages


def test_one_page_is_written(folder, tmp_path):
    write_preview(folder, tmp_path / "new" / "exam.html", solutions=False)
    page = (tmp_path / "new" / "exam.html").read_text(encoding="utf-8")
    assert "<h1>One linear layer</h1>" in page
    assert AGAIN not in page
    write_preview(folder / "problem.yaml", tmp_path / "exam.html", solutions=True)
    assert "Official solutions" in (tmp_path / "exam.html").read_text(encoding="utf-8")


def test_mistakes_end_a_single_showing_and_leave_the_page_as_it_was(folder, tmp_path):
    output = tmp_path / "exam.html"
    output.write_text("before")
    save(folder, "points: 2", "pionts: 2")
    with pytest.raises(SpecError, match="did you mean"):
        write_preview(folder, output, solutions=False)
    assert output.read_text() == "before"


def test_a_save_is_shown_and_nothing_else_writes(folder, tmp_path):
    output = tmp_path / "exam.html"
    told, pages = watched(folder, output, lambda: None, lambda: save(folder, "One linear", "One other"), lambda: None)
    assert told == [f"written {output}"] * 2
    assert ["One other layer" in page for page in pages] == [False, False, True, True]
    assert all(AGAIN in page for page in pages)


def test_a_new_file_and_one_that_went_are_changes(folder, tmp_path):
    told, _ = watched(
        folder, tmp_path / "exam.html", (folder / "new.txt").touch, lambda: None, (folder / "new.txt").unlink
    )
    assert len(told) == 3


def test_the_page_itself_may_lie_in_the_folder(folder):
    told, _ = watched(folder, folder / "exam.html", lambda: None, lambda: None)
    assert len(told) == 1


@pytest.mark.parametrize("spec", [False, True])
def test_mistakes_are_listed_with_their_places_until_they_are_mended(folder, tmp_path, spec):
    output = tmp_path / "exam.html"
    told, pages = watched(
        folder / "problem.yaml" if spec else folder,
        output,
        lambda: save(folder, "points: 2", "pionts: 2\n    left: [<b>]\n    colour: red"),
        lambda: save(folder, "pionts: 2\n    left: [<b>]\n    colour: red", "points: 2"),
        solutions=True,
    )
    assert told[0] == told[2] == f"written {output}"
    assert re.fullmatch(rf"\d mistakes: {re.escape(str(folder))}/problem\.yaml:\d+:\d+: .*", told[1])
    assert re.search(r"layer/problem\.yaml:\d+:\d+: .*; did you mean points\?", pages[1])
    assert AGAIN in pages[1]
    assert pages[0] == pages[2]


def cut(file: Path, bytes_: bytes) -> Callable[[], object]:
    return lambda: file.write_bytes(bytes_)


HALVES = [
    b"",
    b"title: One",
    b"parts:\n  - id: a\n    ask: {",
    b"title: \xff\xfe",
    b"\x00" * 40,
    b"- 1\n",
    b"&a [*a]",
]


@pytest.mark.parametrize("half", HALVES, ids=ascii)
def test_a_half_saved_file_does_not_end_the_watching(folder, tmp_path, half):
    spec = folder / "problem.yaml"
    told, pages = watched(folder, tmp_path / "exam.html", cut(spec, half), cut(spec, spec.read_bytes()))
    assert "mistake" in told[1]
    assert told[2].startswith("written")
    assert pages[0] == pages[2]


@pytest.mark.parametrize("name", ["problem.yaml", "reference.py"])
def test_a_missing_file_does_not_end_the_watching(folder, tmp_path, name):
    file, aside = folder / name, tmp_path / "aside"
    told, _ = watched(folder, tmp_path / "exam.html", lambda: file.rename(aside), lambda: aside.rename(file))
    assert "1 mistake: " in told[1]
    assert told[2].startswith("written")


def test_a_missing_folder_is_waited_for(folder, tmp_path):
    aside = tmp_path / "aside"
    folder.rename(aside)
    told, _ = watched(folder, tmp_path / "out" / "exam.html", lambda: None, lambda: aside.rename(folder))
    assert told[0].startswith("1 mistake: ")
    assert told[1].startswith("written")
    assert len(told) == 2


def test_a_failure_of_the_grader_does_not_end_the_watching(folder, tmp_path, monkeypatch):
    def crash(path):
        raise RecursionError("too\x1b deep")

    monkeypatch.setattr(preview, "load_problem", crash)
    told, pages = watched(folder, tmp_path / "exam.html")
    assert told == [f"1 mistake: {folder}: the grader itself failed: RecursionError: too␛ deep"]
    assert "the grader itself failed" in pages[0]


def test_a_page_that_cannot_be_written_ends_it(folder, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        watch_preview(folder, tmp_path / "file" / "exam.html", False, print, iter([None]))


def test_a_hostile_title_and_folder_are_escaped(folder, tmp_path):
    hostile = folder.rename(tmp_path / "<script>alert(1)<")
    save(hostile, "One linear layer", "'</title><script>alert(1)</script>'")
    _, pages = watched(hostile, tmp_path / "exam.html", lambda: save(hostile, "points: 2", "<script>: 2"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[0]
    assert not any("<script" in page for page in pages)
    assert "&lt;script&gt;" in pages[1]
