"""A real ``grader serve`` on a free port of this machine, an exam whose keys nobody guesses, and browsers to attack it with."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx2
from support.commands import Command

from grader.web.domain.accounts import login_codes, people
from grader.web.domain.accounts.people import Person
from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Policy
from grader.web.domain.grading import job_queue
from grader.web.service import Service
from grader.web.settings import Settings

SECRET = "the secret of a server under attack"
CANARIES = (
    "7319.482917",
    "9127.118",
    "918273.4655",
    "zyqqvorm",
    "wombatqq",
    "5550.123987",
    "4440.987",
    "CANARY",
)
"""What only the author knows; the shape is looked for by ``SHAPE``."""
SHAPE = re.compile(r"37[^0-9a-z]{0,12}(times|x|,)?[^0-9a-z]{0,12}41\b")
PROBLEM = """\
title: Birds
intro: A cage for $a$.
sizes: {n: 2}
symbols:
  a: {shape: [n, 1]}
parts:
  - {id: f, ask: A formula?, kind: formula, points: 1, symbols: [a], reference: 7319.482917 * a, solution: CANARY-one,
     mistakes: [{id: CANARY-two, answer: 9127.118 * a, hint: CANARY-three, says: CANARY-four}]}
  - {id: n, ask: A number?, kind: number, points: 1, value: 918273.4655, accept: {decimals: 2}, solution: CANARY-five,
     mistakes: [{id: CANARY-six, answer: '4440.987', hint: CANARY-seven, says: CANARY-eight}]}
  - {id: w, ask: A word?, kind: word, points: 1, accept: [zyqqvorm], candidates: [wombatqq], solution: CANARY-nine}
  - id: o
    ask: Which?
    kind: choices
    points: 1
    solution: CANARY-ten
    options:
      i: {says: One., correct: true, why: CANARY-eleven}
      j: {says: Two., correct: false, why: CANARY-twelve}
      k: {says: Three., correct: true}
  - {id: d, ask: A shape?, kind: dimensions, points: 1, shape: [37, 41], solution: CANARY-thirteen}
  - {id: p, ask: A program?, kind: function, points: 1, name: scaled, parameters: [a], reference: CANARY_scaled,
     checks: [{says: CANARY-fourteen}], solution: CANARY-fifteen}
