"""A running service for the tests of staff's pages: real processes that grade, SQLite, and a browser for each role."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from starlette.testclient import TestClient
from support.exam_factory import TINY
from support.paths import ROOT

from grader.web import app
from grader.web.domain import audit_log
from grader.web.domain.accounts import people, sessions
from grader.web.domain.accounts.people import Person
from grader.web.domain.audit_log import AuditEvent
from grader.web.domain.exams import enrolments, exams
from grader.web.domain.exams.exams import Exam, Policy
from grader.web.domain.grading import submit as handing_in
from grader.web.service import Service
from grader.web.settings import Settings

WE_RECUR = ROOT / "problems" / "we_recur"
SUBMISSIONS = ROOT / "submissions" / "we_recur"
ROLES = {"prof": "instructor", "tutor": "grader", "root": "admin", "s1": "student", "s2": "student"}


def as_json_lines() -> bytes:
    """The sample submissions in one file."""
    found = [
        yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(SUBMISSIONS.iterdir())
    ]  # JSON is YAML too.
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in found).encode()


@dataclass
class Browser:
    """Somebody's browser, as far as it needs none."""

    client: TestClient
    token: str | None
    csrf: str

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, follow_redirects=False, **more)

    def post(self, path: str, files: Any = None, **fields: Any) -> Any:
        return self.client.post(path, data={"csrf": self.csrf, **fields}, files=files, follow_redirects=False)


@dataclass
class StaffSite:
    """A service with an exam, and people of all roles."""

    service: Service
    app: Any
    people: dict[str, Person] = field(default_factory=dict)

    def open(self, slug: str, *folders: Path, **policy: Any) -> Exam:
        exam = exams.open_exam(self.service.database, slug, slug.title(), list(folders), Policy(**policy))
        with self.service.database.writing() as connection:
            for login in ("s1", "s2"):
                enrolments.enrol(connection, exam, self.people[login])
        return exam

    def token(self, login: str) -> str:
        with self.service.database.writing() as connection:
            return sessions.begin(connection, self.people[login], self.service.settings)

    def browser(self, login: str | None = None) -> Browser:
        token = self.token(login) if login else None
        client = TestClient(self.app, base_url="http://testserver", cookies={"grader": token} if token else {})
        return Browser(client, token, sessions.csrf_token(self.service.settings, token) if token else "")

    def submit(self, login: str, exam: Exam, problem: str, **answers: Any) -> None:
        with self.service.database.writing() as connection:
            for blank, written in answers.items():
                who = self.people[login]
                handing_in.submit(connection, who, exam, problem, blank, written, f"{time.monotonic_ns()}")
        self.service.worker_pool.notify()

    def answered(self, exam: Exam, **answers: str) -> None:
        """Upload what each login answers to blank c of the tiny problem, and wait for the verdicts."""
        rows = [{"student": login, "answers": {"c": written}} for login, written in answers.items()]
        upload(self.browser("prof"), exam.slug, "a.jsonl", "\n".join(map(json.dumps, rows)))
        self.graded(exam)

    def acts(self, action: str, exam: Exam | None = None) -> list[AuditEvent]:
        with self.service.database.reading() as connection:
            found = [each for each in audit_log.events(connection) if each.action == action]
        return [each for each in found if exam is None or exam.id in (each.subject, each.details.get("exam"))]

    def graded(self, exam: Exam) -> None:
        """Wait until nothing waits."""
        page = self.browser("tutor")
        for _ in range(600):
            if "hx-get" not in page.get(f"/staff/exams/{exam.slug}/progress").text:
                return
            time.sleep(0.05)
        raise AssertionError("grading does not come to an end")


@contextmanager
def running(folder: Path) -> Iterator[StaffSite]:
    """A service whose processes grade."""
    database = f"sqlite:///{folder / 'grader.sqlite3'}"
    service = Service.of(Settings(secret=b"a secret of the tests, long enough", database=database, workers=2))
    service.database.upgrade()
    running_site = StaffSite(service, app.make(service))
    with service.database.writing() as connection:
        for login, role in ROLES.items():
            running_site.people[login] = people.add(connection, login, login.title(), role)  # type: ignore[arg-type]
    with TestClient(running_site.app):
        yield running_site


@contextmanager
def served(site: StaffSite) -> Iterator[str]:
    """The same service on a free port of this machine; yields its address."""
    config = uvicorn.Config(site.app, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def tiny_in(folder: Path) -> Path:
    """The tiny problem in a folder of its own."""
    tiny_folder = folder / "tiny"
    tiny_folder.mkdir()
    (tiny_folder / "problem.yaml").write_text(TINY, encoding="utf-8")
    return tiny_folder


def upload(who: Browser, slug: str, name: str, data: Any, problem: str = "tiny", enrol: bool = True) -> Any:
    files = data if isinstance(data, list) else [("files", (name, data))]
    more = {"enrol": "1"} if enrol else {}
    return who.post(f"/staff/exams/{slug}/uploads", files=files, problem=problem, **more)


def words(html: str) -> str:
    """The words of a page as they are read, without tags."""
    main = re.sub(r"</?(a|b|span|time|q)\b[^>]*>", "", html[html.index("<main") :])
    return re.sub(r"\s+(?=[\s,.])", "", re.sub(r"\s", " ", unescape(re.sub(r"<[^>]*>", " ", main))))


def body(text: str) -> str:
    """A page without what differs from visitor to visitor."""
    return re.sub(r"[0-9a-f]{64}", "", text)
