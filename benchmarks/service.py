"""Load on the service over loopback: ``python benchmarks/service.py [--seconds 20] [--rounds 3] [--requests 50000]``.

A real ``grader serve`` on SQLite, and requests at fixed times whatever the answers take (open loop): a slow answer delays none
of those after it, and its whole wait counts. Only 127.0.0.1; bounded in number and time.

A virtual machine may be kept waiting by its host: ``steal`` says for how much of a round. A stop of a second at 100 requests a
second is in the p99 of ten, so the rounds are printed one by one, and the median of their ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.web.db.engine import Database
from grader.web.domain.accounts import people, sessions
from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Policy
from grader.web.service import Service
from grader.web.settings import Settings

SECRET = "the secret of a service that is measured"
PROBLEMS = Path(__file__).parent.parent / "problems"
PROBLEM, PROGRAMS = PROBLEMS / "we_recur", PROBLEMS / "rnn_step"
BLANK = "/api/v1/exams/load/problems/we_recur/blanks/b"
ANSWERS = (
    "W_sx.T @ W_o.T @ dLdz2",
    "W_sx^T W_o^T dL/dz2",
    "W_sx.T @ W_o @ dLdz2",
    "(W_o @ W_sx).T @ dLdz2",
    "W_o.T @ dLdz2",
    "2 W_sx^T W_o^T dL/dz2",
)
"""Right and wrong ones."""
RATE = 100
STUDENTS = 500
PATIENCE = 240.0


@dataclass
class Student:
    """What one student's requests hold."""

    cookie: str
    csrf: str


