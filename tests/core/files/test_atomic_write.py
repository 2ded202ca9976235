"""Files are whole or absent, and their names never leave their folder nor meet."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.files.atomic_write import open_atomic, student_file_name, write_atomically

NAMES = [
    ("s001", "s001"),
    ("ada.lovelace", "ada.lovelace"),
    ("a-b_c", "a-b_c"),
]
MADE = [
    "S001",
    "../../x",
    "/etc/passwd",
    "CON",
    "con",
    "con.txt",
    "nul",
    "com1",
    "..",
    ".",
    ".hidden",
    "a.",
    "a b",
    "",
    "ä",
    "名前",
    "<script>",
    "x" * 100,
    "a\\b",
    "a\0b",
    "\ud800",
    "s-0123456789",
]


@pytest.mark.parametrize(("student", "name"), NAMES)
def test_simple_ids_are_kept(student, name):
    assert student_file_name(student) == name


@pytest.mark.parametrize("student", MADE, ids=lambda text: ascii(text)[:20])
def test_every_other_gets_a_name_of_its_own(student):
    name = student_file_name(student)
    assert name != student
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 12 <= len(name) <= 60


@given(st.text(max_size=12), st.text(max_size=12))
def test_different_ids_have_different_names_on_any_file_system(one, other):
    assert (student_file_name(one).casefold() == student_file_name(other).casefold()) == (one == other)


def test_a_made_name_cannot_be_forged():
    assert student_file_name(student_file_name("S001")) != student_file_name("S001")


def test_a_file_is_whole_or_absent(tmp_path):
    path = tmp_path / "a.txt"
    write_atomically(path, "first")
    with pytest.raises(RuntimeError), open_atomic(path) as file:
        file.write("half")
        assert path.read_text() == "first"
        raise RuntimeError
    assert path.read_text() == "first"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    ("data", "stored"), [("ä\n", b"\xc3\xa4\n"), (b"\x00\xff", b"\x00\xff"), ("\ud800", b"\\ud800")]
)
def test_what_is_stored(tmp_path, data, stored):
    write_atomically(tmp_path / "a", data)
    assert (tmp_path / "a").read_bytes() == stored
    (tmp_path / "b").touch()
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode
