"""The authors' commands as people and CI use them: real processes, exit codes, files that appear or do not."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.commands import run_command
from support.paths import ROOT

from grader.authoring.checks.findings import CHECKS

pytestmark = pytest.mark.process

SEED = ROOT / "problems" / "we_recur"
SPEC = """\
title: A name
parts:
  - id: a
    ask: What turns scores into $p_1, \\dots, p_n$?
    kind: word
    accept: [softmax]
    candidates: [sigmoid]
    points: 1
    claim: {convention: It is called so.}
"""
NUMBER = """\
title: A number
parts:
  - {id: a, ask: How many?, kind: number, value: 6, points: 1, claim: {equals: count}}
"""
EXAMPLES = """\
a:
  - {answer: softmax, expect: correct}
  - {answer: sigmoid, expect: incorrect}
"""


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Everybody's environment, but no secret, and what is kept is kept in the test's own folder."""
    clean = {key: value for key, value in os.environ.items() if key != "GRADER_SECRET"}
    return {**clean, "COLUMNS": "80", "XDG_CACHE_HOME": str(folder / "cache"), **more}


def grader(folder: Path, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder and a process of its own, without a terminal."""
    return run_command(*arguments, folder=folder, environment=environment(folder, **more))


def problem(folder: Path, spec: str = SPEC, examples: str = EXAMPLES, reference: str | None = None) -> Path:
    folder.mkdir(parents=True)
    (folder / "problem.yaml").write_text(spec, encoding="utf-8")
    (folder / "examples.yaml").write_text(examples, encoding="utf-8")
    if reference is not None:
        (folder / "reference.py").write_text(reference, encoding="utf-8")
    return folder


@pytest.fixture
def bank(tmp_path):
    """A bank of a good problem and a bad one, in the folder where it is looked for."""
    problem(tmp_path / "problems" / "good")
    problem(tmp_path / "problems" / "bad", SPEC.replace("\\dots", "\\dotz"))
    return tmp_path


BAD = 'error presentation problems/bad/problem.yaml:4:10: $p_1, \\dotz, p_n$ cannot be typeset: Unknown command "\\dotz", at character 6.\n'


def listening() -> None:
    """Hear Ctrl-C, also where these tests run in the background of a shell, which makes its children deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_nothing_to_mend_is_exit_0(bank):
    done = grader(bank, "check", "problems/good")
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout
        == """\
┏━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━━━┓
┃ Problem ┃ Findings ┃ Proven ┃ Refuted ┃ Unproven ┃ Convention ┃
┡━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━━━━┩
│ good    │ ✓        │        │         │          │ a          │
└─────────┴──────────┴────────┴─────────┴──────────┴────────────┘
convention good a It is called so.

1 problem, 1 clean: 0 errors, 0 warnings; keys: 0 proven, 0 refuted, 0 unproven, 1 convention.
"""
    )


def test_findings_are_exit_1_and_problems_is_the_default(bank):
    done = grader(bank, "check")
    assert (done.returncode, done.stderr) == (1, "")
    assert BAD in done.stdout
    assert "2 problems, 1 clean: 1 error, 0 warnings;" in done.stdout


def test_without_a_folder_of_problems_those_here_are_checked(bank):
    done = grader(bank / "problems" / "bad", "check")
    assert done.returncode == 1
    assert "error presentation problem.yaml:4:10: " in done.stdout


def test_a_warning_alone_is_exit_1(tmp_path):
    problem(tmp_path / "worthless", SPEC.replace("points: 1", "points: 0"))
    done = grader(tmp_path, "check", "worthless")
    assert done.returncode == 1
    assert "warning policy worthless/problem.yaml:1:8: the whole problem is worth no points\n" in done.stdout
    assert "0 errors, 1 warning;" in done.stdout


def test_a_spec_that_cannot_be_read_is_a_finding(tmp_path):
    problem(tmp_path / "torn", "title: 'torn")
    done = grader(tmp_path, "check", "torn")
    assert (done.returncode, done.stderr) == (1, "")
    assert (
        "error spec torn/problem.yaml:1:8: the quote that opens here is never closed; inside single quotes a quote is written twice\n"
        in done.stdout
    )


def counted(folder: Path, reference: str) -> Path:
    """Make a problem whose key follows from a reference."""
    return problem(folder, NUMBER, EXAMPLES.replace("softmax", "'6'").replace("sigmoid", "'7'"), reference)


KILLED = """
import os, runpy, signal, sys
from grader.authoring.checks.runner import worker_pool

class Killed(worker_pool.ChildProcess):
    def ask(self, request, seconds):
        if request["path"].endswith("killer"):
            os.kill(self.process.pid, signal.SIGKILL)
        return super().ask(request, seconds)

worker_pool.ChildProcess = Killed
sys.argv = ["grader", "check"]
runpy.run_module("grader", run_name="__main__")
"""
"""A check of which somebody kills a worker while it checks one problem."""


