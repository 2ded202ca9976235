"""Programs that wait instead of computing are ended soon; honest ones on a busy machine are charged nothing."""

from __future__ import annotations

import time

import numpy as np
import pytest

from grader.sandbox import Limits, Sandbox, job_client

pytestmark = pytest.mark.process

X = np.ones((2, 2))
LIMITS = Limits(cpu_s=0.5, wall_s=20)
LOCK = "    import sys\n    lock = sys.modules['_thread'].allocate_lock()\n    lock.acquire()\n"
WAITS = {
    "a lock": f"def f(x):\n{LOCK}    lock.acquire(timeout=100)\n    return x",
    "a lock without an end": f"def f(x):\n{LOCK}    lock.acquire()",
    "one byte of an answer before": f"def f(x):\n{LOCK}    sys.modules['os'].write(3, b'\\0')\n    lock.acquire()",
    "a read": "def f(x):\n    import sys\n    sys.modules['os'].read(3, 1)\n    return x",
    "short naps": f"def f(x):\n{LOCK}    while True:\n        lock.acquire(timeout=0.01)",
    "while it is loaded": "import sys\nlock = sys.modules['_thread'].allocate_lock()\nlock.acquire()\nlock.acquire()\ndef f(x):\n    return x",
    "some work before": (
        f"def f(x):\n{LOCK}    import time\n    until = time.process_time() + 0.3\n"
        "    while time.process_time() < until:\n        pass\n    lock.acquire()"
    ),
}


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(1) as made:
        yield made


@pytest.mark.parametrize("name", WAITS)
def test_what_waits_ends_soon_after_its_cpu_time_would_be_over(sandbox, name):
    began = time.monotonic()
    assert sandbox.run(WAITS[name], "f", [(X,)], limits=LIMITS).outcome == "killed:waiting"
    assert time.monotonic() - began < LIMITS.wall_s / 2
    assert sandbox.run("def f(x):\n    return x", "f", [(X,)], limits=LIMITS).outcome == "ok"


def test_a_nap_is_charged_to_nobody(sandbox):
    code = f"def f(x):\n{LOCK}    lock.acquire(timeout=0.3)\n    return x"
    assert sandbox.run(code, "f", [(X,)], limits=LIMITS).outcome == "ok"


def test_the_time_in_which_the_grader_keeps_a_program_waiting_is_not_its_own(sandbox, monkeypatch):
    send = job_client._send

    def late(connection, data, until):
        time.sleep(0.8)
        send(connection, data, until)

    monkeypatch.setattr(job_client, "_send", late)
    run = sandbox.run("def f(x):\n    return x", "f", [(X,), (X,), (X,)], limits=LIMITS)
    assert run.outcome == "ok"


@pytest.mark.parametrize("seen", [(False, 0.01), None], ids=["it could run and is not let run", "nobody knows"])
def test_what_could_run_is_charged_nothing(sandbox, monkeypatch, seen):
    """The program takes longer than it may sleep, and is seen as one that waits for its turn on a busy machine."""
    monkeypatch.setattr(job_client, "_child_of", lambda zygote: seen)
    code = f"def f(x):\n{LOCK}    lock.acquire(timeout=1.8)\n    return x"
    assert sandbox.run(code, "f", [(X,)], limits=LIMITS).outcome == "ok"


def test_the_control_the_same_program_is_ended_when_it_is_seen_asleep(sandbox):
    code = f"def f(x):\n{LOCK}    lock.acquire(timeout=1.8)\n    return x"
    assert sandbox.run(code, "f", [(X,)], limits=LIMITS).outcome == "killed:waiting"
