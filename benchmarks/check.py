"""Seconds that ``grader check problems`` takes with nothing kept and with everything kept, on two workers."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROBLEMS = Path(__file__).parents[1] / "problems"


def seconds(cache: str, *arguments: str) -> float:
    """Return the seconds of one check with its own cache."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "grader", "check", str(PROBLEMS), "-j", "2", *arguments],
        env={**os.environ, "XDG_CACHE_HOME": cache},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode in (0, 1), done
    return time.perf_counter() - start


if __name__ == "__main__":
    count = len(list(PROBLEMS.glob("*/problem.yaml")))
    with tempfile.TemporaryDirectory() as cache:
        cold = seconds(cache)
        warm = sorted(seconds(cache) for _ in range(5))
    print(f"{count} problems on 2 cores: cold {cold:.1f} s (20 wanted), warm {warm[2]:.2f} s (2 wanted)")
    for folder in sorted(each.parent for each in PROBLEMS.glob("*/problem.yaml")):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "grader", "check", str(folder), "--no-cache"],
            stdout=subprocess.DEVNULL,
            check=False,
        )
        print(f"  {folder.name:24} {time.perf_counter() - start:5.1f} s alone")
