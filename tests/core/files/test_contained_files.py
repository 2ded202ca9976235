"""Files of a folder that somebody else filled: what lies there is read, what only seems to is refused."""

from __future__ import annotations

import os

import pytest

from grader.authoring.loader import load_problem
from grader.core.errors import SpecError
from grader.core.files.contained_files import decode_text, read_contained

PICTURE = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
SPEC = """\
title: One
intro: "![a picture](figure.svg)"
parts:
  - {id: a, ask: What?, kind: word, points: 1, accept: [yes]}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "secret").write_text("a secret")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "deep").write_text("a secret")
    made = tmp_path / "problem"
    (made / "sub").mkdir(parents=True)
    (made / "own").write_text("own")
    (made / "sub" / "own").write_text("own too")
    (made / "large").write_bytes(b"x" * 11)
    (made / "link").symlink_to(tmp_path / "secret")
    (made / "link-inside").symlink_to("own")
    (made / "broken").symlink_to("nowhere")
    (made / "linked").symlink_to(tmp_path / "outside")
    os.mkfifo(made / "pipe")
    return made


@pytest.mark.parametrize(
    ("name", "data"), [("own", b"own"), ("sub/own", b"own too"), ("./own", b"own"), ("sub/./own", b"own too")]
)
def test_what_lies_there_is_read(folder, name, data):
    assert read_contained(folder, name) == data


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("link", "it is a link; the files of a problem must lie in its own folder"),
        ("link-inside", "it is a link; the files of a problem must lie in its own folder"),
        ("broken", "it is a link; the files of a problem must lie in its own folder"),
        ("linked/deep", "it is a link; the files of a problem must lie in its own folder"),
        ("pipe", "it is not a file"),
        ("sub", "it is not a file"),
        ("large", "it has more than 10 bytes"),
        ("nothing", "No such file or directory"),
        ("own/more", "Not a directory"),
        ("../secret", "it is not in the folder"),
        ("sub/../../secret", "it is not in the folder"),
        ("/etc/hostname", "it is not in the folder"),
        ("", "it is not in the folder"),
    ],
)
def test_what_only_seems_to_is_refused(folder, name, reason):
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError) as refused:
        read_contained(folder, name, 10)
    assert refused.value.strerror == reason
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_folder_itself_may_be_reached_through_a_link(folder, tmp_path):
    (tmp_path / "alias").symlink_to(folder)
    assert read_contained(tmp_path / "alias", "own") == b"own"


def test_line_breaks_and_a_byte_order_mark():
    assert decode_text(b"\xef\xbb\xbfa\r\nb\rc\n") == "a\nb\nc\n"


def problem(tmp_path, **links):
    """Make a problem in which some files are links to a secret."""
    made = tmp_path / "one"
    made.mkdir()
    (tmp_path / "secret").write_text("GRADER_SECRET=hunter2")
    for name, text in {"problem.yaml": SPEC, "figure.svg": PICTURE.decode()}.items():
        (made / name).write_text(text)
    for name in links.values():
        (made / name).unlink(missing_ok=True)
        (made / name).symlink_to(tmp_path / "secret")
    return made


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("figure.svg", "problem.yaml:2:8: the picture 'figure.svg' cannot be shown: it is a link; the files of a problem must lie in its own folder"),
        ("problem.yaml", "problem.yaml: cannot be read: it is a link; the files of a problem must lie in its own folder"),
        ("reference.py", "reference.py: cannot be read: it is a link; the files of a problem must lie in its own folder"),
    ],
)  # fmt: skip
def test_no_file_of_a_problem_is_read_through_a_link(tmp_path, name, complaint):
    folder = problem(tmp_path, link=name)
    with pytest.raises(SpecError) as refused:
        load_problem(folder)
    assert str(refused.value) == f"{folder}/{complaint}"
    assert "hunter2" not in str(refused.value)


def test_without_links_it_is_read(tmp_path):
    assert load_problem(problem(tmp_path)).figures == {"figure.svg": PICTURE}
