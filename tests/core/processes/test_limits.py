"""A process ends itself when its time is over, whatever it is doing, and fails where it takes too much memory."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.process

HANGS = {
    "a loop of Python": "while True: pass",
    "a regular expression, which keeps Python's lock": "import re; re.match('(a+)+b', 'a' * 60)",
    "a sleep": "import time; time.sleep(60)",
    "a large number": "9 ** 9 ** 8",
}


def run(program):
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=50)
    return done, time.monotonic() - began


@pytest.mark.parametrize("what", HANGS)
def test_what_takes_too_long_is_ended(what):
    start = "from grader.core.processes.limits import end_process_after\nwith end_process_after(0.3):\n    "
    done, took = run(f"{start}{HANGS[what]}\n")
    assert done.returncode == -signal.SIGALRM
    assert took < 30


def test_a_thread_would_not_have_ended_it():
    """The negative control, and why it is a signal: a thread that is to end the process after 0.1 s does so when the pattern is done."""
    program = (
        "import os, re, threading, time\nbegan = time.monotonic()\n"
        "def end():\n    os.write(1, str(time.monotonic() - began).encode())\n    os._exit(70)\n"
        "threading.Timer(0.1, end).start()\nre.match('(a+)+b', 'a' * 25)\ntime.sleep(30)\n"
    )
    done, _ = run(program)
    assert done.returncode == 70 and float(done.stdout) > 0.5


def test_what_ends_in_time_goes_on():
    program = (
        "import time\nfrom grader.core.processes.limits import end_process_after\n"
        "for _ in range(3):\n    with end_process_after(0.2): time.sleep(0.01)\ntime.sleep(0.5)\nprint('goes on')\n"
    )
    done, _ = run(program)
    assert (done.returncode, done.stdout) == (0, "goes on\n")


@pytest.mark.parametrize(("megabytes", "printed"), [(100, "fits"), (2_000, "refused")])
def test_memory_is_limited(megabytes, printed):
    program = (
        "from grader.core.processes.limits import limit_address_space\nlimit_address_space(2**30)\n"
        f"try:\n    data = bytearray({megabytes} * 2**20); print('fits')\nexcept MemoryError:\n    print('refused')\n"
    )
    done, _ = run(program)
    assert (done.returncode, done.stdout) == (0, printed + "\n")


def test_a_child_may_set_its_own_limit():
    program = (
        "import resource, subprocess, sys\nfrom grader.core.processes.limits import limit_address_space\n"
        "limit_address_space(2**30)\n"
        "child = 'import resource; from grader.core.processes.limits import limit_address_space as limit; limit(2**31);'\n"
        "child += 'print(resource.getrlimit(resource.RLIMIT_AS)[0])'\n"
        "print(subprocess.run([sys.executable, '-c', child], capture_output=True, text=True).stdout)\n"
    )
    done, _ = run(program)
    assert done.stdout.strip() == str(2**31)
