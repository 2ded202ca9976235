"""What is shipped: lock files without addresses, a Makefile that tells what it does, no trace of a machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib

import pytest
from support.paths import ROOT

from grader import __version__

LOCKS = ["requirements.lock", "requirements-dev.lock"]
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT, GROUPS = CONFIGURATION["project"], CONFIGURATION["dependency-groups"]


def pinned(lock: str) -> dict[str, str]:
    """The pins of a lock file with the lines that belong to each."""
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text(encoding="utf-8"))
    return {block.partition("==")[0]: block for block in blocks if "==" in block}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_holds_hashes_and_no_address(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|--index|--find-links", text)
    assert all("--hash=sha256:" in block for block in pinned(lock).values())


def test_every_dependency_is_locked():
    name = re.compile(r"[A-Za-z0-9_.-]+")
    runtime = {name.match(each)[0].lower().replace("_", "-") for each in PROJECT["dependencies"]}
    more = [each for extra in PROJECT["optional-dependencies"].values() for each in extra]
    more += [each for group in GROUPS.values() for each in group if isinstance(each, str)]
    dev = {name.match(each)[0].lower().replace("_", "-") for each in more}
    assert {*runtime, "hatchling", "editables"} <= set(pinned("requirements.lock"))
    assert runtime | dev <= set(pinned("requirements-dev.lock"))


def test_one_version():
    assert PROJECT["version"] == __version__


@pytest.mark.process
def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    wanted = re.search(r"\.PHONY: (.*)", makefile)[1].split()
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"make (\w+):", shown) == [each for each in wanted if each not in ("static", "bank")]


def test_ci_can_be_run():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


HOMES = "|".join(["root", "home", "Users", "work"])
TRACES = re.compile(rf"(?<![\w.$/}}-])/(?:{HOMES})/\w|://(?:[\w-]+\.)*(?:pypi|npmjs|pythonhosted)\.")


@pytest.mark.process
def test_no_file_names_a_machine_or_a_registry():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.suffix in (".png", ".woff2") or not path.exists():
            continue
        assert not TRACES.search(path.read_text(encoding="utf-8", errors="replace")), name


def test_the_links_of_the_documents_lead_somewhere():
    for document in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            if "picture.png" not in target and "file.png" not in target:
                assert (document.parent / target).exists(), f"{document.name}: {target}"


@pytest.mark.process
def test_the_readmes_python_runs():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "5.33 of 12.0\n"