class Client:
    """Connections that stay open; a request is bytes, and of its answer only the status and the body are looked at."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.busy = 0
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(
        self, method: str, path: str, who: Student | None = None, body: object = None, key: str = ""
    ) -> tuple[int, bytes]:
        data = b"" if body is None else json.dumps(body).encode()
        lines = [
            f"{method} {path} HTTP/1.1",
            "host: 127.0.0.1",
            f"content-length: {len(data)}",
            "content-type: application/json",
        ]
        if who:
            lines += [
                f"cookie: grader={who.cookie}",
                f"x-csrf-token: {who.csrf}",
                f"idempotency-key: {key or '-'}",
            ]
        asked = "\r\n".join(lines).encode() + b"\r\n\r\n" + data
        while True:
            status, answer = await self._asked(asked)
            if status != 503:
                return status, answer
            self.busy += 1
            await asyncio.sleep(0.5)

    async def _asked(self, asked: bytes) -> tuple[int, bytes]:
        while self.idle:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):  # It was idle for too long.
                return await self._answer(*self.idle.pop(), asked)
        return await self._answer(*await asyncio.open_connection("127.0.0.1", self.port), asked)

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: bytes
    ) -> tuple[int, bytes]:
        writer.write(asked)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        answer = await reader.readexactly(length)
        self.idle.append((reader, writer))
        return int(head[9:12]), answer

    def close(self) -> None:
        for _, writer in self.idle:
            writer.close()


def database_url(folder: Path) -> str:
    """Return the address of the database in a folder."""
    return f"sqlite:///{folder / 'grader.sqlite3'}"


@contextmanager
def served(folder: Path) -> Iterator[tuple[int, int, list[Student]]]:
    """Start a server; yields its port, its process and the students who have entered."""
    url = database_url(folder)
    service = Service.of(Settings(secret=SECRET.encode(), database=url))
    service.database.upgrade()
    exams.open_exam(service.database, "load", "Load", [PROBLEM, PROGRAMS], Policy(everyone=True))
    students = []
    with service.database.writing() as connection:
        for number in range(STUDENTS):
            token = sessions.begin(connection, people.add(connection, f"s{number}"), service.settings)
            students.append(Student(token, sessions.csrf_token(service.settings, token)))
    service.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "grader", "serve", "--database", url, "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"GRADER_SECRET": SECRET})
    try:
        _wait(port, process)
        yield port, process.pid, students
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(60)
        process.kill()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.1)
    raise SystemExit("the server does not start")


async def at_rate(one: Callable[[int], Awaitable[None]], many: int, rate: float) -> list[float]:
    """Begin ``many`` at a rate; return the seconds from when each should have begun until it was done."""
    begin = time.perf_counter() + 0.1

    async def timed(number: int) -> float:
        due = begin + number / rate
        await asyncio.sleep(due - time.perf_counter())
        await one(number)
        return time.perf_counter() - due

    return await asyncio.wait_for(asyncio.gather(*map(timed, range(many))), many / rate + PATIENCE)


def at(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


@dataclass
class Load:
    """What is measured, one after the other, on one server."""

    client: Client
    students: list[Student]
    keys: Iterator[int]
    at_once: int = 0
    later: int = 0

    async def health(self, number: int) -> None:
        status, _ = await self.client.send("GET", "/health")
        assert status == 200

    async def preview(self, number: int) -> None:
        who, answer = self.students[number % STUDENTS], ANSWERS[number % len(ANSWERS)]
        status, said = await self.client.send("POST", f"{BLANK}/preview", who, {"answer": answer})
        assert status == 200, said

    async def submit(self, number: int, blank: str = BLANK) -> tuple[str, str]:
        """Hand in; return the attempt and its state."""
        who, answer = self.students[number % STUDENTS], ANSWERS[number % len(ANSWERS)]
        status, said = await self.client.send(
            "POST", f"{blank}/attempts", who, {"answer": answer}, str(next(self.keys))
        )
        assert status == 201, said
        made = json.loads(said)
        return str(made["id"]), str(made["state"])

    async def verdict(self, number: int, id: str, pause: float) -> None:
        """Ask until there is a verdict, less and less often."""
        while True:
            await asyncio.sleep(pause)
            pause = min(2 * pause, 1.0)
            status, said = await self.client.send("GET", f"/api/v1/attempts/{id}", self.students[number % STUDENTS])
            assert status == 200, said
            if json.loads(said)["state"] != "waiting":
                return

    async def check(self, number: int) -> None:
        """Hand in and see the verdict."""
        id, state = await self.submit(number)
        self.at_once += state != "waiting"
        self.later += state == "waiting"
        if state == "waiting":
            await self.verdict(number, id, 0.05)

    async def measure(self, seconds: float, rounds: int) -> None:
        """Print p50 and p99 of each kind of request, and their ratios to an empty endpoint."""
        kinds = (
            ("empty endpoint", self.health),
            ("preview (wanted: p99 at most 4 times)", self.preview),
            ("formula check, verdict seen (8 times)", self.check),
        )
        await at_rate(self.preview, 100, 50)  # All is warm then.
        await at_rate(self.check, 50, 10)
        self.at_once = self.later = 0
        ratios: dict[str, list[float]] = {name: [] for name, _ in kinds}
        print(f"{RATE} requests a second for {seconds:g} s each, {rounds} rounds; {os.cpu_count()} cores")
        for number in range(rounds):
            before, base = stolen(), 0.0
            for name, kind in kinds:
                times = await at_rate(kind, int(RATE * seconds), RATE)
                base = base or at(times, 99)
                ratios[name].append(at(times, 99) / base)
                print(
                    f"  {name:40} p50 {1e3 * at(times, 50):7.1f} ms  p99 {1e3 * at(times, 99):7.1f} ms  "
                    f"ratio of p99 {ratios[name][-1]:6.1f}"
                )
            lost = (stolen() - before) / (os.cpu_count() or 1) / (len(kinds) * seconds)
            print(f"  round {number + 1}: load {os.getloadavg()[0]:.1f}, steal {lost:.1%}")
        for name, found in ratios.items():
            print(f"  {name:40} median of the ratios {statistics.median(found):.1f}")
        print(
            f"  {self.at_once} verdicts came with the answer, {self.later} later; "
            f"{self.client.busy} times the server was too busy (503)"
        )

    async def rush(self) -> None:
        """Let every student hand in within ten seconds; print when all have their verdict, or in an exam are graded."""
        begun, known = time.perf_counter(), []

        async def one(number: int) -> None:
            id, state = await self.submit(number)
            if state == "waiting":
                await self.verdict(number, id, 0.5)
            known.append(time.perf_counter() - begun)

        waits = await at_rate(one, STUDENTS, STUDENTS / 10)
        print(
            f"{STUDENTS} students within 10 s: all {len(known)} verdicts after {max(known):.1f} s (wanted: 30), "
            f"each p50 {at(waits, 50):.3f} s, p99 {at(waits, 99):.3f} s"
        )

    async def rush_in_exam(self, database: Database) -> None:
        """Do the same in an exam with the problem, which shuts it in practice."""
        exams.open_exam(database, "final", "Final", [PROBLEM], Policy("exam", 3, everyone=True))
        begun = time.perf_counter()
        waits = await at_rate(self.hand_in, STUDENTS, STUDENTS / 10)
        while not re.search(rb"^grader_queue_answers 0", (await self.client.send("GET", "/metrics"))[1], re.M):
            await asyncio.sleep(0.1)
        print(
            f"the same in an exam: all graded after {time.perf_counter() - begun:.1f} s, "
            f"handing in p50 {at(waits, 50):.3f} s, p99 {at(waits, 99):.3f} s"
        )

    async def hand_in(self, number: int) -> None:
        """Hand in in an exam, where verdicts are hidden."""
        _, state = await self.submit(number, BLANK.replace("/load/", "/final/"))
        assert state == "received", state

    async def soak(self, many: int, process: int) -> None:
        """Send many requests, one after the other on eight connections; print the memory of the server on the way."""
        kinds = itertools.cycle((self.health, self.preview, self.problem, self.missing))
        numbers = iter(range(many))

        async def line() -> None:
            for number in numbers:
                await next(kinds)(number)
                if number % (many // 5) == 0:
                    print(f"  after {number:6} requests: {resident(process):.1f} MB")

        print("memory of the server")
        begun = time.perf_counter()
        await asyncio.gather(*(line() for _ in range(8)))
        print(
            f"  after {many:6} requests: {resident(process):.1f} MB  ({many / (time.perf_counter() - begun):.0f} requests a second)"
        )

    async def problem(self, number: int) -> None:
        status, _ = await self.client.send("GET", "/exams/load/we_recur", self.students[number % STUDENTS])
        assert status == 200, status

    async def missing(self, number: int) -> None:
        status, _ = await self.client.send("GET", f"/api/v1/attempts/none-{number}", self.students[number % STUDENTS])
        assert status == 404, status


def resident(process: int) -> float:
    """Return the resident memory of a process in megabytes."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def stolen() -> float:
    """Return the seconds for which the host has kept this machine's processors waiting."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return int(fields[8]) / os.sysconf("SC_CLK_TCK")


async def run(chosen: argparse.Namespace, url: str, port: int, process: int, students: list[Student]) -> None:
    client = Client(port)
    load = Load(client, students, itertools.count())
    try:
        await load.measure(chosen.seconds, chosen.rounds)
        await load.rush()
        if chosen.requests:
            await load.soak(chosen.requests, process)
        database = Database(url)
        await load.rush_in_exam(database)
        database.close()
    finally:
        client.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of each kind of request")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=50_000, help="for the memory; 0 leaves it out")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="grader-load-") as folder,
        served(Path(folder)) as (port, process, students),
    ):
        asyncio.run(run(chosen, database_url(Path(folder)), port, process, students))


if __name__ == "__main__":
    main()
