"""kill -9 of a real server and of the processes that grade, while answers are handed in by HTTP: nothing acknowledged is lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select
from support.commands import Command
from support.live_server import SECRET, Browser
from support.submissions import ANSWERS

from grader.web.db import tables
from grader.web.domain.accounts import login_codes
from grader.web.domain.grading import job_queue
from grader.web.settings import Settings

pytestmark = pytest.mark.process

STUDENTS = 5
WORKER = "grading.worker"


@dataclass
class Mortal:
    """A server that may be killed, and started again on the same port."""

    folder: Path
    url: str
    port: int = 0
    process: Any = None
    deaths: int = 0
    lock: Any = field(default_factory=threading.Lock)

    def start(self) -> None:
        if not self.port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
        serve = ["serve", "--database", self.url, "--port", self.port, "--workers", 2]
        self.process = Command(*serve, folder=self.folder, environment=os.environ | {"GRADER_SECRET": SECRET})
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if httpx2.get(f"http://127.0.0.1:{self.port}/ready", trust_env=False).status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.1)
        raise AssertionError(self.process.stderr[-2000:])

    def workers(self) -> list[int]:
        found = subprocess.run(["ps", "-eo", "pid,ppid,comm"], capture_output=True, text=True, check=True).stdout
        rows = [line.split(None, 2) for line in found.splitlines()[1:]]
        parents = {pid: parent for pid, parent, _ in rows}
        mine = str(self.process.pid)
        return [int(pid) for pid, parent, name in rows if name == WORKER and parents.get(parent) == mine]

    def kill_a_worker(self) -> None:
        pid = self.workers()[0]
        os.kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """Kill the server and its processes at once, as a machine does that loses its power."""
        with self.lock:
            victims = [self.process.pid, *self.workers()]
            for pid in victims:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            self.process.wait()
            self.deaths += 1
            self.start()


@pytest.mark.parametrize("many", [50, pytest.param(500, marks=pytest.mark.soak)])
@pytest.mark.parametrize("mode", ["exam", "practice"])  # Graded from the table of work, and at once.
def test_what_was_acknowledged_is_stored_graded_and_marked_once(hall, tmp_path, many, mode):
    settings = Settings(secret=SECRET.encode(), database=hall.database.url.render_as_string(hide_password=False))
    exam = hall.open("midterm", mode=mode, attempts=1_000)
    codes = []
    with hall.database.writing() as connection:
        for person in (hall.ada, hall.bob):
            codes += [login_codes.issue_code(connection, person, settings) for _ in range(STUDENTS)]
    mortal = Mortal(tmp_path, settings.database)
    mortal.start()
    browsers = [
        Browser(httpx2.Client(base_url=f"http://127.0.0.1:{mortal.port}", timeout=10, trust_env=False)) for _ in codes
    ]
    for browser, code in zip(browsers, codes, strict=True):
        browser.enter(code)
    acknowledged: dict[int, str] = {}

    def hand_in(number: int) -> None:
        """Send one answer until it is acknowledged, with the same key each time, as a browser does that got no reply."""
        blank, written = ANSWERS[number % len(ANSWERS)]
        browser = browsers[number % len(browsers)]
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                reply = browser.hand_in("midterm", "tiny", blank, f"{written}{' ' * (number // 8)}", f"key-{number}")
            except httpx2.TransportError:
                time.sleep(0.05)
                continue
            if reply.status_code == 429:
                time.sleep(0.2)
                continue
            assert reply.status_code in (200, 201, 202), reply.text
            acknowledged[number] = reply.json()["id"]
            return
        raise AssertionError(f"answer {number} was never taken")

    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(hand_in, number) for number in range(many)]
        for share in (0.2, 0.5, 0.8):
            while len(acknowledged) < share * many and not all(each.done() for each in sent):
                time.sleep(0.01)
            mortal.kill_a_worker() if share == 0.5 else mortal.kill()
        for each in sent:
            each.result()
    until = time.monotonic() + 90
    while time.monotonic() < until:
        with hall.database.reading() as connection:
            if not job_queue.backlog(connection).waiting:
                break
        time.sleep(0.1)
    mortal.process.send_signal(signal.SIGTERM)
    assert mortal.process.wait(40) == 0
    for browser in browsers:
        browser.http.close()
    which = tables.attempts
    with hall.database.reading() as connection:
        rows = connection.execute(select(which).where(which.c.exam == exam.id)).mappings().all()
        left = connection.execute(select(func.count()).select_from(tables.jobs)).scalar()
    assert mortal.deaths == 2
    assert Counter(row["id"] for row in rows) == Counter(acknowledged.values())
    assert {row["state"] for row in rows} == {"graded"} and left == 0
    assert all(row["verdict"] is not None for row in rows)
    numbers = Counter((row["person"], row["blank"], row["number"]) for row in rows)
    assert set(numbers.values()) == {1}
