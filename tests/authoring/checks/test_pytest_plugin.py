"""``pytest problems/``: a real pytest in a process of its own, on a good problem and a broken one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import TEST_PROBLEMS

pytestmark = pytest.mark.process

LAYER = TEST_PROBLEMS / "layer"


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    for name in [each for each in environment if each.startswith("PYTEST_")]:
        del environment[name]
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(folder),
            *arguments,
            str(folder / "problems"),
        ],
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder,
        timeout=120,
    )


def test_each_check_of_each_problem_is_a_test(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    shutil.copytree(LAYER, tmp_path / "problems" / "good")
    broken = shutil.copytree(LAYER, tmp_path / "problems" / "broken")
    spec = broken / "problem.yaml"
    spec.write_text(spec.read_text().replace("title:", "titel:", 1))
    done = pytest_in(tmp_path, "-v")
    assert done.returncode == 1, done.stdout
    assert "1 failed, 13 passed" in done.stdout
    assert "problems/broken/problem.yaml::spec FAILED" in done.stdout
    assert "problems/good/problem.yaml::proof PASSED" in done.stdout
    assert "`titel` is not known here; did you mean title?" in done.stdout
    assert "Traceback" not in done.stdout


def test_one_check_can_be_chosen_and_other_files_are_left_alone(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    shutil.copytree(LAYER, tmp_path / "problems" / "good")
    (tmp_path / "problems" / "test_other.py").write_text("def test_it(): pass\n")
    done = pytest_in(tmp_path, "-q", "-k", "spec or test_it")
    assert (done.returncode, "2 passed, 6 deselected" in done.stdout) == (0, True), done.stdout