"""
REFERENCE = "def CANARY_scaled(a):\n    return 5550.123987 * a\n"
RIGHT = {
    "f": "(7319 + 0.482917) * a", "n": "918273.47", "w": "ZYQQVORM", "o": ["i", "k"], "d": "37x41",
    "p": "def scaled(a):\n    return 2 * 2775.0619935 * a\n",
}  # fmt: skip
"""Right answers, none of which is written like a key but the shape."""
WRONG = {
    "f": "(7318 + 0.482917) * a", "n": "918273.48", "w": "ZYQQVORK", "o": ["i", "j"], "d": "38x41",
    "p": "def scaled(a):\n    return 2 * 2775.0619934 * a\n",
}  # fmt: skip
UNREADABLE = {"f": "((", "n": "?", "w": "!!", "o": "Z", "d": "??", "p": "def ("}


def canary(folder: Path) -> Path:
    """Write the problem with the keys that nobody guesses."""
    made = folder / "birds"
    made.mkdir()
    (made / "problem.yaml").write_text(PROBLEM, encoding="utf-8")
    (made / "reference.py").write_text(REFERENCE, encoding="utf-8")
    return made


@dataclass
class Server:
    """A running server, with direct access to its database."""

    folder: Path
    port: int
    service: Service
    process: Command
    people: dict[str, Person] = field(default_factory=dict)
    browsers: list[Browser] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def log(self) -> str:
        return self.process.stderr + self.process.stdout

    def add(self, login: str, name: str | None = None, role: Any = "student") -> Person:
        with self.service.database.writing() as connection:
            self.people[login] = people.add(connection, login, name, role)
        return self.people[login]

    def open(self, slug: str, folder: Path, **policy: Any) -> exams.Exam:
        return exams.open_exam(self.service.database, slug, slug.title(), [folder], Policy(**policy))

    def code(self, login: str) -> str:
        with self.service.database.writing() as connection:
            return login_codes.issue_code(connection, self.people[login], self.service.settings)

    def browser(self, login: str | None = None) -> Browser:
        made = Browser(httpx2.Client(base_url=self.url, timeout=30, trust_env=False))
        self.browsers.append(made)
        if login is not None:
            made.enter(self.code(login))
        return made

    def graded(self) -> None:
        """Wait until nothing waits to be graded."""
        for _ in range(600):
            with self.service.database.reading() as connection:
                if job_queue.backlog(connection).waiting == 0:
                    return
            time.sleep(0.1)
        raise AssertionError("answers still wait")


@contextmanager
def server(folder: Path, workers: int = 1) -> Iterator[Server]:
    """Start a server, and end it."""
    url = f"sqlite:///{folder / 'grader.sqlite3'}"
    service = Service.of(Settings(secret=SECRET.encode(), database=url))
    service.database.upgrade()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = Command(
        "serve",
        "--database",
        url,
        "--port",
        port,
        "--workers",
        workers,
        folder=folder,
        environment=os.environ | {"GRADER_SECRET": SECRET},
    )
    made = Server(folder, port, service, process)
    try:
        for _ in range(300):
            if "Serving on" in made.log():
                break
            assert process.poll() is None, made.log()
            time.sleep(0.1)
        yield made
    finally:
        for each in made.browsers:
            each.http.close()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        service.close()


@dataclass
class Browser:
    """Somebody with a cookie and the token of their pages."""

    http: httpx2.Client
    csrf: str = ""

    def enter(self, code: str) -> None:
        answer = self.http.post("/api/v1/session", json={"code": code})
        assert answer.status_code == 200, answer.text
        self.csrf = answer.json()["csrf"]

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        told = {"x-csrf-token": self.csrf} | headers
        return self.http.request(method, "/api/v1" + path, json=body, headers=told)

    def post(self, path: str, **fields: Any) -> httpx2.Response:
        return self.http.post(path, data={"csrf": self.csrf} | fields)

    def hand_in(self, slug: str, problem: str, blank: str, written: Any, key: str) -> httpx2.Response:
        path = f"/exams/{slug}/problems/{problem}/blanks/{blank}/attempts"
        return self.api("POST", path, {"answer": written}, **{"idempotency-key": key})


class Page(HTMLParser):
    """The links of a page, and what would be run in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.active: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.links += [told[name] for name in ("href", "src", "action", "formaction", "hx-get") if name in told]
        if tag == "script" and not told.get("src", "").startswith("/static/"):
            self.active.append(f"<script {told}>")
        self.active += [f"{tag} {name}" for name in told if name.startswith("on")]
        self.active += [
            f"{tag} {name}={value}"
            for name, value in told.items()
            if re.match(r"\s*(javascript|data:text|vbscript)", value, re.I)
        ]
        if tag in ("iframe", "object", "embed", "base", "marquee", "xss"):
            self.active.append(tag)


def crawl(browser: Browser, *starts: str, most: int = 300) -> dict[str, httpx2.Response]:
    """Follow every link of this site from the starts, and return what was found by its address."""
    found: dict[str, httpx2.Response] = {}
    waiting = list(starts)
    while waiting and len(found) < most:
        path = waiting.pop().partition("#")[0]
        if not path.startswith("/") or path.startswith("//") or path in found:
            continue
        found[path] = answer = browser.http.get(path)
        if "location" in answer.headers:
            waiting.append(answer.headers["location"])
        if answer.headers.get("content-type", "").startswith("text/html"):
            waiting += Page(answer.text).links
    return found


def routes(app: Any) -> list[tuple[str, str]]:
    """Return every method and path of an application."""
    return [(method, each.path) for each in _walk(app.routes) for method in sorted(each.methods or ())]


def _walk(found: Any) -> Iterator[Any]:
    for each in found:
        if hasattr(each, "effective_candidates"):
            yield from _walk(each.effective_candidates())
        else:
            yield each
