"""Processes of our own: what they inherit, how they answer, how they end."""

from __future__ import annotations

import gc
import os
import sys

import pytest

from grader.core.processes.child_process import ChildProcess, DeadlineExceeded, ProcessEnded
from grader.core.processes.environment import python_command, python_environment

pytestmark = pytest.mark.process

ECHO = """
import json, os, sys
from grader.core.processes.child_process import claim_standard_streams

def main():
    requests, answers = claim_standard_streams(silent=sys.argv[1] == "silent")
    print("printed")
    for line in requests:
        asked = json.loads(line)
        if asked == "exit":
            print("gone", file=sys.stderr)
            sys.exit(3)
        if asked != "wait":
            answers.write(json.dumps({"asked": asked, "read": sys.stdin.read()}) + "\\n")
            answers.flush()
"""


@pytest.fixture
def echo(tmp_path, monkeypatch):
    """Start a process that sends requests back."""
    (tmp_path / "echo_requests.py").write_text(ECHO, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return lambda streams="told": ChildProcess("echo_requests", None, streams)


def test_a_process_inherits_everything_but_the_secret(monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "correct horse")
    monkeypatch.setenv("OTHER", "x")
    monkeypatch.setattr(sys, "path", ["", "/a", "/b"])
    environment = python_environment()
    assert "GRADER_SECRET" not in environment
    assert environment["OTHER"] == "x"
    assert (environment["PYTHONPATH"], environment["OPENBLAS_NUM_THREADS"]) == (os.pathsep.join(["/a", "/b"]), "1")


def test_a_process_inherits_only_what_is_named(monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "correct horse")
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert python_environment(("LANG", "GRADER_SECRET", "NOT_SET")).keys() == {
        "LANG", "PYTHONPATH", "OPENBLAS_NUM_THREADS",
    }  # fmt: skip


def test_the_command_imports_nothing_from_the_working_directory():
    assert python_command("grader.x", "--name", "y") == [sys.executable, "-P", "-m", "grader.x", "--name", "y"]


@pytest.mark.parametrize("silent", [False, True])
def test_answers_come_back_whatever_is_printed(echo, silent):
    with echo("silent" if silent else "told") as child:
        assert child.ask({"a": 1}, 30) == {"asked": {"a": 1}, "read": ""}
        assert child.ask("ä", 30) == {"asked": "ä", "read": ""}
        with pytest.raises(ProcessEnded) as caught:
            child.ask("exit", 30)
    assert (caught.value.code, caught.value.errors) == (3, "" if silent else "printed\ngone\n")


def test_a_process_that_is_late_is_ended(echo):
    child = echo()
    child.ask(1, 30)
    with pytest.raises(DeadlineExceeded):
        child.ask("wait", 0.1)
    assert child.process.returncode is not None


@pytest.mark.parametrize("forgotten", [False, True], ids=["closed", "forgotten"])
def test_a_process_ends_with_its_owner(echo, forgotten):
    child = echo()
    process = child.process
    if not forgotten:
        child.close()
        child.close()
    del child
    gc.collect()
    assert process.poll() is not None
