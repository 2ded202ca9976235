"""The commands of the service as people use them: real processes, real files, careless input."""

from __future__ import annotations

import csv
import os
import re
import shlex
import signal
import socket
import subprocess
import time
from pathlib import Path

import click
import httpx2
import pytest
from click.testing import CliRunner
from support.commands import Command, run_command
from support.databases import create_database
from support.paths import ROOT

from grader.cli.main import cli
from grader.cli.web import COMMANDS
from grader.cli.web.options import format_time, parse_time

pytestmark = pytest.mark.process

LAYER = ROOT / "tests" / "problems" / "layer"
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    return {**kept, "COLUMNS": "100", **more}


def grader(folder: Path, *arguments: str, typed: str | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    return run_command(*arguments, folder=folder, environment=environment(**more), typed=typed)


class Serving:
    """A running ``grader serve``, and what it has printed."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        serve = ["serve", *arguments, "--port", self.port, "--workers", 1]
        self.process = Command(*serve, folder=folder, environment=environment())
        self.link = re.search(r"http://\S+", self.process.line(0))[0]
        assert self.process.line(1) == f"Serving on http://127.0.0.1:{self.port}  (Ctrl-C ends)\n"

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(60)

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
        assert client.post("/enter", data={"csrf": token, "code": first.link.rpartition("/")[2]}).status_code == 403
    assert second.stop() == 0


def test_an_exam_with_a_roster_and_codes(tmp_path):
    (tmp_path / "class.csv").write_text("id;name\ns1;Ada\ns2;Béla\n;Nobody\ns1;Ada again\n", encoding="utf-8-sig")
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
    assert read.stdout == "2 students, 2 of them new; codes in codes.csv, each good for one time within 7 days\n", (
        read.stderr
    )
    assert read.stderr.splitlines()[-2:] == [
        "Note: class.csv:4: there is no id in this line; it was left out",
        "Note: class.csv:5: 's1' stands in line 2 too; this line was left out",
    ]
    assert (tmp_path / "codes.csv").stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader((tmp_path / "codes.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["id"], row["name"]) for row in rows] == [("s1", "Ada"), ("s2", "Béla")]
    server = Serving(tmp_path)
    with server.client() as client:
        page = client.get("/enter")
        assert "/enter/practice" not in page.text
        inside = client.post("/enter", data={"csrf": CSRF.search(page.text)[1], "code": rows[0]["code"].lower()})
        assert (inside.status_code, "Midterm" in inside.text) == (200, True)
    assert server.stop() == 0


WRONG = [
    (["exam", "open", "Mid Term", LAYER], "An exam is named with small letters, digits and hyphens."),
    (["exam", "open", "midterm", LAYER, "--credits", "1,two"], "two"),
    (["exam", "open", "midterm", LAYER, "--credits", "2"], "The credit of each attempt is a number from 0 to 1."),
    (["exam", "open", "midterm", LAYER.parent / "layr"], "did you mean layer?"),
    (["exam", "open", "midterm", LAYER, "--closes", "tomorrow"], "'tomorrow' is not a time such as '2027-01-15 12:00'."),
    (["exam", "open", "midterm", LAYER, "--closes", "2027-02-30"], "There is no time '2027-02-30'."),
    (["exam", "open", "midterm", LAYER, "--opens", "2027-02-02", "--closes", "2027-02-01"], "An exam closes after it opens."),
    (["exam", "close", "nope"], "There is no exam nope. No exam is open."),
    (["roster", "import", "good.csv", "--exam", "nope"], "There is no exam nope. No exam is open."),
    (["staff", "add", "a\tb", "--role", "admin"], "The login must be one line of 1 to 200 characters."),
    (["staff", "add", "rivera", "--role", "student"], "'student' is not one of"),
    (["staff", "link", "nobody"], "There is no member of staff nobody. `grader staff list` names all of them."),
    (["staff", "password", "nobody"], "There is no member of staff nobody."),
    (["roster", "import", "class.csv"], "a column with the students' ids is needed"),
    (["roster", "import", "nowhere.csv"], "does not exist"),
    (["serve", "--secret-file", "short"], "The secret of the service is too short"),
    (["serve", LAYER, "--port", "99999"], "99999 is not in the range"),
    (["db", "upgrade", "--database", "nonsense"], "'nonsense' is no address of a database"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "says"), WRONG, ids=[" ".join(map(str, each[0][:3])) for each in WRONG])
def test_careless_input(tmp_path, arguments, says):
    (tmp_path / "class.csv").write_text("first,last\nAda,L\n")
    (tmp_path / "good.csv").write_text("id,name\ns1,Ada\n")
    (tmp_path / "short").write_text("short\n")
    done = grader(tmp_path, *arguments)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr


def test_a_database_that_does_not_answer(tmp_path):
    done = grader(tmp_path, "exam", "list", "--database", "postgresql+psycopg://grader@127.0.0.1:1/grader")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The database cannot be used:")


def test_exams_are_listed_and_closed(tmp_path):
    assert grader(tmp_path, "exam", "list").stdout == "There are no exams yet.\n"
    for slug, *more in (["midterm", "--title", "Midterm"], ["resit", "--closes", "2027-02-01 11:00Z"]):
        assert grader(tmp_path, "exam", "open", slug, LAYER, *more).returncode == 0
    wrong = grader(tmp_path, "exam", "close", "nope")
    assert (wrong.returncode, "There is no exam nope. Open exams: resit, midterm." in wrong.stderr) == (
        2,
        True,
    )
    for _ in range(2):
        assert grader(tmp_path, "exam", "close", "midterm").stdout == "Exam midterm is closed.\n"
    assert grader(tmp_path, "exam", "list", TZ="UTC").stdout.splitlines() == [
        "resit: resit, exam, open. Answers are taken until 2027-02-01 11:00 UTC.",
        "midterm: Midterm, exam, closed.",
    ]


TIMES = [
    ("2027-01-15", "2027-01-15 00:00 CET"), ("2027-01-15 12:00", "2027-01-15 12:00 CET"), ("2027-07-15T12:00", "2027-07-15 12:00 CEST"),
    ("2027-01-15 12:00:30", "2027-01-15 12:00 CET"), ("2027-01-15T12:00Z", "2027-01-15 13:00 CET"), ("2027-01-15 12:00 +0100", "2027-01-15 12:00 CET"),
    ("2027-01-15 12:00-05:00", "2027-01-15 18:00 CET"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "shown"), TIMES)
def test_times_as_people_type_them(monkeypatch, typed, shown):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        assert format_time(parse_time(typed)) == shown
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "noon",
        "2027",
        "15.1.2027",
        "2027-01-15 12",
        "2027-01-15 25:00",
        "0001-01-01 00:00+14:00",
        "2027-01-15 +01:00",
    ],
)
def test_other_times_are_refused(typed):
    with pytest.raises(click.BadParameter):
        parse_time(typed)


def test_the_moment_is_told_when_an_exam_is_opened_and_one_in_the_past_is_warned_of(tmp_path):
    opened = grader(tmp_path, "exam", "open", "late", LAYER, "--closes", "2026-01-15", TZ="UTC")
    assert (opened.returncode, opened.stdout) == (
        0,
        "Exam late is open. Answers are taken until 2026-01-15 00:00 UTC.\n",
    )
    assert opened.stderr.splitlines()[-1] == "Warning: 2026-01-15 00:00 UTC is in the past: no answers are taken."
    times = ["--opens", "2090-01-15 10:00", "--closes", "2090-01-15 12:00"]
    opened = grader(tmp_path, "exam", "open", "early", LAYER, *times, TZ="UTC")
    assert (
        opened.stdout == "Exam early is open. Answers are taken from 2090-01-15 10:00 UTC until 2090-01-15 12:00 UTC.\n"
    )
    assert "Warning" not in opened.stderr


def test_help_has_examples():
    for command in commands():
        shown = CliRunner().invoke(cli, [*command, "--help"]).output
        assert "Example" in shown and f"grader {' '.join(command)}" in shown, command


def commands():
    """The names of all commands of the service."""
    for each in COMMANDS:
        if isinstance(each, click.Group):
            yield from ([each.name, name] for name in each.commands)
        else:
            yield [each.name]


def printed(text):
    """The commands in a text, as lines of arguments."""
    lines = re.findall(r"^ *(grader (?:serve|db|roster|exam|staff) .*?)(?: {2,}#.*)?$", text, re.MULTILINE)
    return [shlex.split(each)[1:] for each in lines]


def examples():
    """Every example of the help: each alone, in a folder where there is an exam and a member of staff, if it needs one."""
    for each in COMMANDS:
        told = each.commands.values() if isinstance(each, click.Group) else [each]
        for line in (line for one in told for line in printed(f"{one.help}\n{one.epilog or ''}")):
            before = []
            if line[:2] in (["roster", "import"], ["exam", "close"]):
                before.append(["exam", "open", "midterm", "problems/we_recur"])
            if line[:2] in (["staff", "link"], ["staff", "password"]):
                before.append(["staff", "add", line[2], "--role", "admin"])
            yield pytest.param([*before, line], id=" ".join(line))
    docs = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    start = (ROOT / "grader" / "web" / "pages" / "staff" / "templates" / "exam_list.html").read_text(encoding="utf-8")
    blocks = {
        "docs": re.findall(r"```sh\n(.*?)```", docs, re.DOTALL),
        "page": re.findall(r"<pre[^>]*>(.*?)</pre>", start),
    }
    for place, found in blocks.items():
        for lines in filter(None, map(printed, found)):
            yield pytest.param(lines, id=f"{place}: {' '.join(lines[0])}")


@pytest.mark.parametrize("lines", list(examples()))
def test_every_example_runs(tmp_path, request, lines):
    (tmp_path / "problems").symlink_to(ROOT / "problems")
    (tmp_path / "class.csv").write_text("id,name\ns1,Ada\n")
    url = create_database(request.getfixturevalue("postgres")) if "postgresql" in str(lines) else ""
    for line in lines:
        put = [url if each.startswith("postgresql") else each for each in line]
        if line[0] == "serve":
            assert Serving(tmp_path, *put[1:]).stop() == 0
        else:
            typed = "correct horse\n" * 2 if {"password", "--password"} & set(line) else None
            done = grader(tmp_path, *put, typed=typed)
            assert done.returncode == 0, (line, done.stderr)


def test_staff_are_added_while_the_service_runs(serving, tmp_path):
    url = f"http://127.0.0.1:{serving.port}"
    added = grader(tmp_path, "staff", "add", "rivera", "--role", "instructor", "--name", "Ana Rivera", "--url", url)
    assert re.fullmatch(rf"rivera is an instructor\.\nrivera enters once by {url}/enter/[\w-]{{43}}\n", added.stdout)
    link = re.search(r"http://\S+", added.stdout)[0]
    assert entered(serving, link) == (200, "/staff")
    assert entered(serving, link) == (403, "/enter")
    first, second = (
        re.search(r"http://\S+", grader(tmp_path, "staff", "link", "rivera", "--url", url).stdout)[0] for _ in range(2)
    )
    assert (entered(serving, first), entered(serving, second)) == ((403, "/enter"), (200, "/staff"))
    again = grader(tmp_path, "staff", "add", "rivera", "--role", "admin")
    assert (again.returncode, "There is a person rivera already." in again.stderr) == (2, True)
    assert serving.stop() == 0


def entered(serving, link):
    """What comes of the button behind a link."""
    with serving.client() as client:
        token = CSRF.search(client.get(link).text)[1]
        inside = client.post("/enter", data={"code": link.rpartition("/")[2], "csrf": token})
        return inside.status_code, inside.url.path


def test_a_password_is_asked_for_and_the_page_asks_for_it_from_then_on(serving, tmp_path):
    with serving.client() as client:
        before = client.get("/enter").text
        assert 'name="password"' not in before
        assert "run <code>grader staff link</code>" in before
        short = grader(tmp_path, "staff", "add", "kim", "--role", "grader", "--password", typed="short\n" * 2)
        assert (short.returncode, "A password has 10 to 1000 characters." in short.stderr) == (2, True)
        added = grader(tmp_path, "staff", "add", "kim", "--role", "grader", "--password", typed="correct horse\n" * 2)
        assert added.stdout.endswith("kim is a grader.\nThey enter by their name and this password.\n"), added.stderr
        page = client.get("/enter").text
        assert 'name="password"' in page
        given = {"csrf": CSRF.search(page)[1], "login": "kim", "password": "correct horse"}
        assert client.post("/enter/password", data=given).url.path == "/staff"
        other = grader(tmp_path, "staff", "password", "kim", typed="battery staple\n" * 2)
        assert other.stdout.endswith("kim enters by their name and this password.\n")
        assert client.get("/staff").url.path == "/enter"
    listed = grader(tmp_path, "staff", "list").stdout
    assert listed == "kim: kim, grader, password\nstaff: Staff, admin, links only\n"
    assert serving.stop() == 0


def test_a_password_never_stands_in_a_command(tmp_path):
    done = grader(tmp_path, "staff", "add", "kim", "--role", "grader", "--password=correct horse")
    assert done.returncode == 2
    assert "does not take a value" in done.stderr
