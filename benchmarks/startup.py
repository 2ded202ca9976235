"""Seconds until ``grader --help`` has printed, in a fresh process, beside a bare Python in the same run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time


def median(command: list[str], times: int = 9) -> float:
    """Return the median seconds of a command that is run several times."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


if __name__ == "__main__":
    bare = median([sys.executable, "-c", "pass"])
    ours = median([sys.executable, "-m", "grader", "--help"])
    print(f"python -c pass {bare:.3f} s, grader --help {ours:.3f} s (at most 0.3 s wanted)")
