"""The command line as people use it: real processes, real files, careless input, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import run_command
from support.paths import ROOT

pytestmark = pytest.mark.process

SEED = ROOT / "problems" / "we_recur"
RIGHT = {
    "a": {"W_ss": "2x2", "W_sx": "2x2", "W_o": "2x2"},
    "b": "W_sx.T @ W_o.T @ dLdz2",
    "c": {"W_ssx": "2x4", "W_ox": "2x4"},
    "d": "softmax",
    "e": "x2 = p1",
    "f": ["wox", "wox_all", "wssx"],
}


def grader(*arguments, cwd=ROOT, **environment):
    """Run the command in a process of its own, without a terminal."""
    clean = {key: value for key, value in os.environ.items() if key != "GRADER_SECRET"}
    return run_command(*arguments, folder=cwd, environment={**clean, "COLUMNS": "100", **environment})


def submit(folder: Path, *rows: dict) -> Path:
    source = folder / "answers.jsonl"
    lines = [json.dumps({"student": f"s{number}", "problem": "we_recur", **row}) for number, row in enumerate(rows)]
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return source


def results(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text(encoding="utf-8").splitlines()]


def test_it_runs_as_a_module_of_a_python_that_has_just_started(tmp_path):
    """As all other tests of commands do not: theirs are forked from a process that has imported it."""
    source = submit(tmp_path, {"answers": {**RIGHT, "d": "softmx"}})
    command = [sys.executable, "-m", "grader", "grade", str(SEED), str(source), "-o"]
    done = subprocess.run([*command, str(tmp_path / "fresh")], cwd=ROOT, capture_output=True, text=True, timeout=120)
    forked = grader("grade", SEED, source, "-o", tmp_path / "forked")
    assert (done.returncode, done.stderr) == (forked.returncode, forked.stderr) == (1, "")
    assert (tmp_path / "fresh" / "results.jsonl").read_bytes() == (tmp_path / "forked" / "results.jsonl").read_bytes()


def test_all_right_is_twelve_points_and_exit_0(tmp_path):
    done = grader("grade", SEED, submit(tmp_path, {"answers": RIGHT}), "-o", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    [result] = results(tmp_path / "out")
    assert (result["points"], result["out_of"], result["status"]) == (12.0, 12.0, "final")
    assert "1 of 1 graded, mean 12 of 12; 0 need a person." in done.stdout
    assert f"Class page: {tmp_path / 'out' / 'index.html'}" in done.stdout


def test_something_for_a_person_is_exit_1(tmp_path):
    done = grader("grade", SEED, submit(tmp_path, {"answers": {**RIGHT, "d": "softmx"}}), "-o", tmp_path / "out")
    assert done.returncode == 1
    assert "provisional s0" in done.stdout


def test_a_secret_is_named_in_the_provenance_and_never_shown(tmp_path):
    source = submit(tmp_path, {"answers": RIGHT})
    (tmp_path / "secret").write_text("correct horse battery staple\n")
    by_file = grader("grade", SEED, source, "-o", tmp_path / "1", "--secret-file", tmp_path / "secret")
    by_name = grader("grade", SEED, source, "-o", tmp_path / "2", GRADER_SECRET="correct horse battery staple")
    nothing = grader("grade", SEED, source, "-o", tmp_path / "3")
    ids = [results(tmp_path / out)[0]["provenance"]["secret"] for out in "123"]
    assert ids[0] == ids[1] != "public"
    assert ids[2] == "public"
    assert [done.returncode for done in (by_file, by_name, nothing)] == [0, 0, 0]
    pages = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "1").rglob("*") if path.is_file())
    assert "horse" not in pages


WRONG_CALLS = [
    (["grade"], 2, "Missing argument 'PROBLEM'"),
    (["grad"], 2, "No such command 'grad'"),
    (["grade", SEED, "nowhere", "-o", "out"], 2, "nowhere"),
    (["grade", ROOT / "problems" / "we_recurr", "x", "-o", "out"], 2, "did you mean we_recur?"),
    (
        ["grade", SEED, SEED, "-o", "out", "--reveal", "all"],
        2,
        "'all' is not one of 'verdict', 'hint', 'full'",
    ),
    (["grade", SEED, SEED, "-o", "out", "--secret-file", "nowhere"], 2, "does not exist"),
]


@pytest.mark.parametrize(("arguments", "code", "message"), WRONG_CALLS, ids=lambda value: str(value)[-24:])
def test_wrong_calls(tmp_path, arguments, code, message):
    done = grader(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_one_broken_file_stops_nobody_else(tmp_path):
    folder = tmp_path / "submissions"
    folder.mkdir()
    (folder / "good.json").write_text(json.dumps({"student": "good", "answers": RIGHT}))
    (folder / "bad.yaml").write_text("answers: {b: [")
    done = grader("grade", SEED, folder, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "Not read: bad.yaml:2:1: a bracket was opened and never closed" in done.stderr
    assert [row["points"] for row in results(tmp_path / "out")] == [12.0]


def test_an_output_folder_that_cannot_be_written_is_exit_3(tmp_path):
    (tmp_path / "out").write_text("a file in the way")
    done = grader("grade", SEED, submit(tmp_path, {"answers": RIGHT}), "-o", tmp_path / "out" / "deeper")
    assert done.returncode == 3
    assert "The run could not go on" in done.stderr


HOSTILE = {
    "open brackets": "(" * 100_000,
    "a megabyte": "W_sx.T @ " * 111_111,
    "a tower": "9**9**9",
    "not a number": "sqrt(1e400)-sqrt(1e400)",
    "a huge exponent": "1e999999999 * dLdz2",
    "look-alike letters": "W_s\u0445.T @ W_\u043e.T @ dLdz2",
    "markup": "<script>alert(1)</script>",
    "a spreadsheet formula": "=cmd|' /C calc'!A0",
    "a null": "W_sx\u0000",
    "a lone surrogate": "\ud800",
}


def test_hostile_answers_are_shown_never_run_never_right(tmp_path):
    rows = [
        {"answers": dict.fromkeys("bde", text), "student": {"id": f"s{n}", "name": "<script>x</script>"}}
        for n, text in enumerate(HOSTILE.values())
    ]
    done = grader("grade", SEED, submit(tmp_path, *rows), "-o", tmp_path / "out")
    assert done.returncode == 1, done.stderr
    for (name, text), row in zip(HOSTILE.items(), results(tmp_path / "out"), strict=True):
        assert row["points"] == 0.0, name
        assert all(part["outcome"] in ("blank", "unreadable", "incorrect") for part in row["parts"]), name
        assert row["parts"][1]["blanks"][0]["written"] == (
            text if "\ud800" not in text else row["parts"][1]["blanks"][0]["written"]
        )
    for page in (tmp_path / "out").rglob("*.html"):
        assert "<script" not in page.read_text(encoding="utf-8")
        assert page.stat().st_size < 300_000


def test_help_has_examples_and_completion_completes():
    assert "grader grade problems/we_recur submissions/we_recur -o out" in grader("grade", "--help").stdout
    assert "_GRADER_COMPLETE" in grader("completion", "bash").stdout


def test_the_schema_can_be_printed():
    assert json.loads(grader("schema").stdout)["title"] == "ProblemSpec"


def test_doctor_tells_every_layer_and_what_is_missing():
    done = grader("doctor")
    assert done.returncode == 0
    assert [line[2:15].strip() for line in done.stdout.splitlines() if line[0] in "✓✗–"] == [
        "clean process",
        "user",
        "privileges",
        "system calls",
        "descriptors",
        "limits",
        "timer",
        "landlock",
    ]
    assert done.stdout.endswith("Students' programs can be run.\n")


def test_without_a_layer_doctor_says_3_and_programs_are_ungraded(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import platform\nplatform.machine = lambda: 'riscv64'\n")
    done = grader("doctor", PYTHONPATH=str(tmp_path))
    assert done.returncode == 3
    assert "✗ system calls   there is no table of system calls for" in done.stdout
    assert "Formulas and all other kinds of answer are graded" in done.stdout
    rows = [{"answers": {**RIGHT, "b": "def part_b(W_sx, W_o, dLdz2): return W_sx"}}, {"answers": RIGHT}]
    done = grader("grade", SEED, submit(tmp_path, *rows), "-o", tmp_path / "out", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    program, formula = results(tmp_path / "out")
    assert (program["points"], program["parts"][1]["outcome"]) == (None, "ungraded")
    assert "Programs are not graded here." in program["parts"][1]["review"]
    assert formula["points"] == 12.0


def test_what_was_run_without_a_sandbox_is_stamped_on_every_result(tmp_path):
    source = submit(
        tmp_path,
        {"answers": {**RIGHT, "b": "def part_b(W_sx, W_o, dLdz2): return W_sx.T @ W_o.T @ dLdz2"}},
        {"answers": RIGHT},
    )
    done = grader("grade", SEED, source, "-o", tmp_path / "out", "--unsafe-no-sandbox")
    assert (done.returncode, done.stderr) == (0, "Students' programs were run without a sandbox.\n")
    assert [each["provenance"]["sandbox"] for each in results(tmp_path / "out")] == ["none: unsafe"] * 2
    assert "were run without a sandbox" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    again = grader("grade", SEED, source, "-o", tmp_path / "again")
    assert [each["provenance"]["sandbox"] for each in results(tmp_path / "again")] == ["locked"] * 2
    assert "were run without a sandbox" not in (tmp_path / "again" / "index.html").read_text(encoding="utf-8")
    assert again.returncode == 0