def test_our_own_failure_is_exit_3_and_stops_no_other(bank):
    counted(bank / "problems" / "killer", "def count():\n    return 6\n")
    done = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=bank, env=environment(bank), capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert (
        "error run problems/killer/problem.yaml: the grader itself failed: its process ended (exit code -9)"
        in done.stdout
    )
    assert BAD in done.stdout


WRONG_CALLS = {
    "no such path": (["check", "problems/god"], "problems/god: there is no such file or folder; did you mean good?"),
    "an empty folder": (["check", "empty"], "empty: there is no problem here: no folder with a problem.yaml"),
    "one of several": (["check", "problems", "nowhere"], "nowhere: there is no such file or folder"),
    "a format": (["check", "--format", "xml"], "'xml' is not one of 'table', 'junit', 'github', 'json'"),
    "an option": (["check", "--chnged", "HEAD"], "No such option"),
    "no jobs": (["check", "-j", "0"], "0 is not in the range 1<=x<=64"),
    "no time": (["check", "--timeout", "0.5"], "0.5 is not in the range x>=1"),
    "no repository": (["check", "--changed", "HEAD"], "not a git repository"),
    "output into a folder": (["check", "--format", "json", "-o", "empty"], "is a directory"),
    "show nothing": (["show"], "Missing argument 'PROBLEM'"),
    "show what is not there": (["show", "problems/god"], "problems/god: there is no problem.yaml here; did you mean good?"),
    "show a bad spec": (["show", "torn"], "torn/problem.yaml:1:8: the quote that opens here is never closed"),
    "show another option": (["show", "problems/good", "--solution"], "No such option"),
    "a command": (["chek"], "No such command 'chek'"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), WRONG_CALLS.values(), ids=WRONG_CALLS)
def test_wrong_calls_are_exit_2(bank, arguments, message):
    (bank / "empty").mkdir()
    problem(bank / "torn", "title: 'torn")
    done = grader(bank, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


HELP = {
    "check": [
        "Check the problems in PATHS",
        "--format [table|junit|github|json]",
        "--changed REV",
        "--no-cache",
        "Examples:",
        "grader check --changed origin/main --format github",
        "Exit status:",
        "check what strangers wrote with --untrusted",
    ],
    "show": [
        "Write PROBLEM as an exam on paper",
        "--solutions",
        "--watch",
        "Examples:",
        "grader show problems/we_recur --watch",
    ],
}


@pytest.mark.parametrize("command", HELP)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help(tmp_path, command, flag):
    done = grader(tmp_path, command, flag)
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    assert [each for each in HELP[command] if each not in text] == []
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_check_and_show_are_in_the_list_of_commands(tmp_path):
    done = grader(tmp_path, "--help")
    assert done.returncode == 0
    assert "\n  check " in done.stdout
    assert "\n  show " in done.stdout


def read_junit(text):
    return [suite.get("name") for suite in ElementTree.fromstring(text.encode("utf-8"))]


def read_json(text):
    return [each["path"] for each in json.loads(text)["problems"]]


def read_github(text):
    return [line.split(",")[0] for line in text.splitlines() if line.startswith("::")]


FORMS = {
    "junit": (read_junit, ["problems/bad", "problems/good"]),
    "json": (read_json, ["problems/bad", "problems/good"]),
    "github": (read_github, ["::error file=problems/bad/problem.yaml"]),
}


@pytest.mark.parametrize(("form", "reader", "expected"), [(form, *row) for form, row in FORMS.items()], ids=FORMS)
def test_a_form_for_programs_is_printed_or_written_and_nothing_else(bank, form, reader, expected):
    printed = grader(bank, "check", "--format", form)
    assert (printed.returncode, printed.stderr) == (1, "")
    assert reader(printed.stdout) == expected
    written = grader(bank, "check", "--format", form, "-o", "report.txt")
    assert (written.returncode, written.stdout, written.stderr) == (1, "", "")
    assert (bank / "report.txt").read_text(encoding="utf-8") == printed.stdout


def test_a_file_that_is_asked_for_is_written_or_refused(bank):
    done = grader(bank, "check", "-o", "report.txt")
    assert (bank / "report.txt").exists() or done.returncode == 2


def test_what_is_kept_says_the_same_and_no_cache_keeps_nothing(bank):
    fresh = grader(bank, "check", "--no-cache", "--verbose")
    assert not (bank / "cache").exists()
    cold = grader(bank, "check", "--verbose")
    assert len(list((bank / "cache" / "grader" / "check").glob("*.json"))) == 2
    warm = grader(bank, "check", "--verbose", "--quiet", "-j", "1")
    assert fresh.stdout == cold.stdout == warm.stdout
    assert fresh.returncode == cold.returncode == warm.returncode == 1


def test_a_terminal_without_unicode_shows_what_it_can(bank):
    done = grader(bank, "check", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "problems/bad/problem.yaml:4:10" in done.stdout


def test_changed_checks_only_what_differs(bank):
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for each in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "x"],
    ):
        subprocess.run(["git", *each], cwd=bank, env={**os.environ, **settings}, check=True, capture_output=True)
    nothing = grader(bank, "check", "--changed", "HEAD")
    assert nothing.returncode == 0
    assert "0 problems, 0 clean: 0 errors, 0 warnings;" in nothing.stdout
    (bank / "problems" / "good" / "examples.yaml").write_text(EXAMPLES + "\n", encoding="utf-8")
    good = grader(bank, "check", "--changed", "HEAD")
    assert good.returncode == 0
    assert "1 problem, 1 clean: 0 errors, 0 warnings;" in good.stdout
    assert grader(bank, "check", "--changed", "-S").returncode == 2


