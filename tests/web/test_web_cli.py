"""The commands of the service as people use them: real processes, real files, careless input."""

from __future__ import annotations

import csv
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "tests" / "exam" / "layer"
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    return {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "100", **more}


def grader(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env=environment(**more), capture_output=True, text=True, timeout=120
    )


class Serving:
    """A running ``grader serve``, and what it has printed."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [
            sys.executable,
            "-u",
            "-m",
            "grader",
            "serve",
            "--port",
            str(self.port),
            "--workers",
            "1",
            *map(str, arguments),
        ]
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.link = re.search(r"http://\S+", self.line())[0]
        assert self.line() == f"Serving on http://127.0.0.1:{self.port}  (Ctrl-C ends)\n"

    def line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        return line

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        self.process.communicate(timeout=60)
        return self.process.returncode

    def client(self) -> httpx2.Client:
        return httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", follow_redirects=True, timeout=30)


@pytest.fixture
def serving(tmp_path):
    started = Serving(tmp_path, LAYER)
    yield started
    if started.process.poll() is None:
        started.stop(signal.SIGKILL)


def test_it_serves_at_once_and_staff_enter_by_the_printed_link_once(serving, tmp_path):
    assert {each.name for each in tmp_path.iterdir()} >= {"grader.sqlite3", "grader.secret"}
    assert (tmp_path / "grader.secret").stat().st_mode & 0o077 == 0
    with serving.client() as client:
        page = client.get(serving.link)
        answer = {"code": serving.link.rpartition("/")[2], "csrf": CSRF.search(page.text)[1]}
        inside = client.post("/enter", data=answer)
        assert (inside.status_code, inside.url.path) == (200, "/staff")
    with serving.client() as again:
        answer["csrf"] = CSRF.search(again.get(serving.link).text)[1]
        refused = again.post("/enter", data=answer)
        assert refused.status_code == 403
        assert "This code is not valid" in refused.text
    assert serving.stop() == 0


def test_guests_practise_and_what_they_hand_in_is_graded(serving):
    with serving.client() as client:
        token = CSRF.search(client.get("/enter").text)[1]
        exams = client.post("/enter/practice", data={"csrf": token})
        assert "Practice" in exams.text
        page = client.get("/exams/practice/layer")
        assert page.status_code == 200
        assert client.get("/staff").status_code == 404
    assert serving.stop(signal.SIGINT) == 0


def test_it_begins_again_where_it_ended(tmp_path):
    first = Serving(tmp_path, LAYER)
    secret = (tmp_path / "grader.secret").read_bytes()
    assert first.stop() == 0
    second = Serving(tmp_path, LAYER)
    assert (tmp_path / "grader.secret").read_bytes() == secret
    assert second.link.rpartition("/")[2] != first.link.rpartition("/")[2]
    with second.client() as client:
        assert client.get("/ready").text == "ready\n"
        assert CSRF.search(client.get("/enter/" + first.link.rpartition("/")[2]).text)
        token = CSRF.search(client.get("/enter").text)[1]
        assert (
            client.post("/enter", data={"csrf": token, "code": first.link.rpartition("/")[2]}).status_code
            == 403
        )
    assert second.stop() == 0


def test_an_exam_with_a_roster_and_codes(tmp_path):
    (tmp_path / "class.csv").write_text(
        "id;name\ns1;Ada\ns2;Béla\n;Nobody\ns1;Ada again\n", encoding="utf-8-sig"
    )
    opened = grader(
        tmp_path,
        "exam",
        "open",
        "midterm",
        LAYER,
        "--title",
        "Midterm",
        "--attempts",
        "2",
        "--credits",
        "1,1/2",
    )
    assert (opened.returncode, opened.stdout) == (0, "Exam midterm is open.\n"), opened.stderr
    read = grader(tmp_path, "roster", "import", "class.csv", "--exam", "midterm", "--codes", "codes.csv")
    assert read.stdout == "2 students, 2 of them new; codes in codes.csv\n", read.stderr
    assert read.stderr.splitlines()[-2:] == [
        "Note: class.csv:4: there is no id in this line; it was left out",
        "Note: class.csv:5: 's1' stands in line 2 too; this line was left out",
    ]
    rows = list(csv.DictReader((tmp_path / "codes.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["id"], row["name"]) for row in rows] == [("s1", "Ada"), ("s2", "Béla")]
    server = Serving(tmp_path)
    with server.client() as client:
        page = client.get("/enter")
        assert "/enter/practice" not in page.text
        inside = client.post(
            "/enter", data={"csrf": CSRF.search(page.text)[1], "code": rows[0]["code"].lower()}
        )
        assert (inside.status_code, "Midterm" in inside.text) == (200, True)
    assert server.stop() == 0


WRONG = [
    (["exam", "open", "Mid Term", LAYER], "An exam is named with small letters, digits and hyphens."),
    (["exam", "open", "midterm", LAYER, "--credits", "1,two"], "two"),
    (["exam", "open", "midterm", LAYER, "--credits", "2"], "The credit of each attempt is a number from 0 to 1."),
    (["exam", "open", "midterm", LAYER.parent / "layr"], "did you mean layer?"),
    (["roster", "import", "class.csv"], "a column with the students' ids is needed"),
    (["roster", "import", "nowhere.csv"], "does not exist"),
    (["serve", "--secret-file", "short"], "The secret of the service is too short"),
    (["serve", LAYER, "--port", "99999"], "99999 is not in the range"),
    (["db", "upgrade", "--database", "nonsense"], "'nonsense' is no address of a database"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says"), WRONG, ids=[" ".join(map(str, each[0][:3])) for each in WRONG]
)
def test_careless_input(tmp_path, arguments, says):
    (tmp_path / "class.csv").write_text("first,last\nAda,L\n")
    (tmp_path / "short").write_text("short\n")
    done = grader(tmp_path, *arguments)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr


def test_help_has_examples():
    for command in (["serve"], ["db", "upgrade"], ["roster", "import"], ["exam", "open"]):
        shown = grader(ROOT, *command, "--help").stdout
        assert "Example" in shown and f"grader {' '.join(command)}" in shown
