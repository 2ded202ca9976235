"""The sandbox: jobs a second, latency, memory and descriptors over 10,000 jobs, beside a fresh Python and its own floor."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from grader.sandbox import Sandbox

WORKERS, JOBS, MANY, FRESH = 2, 600, 10_000, 20
X = np.arange(12.0).reshape(4, 3)
PROGRAM = """
def gradient(W, x):
    # Program number {0}
    out = np.zeros((x.shape[1], W.shape[1]))
    for i in range(W.shape[1]):
        out[:, i] = x.T @ W[:, i]
    return out
"""


def program(number: int) -> str:
    """Return a distinct program, so that nothing can be remembered."""
    return PROGRAM.format(number)


def job(sandbox: Sandbox, number: int) -> float:
    """Run one job, and return its seconds."""
    start = time.perf_counter()
    run = sandbox.run(program(number), "gradient", [(X, X), (X * 2, X)])
    assert run.outcome == "ok", run
    return time.perf_counter() - start


def batch(sandbox: Sandbox, pool: ThreadPoolExecutor, first: int, count: int) -> tuple[float, list[float]]:
    """Return jobs a second, and the seconds of each."""
    start = time.perf_counter()
    times = list(pool.map(lambda number: job(sandbox, number), range(first, first + count)))
    return count / (time.perf_counter() - start), times


def fresh(count: int) -> list[float]:
    """Return the seconds of a fresh Python that imports NumPy and does nothing."""
    found = []
    for _ in range(count):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", "import numpy"],
            check=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        found.append(time.perf_counter() - start)
    return found


def memory(process: int | str = "self") -> float:
    """Return the megabytes that a process holds in memory."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def main() -> None:
    """Print the table."""
    with Sandbox(WORKERS) as sandbox, ThreadPoolExecutor(WORKERS) as pool:
        print("layers: " + ", ".join(each.name for each in sandbox.layers if each.holds))
        batch(sandbox, pool, 0, 50)
        rounds = []
        for number in range(3):
            fresh_s = statistics.median(fresh(FRESH))
            rate, times = batch(sandbox, pool, 1_000 * (number + 1), JOBS)
            with ThreadPoolExecutor(WORKERS) as starting:
                start = time.perf_counter()
                list(starting.map(fresh, [FRESH // 2] * WORKERS))
                fresh_rate = FRESH / (time.perf_counter() - start)
            times.sort()
            median, last = statistics.median(times), times[int(0.99 * len(times))]
            rounds.append((rate, median, last, fresh_s, fresh_rate))
            print(
                f"{rate:5.0f} jobs/s (150 wanted), median {1e3 * median:4.1f} ms, p99 {1e3 * last:5.1f} ms: {last / median:3.1f} medians (8 wanted); "
                f"a fresh Python with NumPy {1e3 * fresh_s:4.0f} ms, {fresh_rate:4.1f}/s: {rate / fresh_rate:4.1f} times as many jobs (8 wanted)"
            )
        descriptors, before = len(os.listdir("/proc/self/fd")), memory()
        start = time.perf_counter()
        for part in range(5):
            batch(sandbox, pool, 10_000 + part * MANY // 5, MANY // 5)
            if part == 0:
                first = memory()
        seconds = time.perf_counter() - start
        children = [int(each) for each in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
        states = [Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[0] for each in children]
        print(
            f"{MANY:,} jobs in {seconds:.0f} s: memory {before:.1f} MB before, {first:.1f} MB after a fifth, {memory():.1f} MB at the end; "
            f"descriptors {descriptors} before and {len(os.listdir('/proc/self/fd'))} after; {len(children)} children, {states.count('Z')} zombies; "
            f"zygotes {', '.join(f'{memory(each):.0f} MB' for each in children)}"
        )


if __name__ == "__main__":
    main()
