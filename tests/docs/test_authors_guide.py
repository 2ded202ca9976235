"""docs/authors.md, done as a reader would: the files are written, every command is run, and every output is what it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from support.commands import run_command
from support.paths import ROOT

from grader.authoring.checks.findings import blank_statuses
from grader.authoring.checks.runner.check_problem import check_problem

pytestmark = pytest.mark.process

DOC = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
MARKED = re.compile(
    r"<!-- (\w+)(?: (\S+))? -->\n```\w+\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE
)
ROW = re.compile(r"^\| `([{\[].+?)` \| .+? \| (.+?) \|$", re.MULTILINE)
PROBLEM = Path("problems/logistic")


def shell(command: str) -> str:
    """Run a command with ``grader`` in it, and return what it prints: through a shell where it is more than one command."""
    program, *arguments = shlex.split(command)
    if program == "grader" and not set(command) & set("|<>&;$*\n"):
        done = run_command(*arguments, folder=Path.cwd(), environment=os.environ | {"COLUMNS": "90"})
        return done.stdout + done.stderr
    script = f'grader() {{ "{sys.executable}" -m grader "$@"; }}\n{command}'
    environment = {**os.environ, "COLUMNS": "90", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=120)
    return done.stdout + done.stderr


def run(body: str) -> str:
    """Run what stands after the prompt, and return it with what it printed, as in a terminal."""
    command = body.partition("\n")[0]
    printed = "\n".join(line.rstrip() for line in shell(command.removeprefix("$ ")).splitlines())
    return f"{command}\n{printed.strip()}\n"


def change(text: str, diff: str) -> str:
    """Apply the lines of a diff that has no line numbers."""
    lines = diff.splitlines(keepends=True)
    old, new = ("".join(each[1:] for each in lines if each[0] in signs) for signs in (" -", " +"))
    assert text.count(old) == 1, old
    return text.replace(old, new)


def findings() -> str:
    """Check the problem, and return its findings as they are printed."""
    return "".join(f"{each.level} {each.check} {each.complaint}\n" for each in check_problem(PROBLEM).findings)


def played(document: str) -> Iterator[tuple[str, str]]:
    """Do what the document says, in this folder; yields what it says comes out, and what did."""
    for action, name, body, output in MARKED.findall(document):
        file = Path(name)
        before = file.read_text(encoding="utf-8") if file.is_file() else ""
        match action:
            case "write":
                assert file.is_file()
                file.write_text(body, encoding="utf-8")
            case "append":
                file.write_text(before + body, encoding="utf-8")
            case "change":
                file.write_text(change(before, body), encoding="utf-8")
            case "break":
                file.write_text(change(before, body), encoding="utf-8")
                yield output, findings()
                file.write_text(before, encoding="utf-8")
            case "run":
                yield body, run(body)


def shortened(got: str, said: str) -> str:
    """Leave out what the document leaves out, where it has a line with … instead."""
    lines = said.splitlines()
    if "…" not in lines:
        return got
    kept = [line for line in got.splitlines() if line in lines]
    return said if kept == [line for line in lines if line != "…"] else got


def test_the_tutorial(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    [first] = re.findall(r"```sh\n(mkdir.*?)```", DOC, re.DOTALL)
    assert shell(first) == ""
    for said, got in played(DOC):
        assert shortened(got, said) == said
    assert findings() == ""
    assert blank_statuses(check_problem(PROBLEM)) == {"a": "proven", "b": "proven"}


def test_the_workflow_is_safe_and_is_yaml():
    [text] = [body for action, _, body, _ in MARKED.findall(DOC) if action == "workflow"]
    data = yaml.load(text, yaml.BaseLoader)
    assert (data["on"], data["permissions"]) == ("pull_request", {"contents": "read"})
    steps = data["jobs"]["check"]["steps"]
    assert steps[0]["with"] == {"fetch-depth": "0", "persist-credentials": "false"}
    assert "secrets" not in text and not any("${{" in each.get("run", "") for each in steps)


def claims() -> dict[str, str]:
    """The blocks that the examples of claims speak of."""
    return {name: body for action, name, body, _ in MARKED.findall(DOC) if action == "claims"}


def blank(row: tuple[str, str]) -> str:
    """Return a row of the tables as a part that says so, or as an option."""
    said, key = row[0], row[1].strip("`")
    if key in ("true", "false"):
        return f"kind: choices, scoring: balanced, options: {{it: {{says: It., correct: {key}, holds: {said}}}}}"
    kind = re.match(r"(shape|value|name): ", key)
    named = {"shape": "dimensions", "value": "number", "name": "function, parameters: [X, w, t, lam]"}
    return (
        f"kind: {named[kind[1]]}, {key}, claim: {said}" if kind else f"kind: formula, reference: '{key}', claim: {said}"
    )


ROWS = ROW.findall(DOC.partition("## Claims")[2])


@pytest.mark.parametrize("row", ROWS, ids=[each[0] for each in ROWS])
def test_a_claim_of_the_tables(tmp_path, row):
    spec = f"title: A claim\n{claims()['spec']}parts:\n  - {{id: a, ask: What?, points: 1, {blank(row)}}}\n"
    (tmp_path / "problem.yaml").write_text(spec, encoding="utf-8")
    (tmp_path / "reference.py").write_text(claims()["reference"], encoding="utf-8")
    report = check_problem(tmp_path)
    assert not [str(each.complaint) for each in report.findings if each.check in ("spec", "proof")]
    assert blank_statuses(report) == {"a": "convention" if "convention" in row[0] else "proven"}


def test_every_form_has_a_row():
    from grader.kinds.base.claims import Claim, OptionClaim

    said = " ".join(each[0] for each in ROWS)
    fields = {field.alias or name for model in (Claim, OptionClaim) for name, field in model.model_fields.items()}
    assert not [each for each in fields if f"{each}: " not in said]
    assert len(ROWS) >= 24


HOOKED = {
    "problems/heat/problem.yaml": True, "exams/2026/heat/reference.py": True, "heat/examples.yaml": True,
    "problems/heat/picture.png": True, "problems/problem.schema.json": False, "README.md": False, "src/my_reference.py": False,
}  # fmt: skip


def test_the_hook():
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {name: bool(re.search(hook["files"], name)) for name in HOOKED} == HOOKED
    assert hook["id"] in DOC and hook["entry"] == "grader check"
