"""No attack passes, from whatever situation; and with the layers off the same attacks do, so that the tests mean something."""

from __future__ import annotations

import os

import numpy as np
import pytest
from support import container_profiles as profiles
from support.attacks import EARLIER, ENVIRONMENT, HONEST, KEY, LIMITS, X, attack, right, rows, scanned

from grader.sandbox import Sandbox
from grader.sandbox.lockdown.syscalls import architecture

pytestmark = pytest.mark.process

ALL = rows("attacks.jsonl", "attacks_own.jsonl")
SOME = [row for place, row in enumerate(ALL) if place % 4 == 0 or row["kind"] in ("control", "covert", "memory-read")]
HARMLESS = {
    "f01": "breached",
    "f06": "came back",
    "f16": "breached",
    "w02": "changed",
    "o-open": "breached",
    "o-visit": "connection",
}
"""Attacks that do no harm when they succeed, and what then must be seen."""
ROOT = os.getuid() == 0
PROFILES = ["root", "plain", "container"] if ROOT else ["root"]
"""Without being root there is one situation: that of this user, called root here for brevity."""


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(1, LIMITS) as made:
        yield made


def test_no_attack_passes(sandbox):
    found = attack(sandbox, ALL)
    assert len(found) == len(ALL) > 140
    assert {name: each for name, each in found.items() if each} == {}


def test_the_same_attacks_succeed_without_the_layers():
    with Sandbox(1, LIMITS, unsafe=True) as open_:
        found = attack(open_, [row for row in ALL if row["id"] in HARMLESS])
    for name, sign in HARMLESS.items():
        assert any(sign in each for each in found[name]), (name, found[name])


@pytest.mark.parametrize("profile", PROFILES)
def test_some_attacks_from_every_situation(profile):
    report = profiles.attacked(profile, SOME, landlock=profile != "root")
    assert report["breaches"] == {}
    assert all(held for name, held in report["layers"].items() if name != "landlock")
    assert report["layers"]["landlock"] == (profile == "plain")
    assert not ROOT or report["user"] == f"runs as user {65533 if profile == 'plain' else 65534}"


@pytest.mark.soak
@pytest.mark.parametrize("landlock", [True, False])
@pytest.mark.parametrize("profile", PROFILES)
def test_no_attack_passes_from_any_situation(profile, landlock):
    report = profiles.attacked(profile, ALL, landlock)
    assert report["breaches"] == {}


SWEEP = """
def f(x):
    import sys
    ctypes = sys.modules['ctypes']
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    found = []
    for number in range(int(x[0]), int(x[1])):
        if number in x[2:]:
            continue
        ctypes.set_errno(0)
        # Arguments that are valid for nothing: descriptors that are not open, addresses that are not mapped.
        if libc.syscall(number, -1, -1, -1, -1, -1, -1) != -1 or ctypes.get_errno() != 1:
            found.append(number)
    return np.array(found, dtype=float)
"""


def test_every_system_call_but_those_of_the_table_is_refused(sandbox):
    probes = (
        [335, 336] if architecture().foreign else []
    )  # Linux lets uretprobe and uprobe pass filters; they do nothing here.
    allowed = sorted([*architecture().calls.values(), *probes])
    run = sandbox.run(SWEEP, "f", [(np.array([0, 600, *allowed], dtype=float),)])
    assert run.outcome == "ok"
    assert run.outputs[0].tolist() == []


def test_a_call_of_another_kernel_interface_ends_the_job(sandbox):
    if architecture().foreign is None:
        assert os.uname().machine == "aarch64"
        return
    code = "def f(x):\n    import sys\n    sys.modules['ctypes'].CDLL(None).syscall(0x40000000 + 39)\n    return x"
    assert sandbox.run(code, "f", [(X,)]).outcome == "killed:seccomp"


@pytest.mark.skipif(not ROOT, reason="only root may read the memory of another process")
def test_the_memory_of_a_zygote_holds_no_key_and_nothing_of_a_submission(monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", ENVIRONMENT)
    here = [KEY * 3]  # In the memory of the grader, beside the environment.
    with Sandbox(1, LIMITS) as made:
        for _ in range(3):
            run = made.run(f"token = '{EARLIER}' * 5\n{HONEST}", "f", [(X,)])
            assert right(run.outputs[0])
        worker = made._idle.queue[0]
        assert scanned(worker.process.pid, KEY, ENVIRONMENT, EARLIER) == []
        assert scanned(worker.process.pid, "fork, lock, act"[::-1], "grader.sandbox.zygote") == [
            "grader.sandbox.zygote"
        ]
        assert scanned(os.getpid(), here[0]) == [here[0]]


COMPLETE_SCAN = """
def f(x):
    # Reads on from an array of its own, over everything that is mapped, until the process dies of it.
    v = np.lib.stride_tricks.as_strided(np.zeros(8, 'u1'), (1 << 24,), (1,))
    import re
    if re.search(rb'PREVSUB-TOK[E]N|TOPSECRET-KE[Y]|ENVSECRE[T]', v.tobytes()):
        raise SystemError('found')
    return x.T @ x
"""


def test_what_an_earlier_submission_left_in_memory_is_not_found(sandbox):
    for _ in range(3):
        sandbox.run(f"token = '{EARLIER}' * 1000\n{HONEST}", "f", [(X,)])
        assert sandbox.run(COMPLETE_SCAN, "f", [(X,)]).outcome != "error:SystemError"
