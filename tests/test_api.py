"""The interface from Python."""

from __future__ import annotations

import subprocess
import sys

import pytest

import grader
from grader.core.errors import SpecError


def test_what_is_wrong_with_a_problem_is_caught_by_a_public_name(tmp_path):
    (tmp_path / "problem.yaml").write_text("id: x\n", encoding="utf-8")
    with pytest.raises(grader.SpecError) as caught:
        grader.load_problem(tmp_path)
    assert caught.value.complaints
    assert grader.SpecError is SpecError


def test_every_public_name_is_there_and_no_other():
    assert all(getattr(grader, name) is not None for name in grader.__all__)
    with pytest.raises(AttributeError, match=r"^module 'grader' has no attribute 'Grader'$"):
        _ = grader.Grader


@pytest.mark.process
def test_importing_the_package_imports_only_its_version():
    code = "import grader, sys; print(sorted(each for each in sys.modules if each.startswith('grader.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8")
    assert done.stdout == "['grader.core', 'grader.core.version']\n"