def test_what_takes_too_long_is_a_finding(tmp_path):
    counted(tmp_path / "slow", "while True:\n    pass\n")
    done = grader(tmp_path, "check", "slow", "--timeout", "6")
    assert done.returncode == 1
    assert "error proof slow/problem.yaml:3:71: a: reference.py takes longer than 2 seconds\n" in done.stdout


def started(marker: str) -> list[int]:
    """Return the processes with a marker in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            inside = marker.encode() in (process / "environ").read_bytes()
        except OSError:  # It is another's, or has just ended.
            continue
        found += [int(process.name)] if inside else []
    return found


def computing_recorders(command: int) -> list[int]:
    """Return the recorders below a command that compute: an author's program is locked in, and leaves no other trace."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = path.read_text().partition("(")[2].rpartition(")")
            fields = rest.split()
            found[int(path.parent.name)] = (name, int(fields[1]), int(fields[11]))

    def is_below(process: int) -> bool:
        return process == command or (process in found and is_below(found[process][1]))

    # More than 30 hundredths of a second: its imports are done.
    return [each for each, (name, _, cpu) in found.items() if name.endswith("recorder") and cpu > 30 and is_below(each)]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked for in /proc")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "ended by CI"])
def test_an_interrupted_check_leaves_nothing_running(tmp_path, sent):
    counted(tmp_path / "slow", "while True:\n    pass\n")
    marker = tmp_path / "started-here"
    marker.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "check", "slow"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(tmp_path, PYTHONPATH=str(ROOT), TMPDIR=str(marker)),
        preexec_fn=listening,
    )
    until = time.monotonic() + 60
    while not computing_recorders(process.pid):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert process.poll() is None
    process.send_signal(sent)
    out, err = process.communicate(timeout=20)
    assert process.returncode != 0
    assert "Traceback" not in out + err
    until = time.monotonic() + 10
    while (left := started(str(marker))) and time.monotonic() < until:
        time.sleep(0.1)
    assert left == []


def test_show_writes_the_exam_and_with_solutions_another_page(bank):
    done = grader(bank, "show", "problems/good")
    assert (done.returncode, done.stdout, done.stderr) == (0, "written out/good.html\n", "")
    solved = grader(bank, "show", "problems/good/problem.yaml", "--solutions", "-o", "deep/er/page.html")
    assert (solved.returncode, solved.stdout) == (0, "written deep/er/page.html\n")
    blank, full = ((bank / name).read_text(encoding="utf-8") for name in ("out/good.html", "deep/er/page.html"))
    assert "softmax" in full
    assert "softmax" not in blank
    assert "refresh" not in blank + full


def test_show_keeps_the_page_that_there_is_where_the_spec_is_wrong(bank):
    (bank / "page.html").write_text("the last good one")
    (bank / "problems" / "good" / "problem.yaml").write_text(SPEC.replace("word\n", "wrd\n"))
    done = grader(bank, "show", "problems/good", "-o", "page.html")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "The problem cannot be used (1 found):\nproblems/good/problem.yaml:5:11: there is no kind 'wrd'; did you mean word?\n"
    )
    assert (bank / "page.html").read_text() == "the last good one"


def test_show_watches_until_it_is_interrupted(bank):
    page, spec = bank / "page.html", bank / "problems" / "good" / "problem.yaml"
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "grader", "show", "problems/good", "--watch", "-o", "page.html"],
        cwd=bank,
        text=True,
        env=environment(bank, PYTHONPATH=str(ROOT)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=listening,
    )

    def waited(text: str) -> bool:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if page.exists() and text in page.read_text(encoding="utf-8"):
                return True
            time.sleep(0.05)
        return False

    try:
        assert waited("What turns scores")
        spec.write_text(SPEC.replace("What turns", "What changes"), encoding="utf-8")
        assert waited("What changes scores")
        spec.write_text("title: 'torn", encoding="utf-8")
        assert waited("the quote that opens here is never closed")
        spec.write_text(SPEC, encoding="utf-8")
        assert waited("What turns scores")
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("Open page.html in a browser: it follows what you save. Ctrl-C ends.\n")
    assert out.count("written page.html") == 3
    assert "1 mistake: problems/good/problem.yaml:1:8: the quote that opens here is never closed" in out


def test_the_seed_problem_is_clean(tmp_path):
    done = grader(tmp_path, "check", SEED, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    [report] = json.loads(done.stdout)["problems"]
    assert report["findings"] == []
    assert {each["status"] for each in report["proofs"]} == {"proven", "convention"}
    assert set(CHECKS) >= {each["check"] for each in report["findings"]}
