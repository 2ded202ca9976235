"""``grader check --untrusted``, for problems of strangers, where the recorder can be locked in and where it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.authoring.checks.runner import worker_pool
from grader.authoring.reference_functions import missing_lock
from grader.core.processes.child_process import ChildProcess

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(bool(missing_lock()), reason="the recorder cannot be locked in here"),
]

SPEC = """\
title: A number
parts:
  - {id: a, ask: How many?, kind: number, value: 6, points: 1, claim: {equals: count}}
"""
EXAMPLES = "a:\n  - {answer: '6', expect: correct}\n  - {answer: '7', expect: incorrect}\n"
REFERENCE = "try:\n    open({mark!r}, 'w').close()\nexcept OSError:\n    pass\ndef count():\n    return 6\n"
NO_LOCKS = "from grader.sandbox.lockdown import syscalls\nsyscalls.ARCHITECTURES = {}\n"
"""What every Python process of ours imports first, as if there were no table of system calls for this machine."""
MISSING = f"there is no table of system calls for {os.uname().sysname} on {os.uname().machine}"
REMEDY = "It needs Linux with seccomp filters, on x86-64 or 64-bit ARM; `grader doctor` says more."


@pytest.fixture
def mark(tmp_path):
    """A file that the reference of the one problem writes where it can."""
    folder = tmp_path / "problems" / "counted"
    folder.mkdir(parents=True)
    file = tmp_path / "mark"
    for name, text in {
        "problem.yaml": SPEC,
        "examples.yaml": EXAMPLES,
        "reference.py": REFERENCE.format(mark=str(file)),
    }.items():
        (folder / name).write_text(text)
    return file


def check(folder: Path, *arguments: str, locks: bool = True) -> subprocess.CompletedProcess[str]:
    custom = folder / "custom"
    custom.mkdir(exist_ok=True)
    (custom / "sitecustomize.py").write_text("" if locks else NO_LOCKS)
    environment = {**os.environ, "PYTHONPATH": str(custom), "XDG_CACHE_HOME": str(folder / "cache"), "COLUMNS": "300"}
    return subprocess.run(
        [sys.executable, "-m", "grader", "check", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_refuses_where_there_are_no_locks(tmp_path, mark):
    done = check(tmp_path, "--untrusted", locks=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == (
        f"Error: --untrusted: reference.py cannot be locked in here: {MISSING}. {REMEDY}"
    )
    assert not mark.exists()


def test_without_it_one_warning_says_what_is_missing(tmp_path, mark):
    done = check(tmp_path, "--quiet", locks=False)
    assert done.stderr == f"warning: reference.py was run without being locked in: {MISSING}. {REMEDY}\n"
    assert done.returncode == 0, done.stdout
    assert mark.exists()


def test_where_there_are_locks_it_keeps_no_report(tmp_path, mark):
    done = check(tmp_path, "--untrusted", "--quiet")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert not mark.exists()
    assert not (tmp_path / "cache").exists()
    done = check(tmp_path, "--quiet")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert not mark.exists()
    assert len(list((tmp_path / "cache" / "grader" / "check").glob("*.json"))) == 1


@pytest.mark.parametrize("untrusted", [True, False])
def test_its_processes_get_few_variables(monkeypatch, mark, untrusted):
    passed = []

    class Watched(ChildProcess):
        def __init__(self, module, environment=None, *arguments, **how):
            passed.append(environment)
            super().__init__(module, environment, *arguments, **how)

    monkeypatch.setattr(worker_pool, "ChildProcess", Watched)
    monkeypatch.setenv("SOME_TOKEN", "secret")
    with worker_pool.WorkerPool(1, untrusted=untrusted) as pool:
        assert pool.report(mark.parent / "problems" / "counted").findings == ()
    assert [environment is not None and "SOME_TOKEN" not in environment for environment in passed] == [untrusted]
