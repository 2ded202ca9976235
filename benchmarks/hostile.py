"""A hostile guest and a hostile student at work, over loopback: ``python benchmarks/hostile.py [--requests 200]``.

A real ``grader serve`` on SQLite. An honest student's previews and formula verdicts are timed one after the other: quiet, with both
at work, quiet again. The guest sends the worst texts that the tests know to previews, as fast as the server takes them; the student
hands in programs that wait, compute without an end, allocate, print, and return as much as they can. Wanted: medians at most ten
times the quiet ones, and no process of ours above 600 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from service import ANSWERS, BLANK, Client, Student, served

WORST_TEXTS = (
    "\n" * 19_990 + "x",
    "x" * 200,
    "(" * 1_999,
    "a^" * 999 + "a",
    "((((a+b)^2)^2)^2)^2" * 50,
    "W_sx.T@" * 280,
    "\\frac{" * 300 + "1",
    "sum(" * 480 + "W_sx",
    "def " * 5_000,
    "@property\n" * 1_900,
    " " * 19_999 + "!",
)
LOCK = "    import sys\n    lock = sys.modules['_thread'].allocate_lock()\n    lock.acquire()\n"
PROGRAMS = (
    LOCK + "    lock.acquire(timeout=100)",
    "    while True: pass",
    "    return np.ones(2**24, dtype=bool)",
    "    return [np.ones(2**20)] * 60",
    "    x = [bytearray(2**20) for _ in range(10_000)]",
    "    print('x' * 10**7)\n    return np.empty((2**29, 0))",
    "    return (lambda f: f(f))(lambda f: f(f))",
)
PROGRAM_BLANK = "/api/v1/exams/load/problems/rnn_step/blanks/{blank}"


async def preview(client: Client, who: Student, number: int) -> None:
    status, said = await client.send("POST", f"{BLANK}/preview", who, {"answer": f"{ANSWERS[0]} + {number} dLdz2"})
    assert status == 200, said


async def verdict(client: Client, who: Student, number: int, keys: Iterator[int]) -> None:
    body = {"answer": f"{ANSWERS[0]} + {number} dLdz2"}
    while True:
        status, said = await client.send("POST", f"{BLANK}/attempts", who, body, str(next(keys)))
        if status != 429:
            break
        await asyncio.sleep(1)
    assert status == 201, said
    made = json.loads(said)
    while made["state"] == "waiting":  # It was not judged while it was sent.
        await asyncio.sleep(0.02)
        made = json.loads((await client.send("GET", f"/api/v1/attempts/{made['id']}", who))[1])


async def median(one: Callable[[int], Awaitable[None]], numbers: range) -> float:
    """Return the median of so many requests, one after the other, in milliseconds."""
    times = []
    for number in numbers:
        begun = time.perf_counter()
        await one(number)
        times.append(time.perf_counter() - begun)
    return 1e3 * statistics.median(times)


async def hostile_guest(client: Client, who: Student) -> None:
    for text in itertools.cycle(WORST_TEXTS):
        status, _ = await client.send("POST", f"{BLANK}/preview", who, {"answer": text})
        assert status in (200, 413, 422, 429), status
        await asyncio.sleep(0.02)


async def hostile_student(client: Client, who: Student, function: str, blank: str) -> None:
    for number in itertools.count():
        source = f"import numpy as np\ndef {function}:  # {number}\n{PROGRAMS[number % len(PROGRAMS)]}"
        path = PROGRAM_BLANK.format(blank=blank)
        status, said = await client.send("POST", f"{path}/attempts", who, {"answer": source}, f"hostile-{number}")
        assert status in (201, 409, 429), said
        await asyncio.sleep(0.05)


def processes(server: int) -> Iterator[tuple[str, float]]:
    """Yield the name and the resident megabytes of every process below the server's."""
    parents: dict[int, int] = {}
    found: dict[int, tuple[str, float]] = {}
    for each in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            fields = dict(line.split(":", 1) for line in each.read_text().splitlines() if ":" in line)
            pid = int(each.parent.name)
            parents[pid] = int(fields["PPid"])
            found[pid] = (fields["Name"].strip(), int(fields.get("VmRSS", "0 kB").split()[0]) / 1024)
    below = {server}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    yield from (found[pid] for pid in below if pid in found)


async def watch_memory(server: int, highest: dict[str, float]) -> None:
    while True:
        for name, megabytes in processes(server):
            highest[name] = max(highest.get(name, 0.0), megabytes)
        await asyncio.sleep(0.1)


async def run(requests: int, port: int, server: int, students: list[Student]) -> None:
    client, keys = Client(port), itertools.count()
    highest: dict[str, float] = {}
    watched = asyncio.create_task(watch_memory(server, highest))
    honest = iter(students[2:])
    limit_of_previews, limit_of_answers = 20, 8  # Of one student in a row, below the limits of rates.

    async def measured(name: str) -> tuple[float, float]:
        previews, verdicts = [], []
        for first in range(0, requests, limit_of_previews):
            who = next(honest)
            previews.append(
                await median(
                    lambda number, who=who: preview(client, who, number), range(first, first + limit_of_previews)
                )
            )
        for first in range(0, requests, limit_of_answers):
            who = next(honest)
            verdicts.append(
                await median(
                    lambda number, who=who: verdict(client, who, number, keys), range(first, first + limit_of_answers)
                )
            )
        found = statistics.median(previews), statistics.median(verdicts)
        print(f"  {name:16} preview {found[0]:6.1f} ms   verdict {found[1]:6.1f} ms")
        return found

    print(f"medians of {requests} previews and {requests} formula verdicts")
    await measured("(warming)")
    quiet = await measured("quiet")
    attackers = [
        asyncio.create_task(hostile_guest(Client(port), students[0])),
        asyncio.create_task(hostile_student(Client(port), students[1], "step(W_ss, W_sx, b, x, s)", "a")),
    ]
    await asyncio.sleep(5)
    loaded = await measured("under attack")
    ended = [each for each in attackers if each.done()]
    for each in attackers:
        each.cancel()
    await asyncio.sleep(20)
    again = await measured("quiet again")
    watched.cancel()
    for index, name in enumerate(("preview", "verdict")):
        print(
            f"  {name}: {loaded[index] / max(quiet[index], 0.001):.1f} times quiet, {again[index] / quiet[index]:.1f} afterwards (10 wanted)"
        )
    print("  highest resident memory: " + ", ".join(f"{name} {size:.0f} MB" for name, size in sorted(highest.items())))
    for each in ended:
        each.result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="grader-hostile-") as folder,
        served(Path(folder)) as (port, process, students),
    ):
        asyncio.run(run(chosen.requests, port, process, students))


if __name__ == "__main__":
    main()
