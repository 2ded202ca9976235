"""``reference.py`` runs in a process of its own: what it does there, and what its author reads when it fails."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.reference_functions import ReferenceFunctions, ReferenceRuns
from grader.formula.expression import literal
from grader.formula.symbols import Symbol
from grader.kinds.base.context import BlankSpecError

pytestmark = pytest.mark.process

SYMBOLS = {"A": Symbol(shape=("n", 2)), "a": Symbol()}
SOURCE = """
import math
import os
import numpy as np
from math import pi, sqrt
from numpy.linalg import inv

print("this goes nowhere")

def exact(a):
    return np.sqrt(3) * a + 2 * np.pi + sqrt(2) * math.exp(a) * pi

def built(A, a):
    return np.array([[A[0, 0], 1], [2, a]]) @ inv(A.T @ A) + np.block([[A[:2], A[:2]]])[:, :2]

def whole(a):
    return a * int(np.sqrt(4))

def secret(a):
    return a * ("GRADER_SECRET" in os.environ)

def hangs(a):
    while True:
        pass

def ends(a):
    os._exit(3)

def asks(A):
    total = A.sum()
    return A if total > 0 else -A

def fails(a):
    return 1 // 0

def doubles(A):
    for _ in range(2_000):
        A = A + np.tanh(A) * 2 + A
    return A

def grows(A):
    return sum(np.sin(k * A) for k in range(9_000))

def _hidden(a):
    return a
"""


def recorded(name: str, source: str = SOURCE):
    return ReferenceFunctions(source, SYMBOLS, {"n": 3})(name)


GOOD = [
    ("exact", "add(add(multiply(sqrt(3), a), multiply(2, pi)), multiply(multiply(sqrt(2), exp(a)), pi))"),
    ("built", "add(matmul(stack(stack(index(A, at=(0, 0)), 1), stack(2, a)), inv(matmul(transpose(A), A))), index(concatenate(index(A, at=((None, 2, None),)), index(A, at=((None, 2, None),)), axis=1), at=((None, None, None), (None, 2, None))))"),
    ("whole", "multiply(a, 2)"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "expected"), GOOD)
def test_plain_numbers_stay_exact_and_arrays_take_symbols(name, expected):
    assert repr(recorded(name)) == expected


def test_secrets_do_not_reach_it(monkeypatch):
    monkeypatch.setitem(os.environ, "GRADER_SECRET", "x" * 40)
    assert recorded("secret").args[1] is literal(0)


BAD = [
    ("asks", "asks of reference.py, line 31: it asks for a number where only a symbol is known (a comparison, an index, a conversion, …)"),
    ("fails", "fails of reference.py, line 34, fails: ZeroDivisionError: integer division or modulo by zero"),
    ("ends", "ends of reference.py ends the process in which it is recorded (exit code 3)"),
    ("grows", "grows of reference.py: it comes to 36,001 operations, which are more than 20,000"),
    ("exakt", "reference.py has no function 'exakt'"),
    ("_hidden", "reference.py has no function '_hidden'"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "message"), BAD)
def test_what_its_author_reads(name, message):
    with pytest.raises(BlankSpecError) as caught:
        recorded(name)
    assert caught.value.message == message
    assert caught.value.suggestion == ("exact" if name == "exakt" else None)


ALONE = "a reference may not start another process"
FILES = [
    ("import numpy as np\nx = 1 / 0", "reference.py, line 2, fails: ZeroDivisionError: division by zero"),
    ("def f(:\n  pass", "reference.py, line 1, fails: SyntaxError: invalid syntax (reference.py, line 1)"),
    ("raise SystemExit", "reference.py, line 1, fails: SystemExit"),
    ("import os\nos._exit(4)", "reference.py ends the process in which it is recorded (exit code 4)"),
    ("x = input()", "reference.py, line 1, fails: EOFError: EOF when reading a line"),
    ("x = bytearray(10**13)", "reference.py, line 1, fails: MemoryError"),
    ("import os\nif os.fork() == 0:\n  pass", f"reference.py, line 2, fails: PermissionError: {ALONE}"),
    ("import os\nos.system('true')", f"reference.py, line 2, fails: PermissionError: {ALONE}"),
    ("import subprocess\nsubprocess.run(['true'])", f"reference.py, line 2, fails: PermissionError: {ALONE}"),
]


@pytest.mark.parametrize(("source", "message"), FILES, ids=[text[:12] for text, _ in FILES])
def test_a_file_that_does_not_run(source, message):
    with pytest.raises(BlankSpecError) as caught:
        recorded("f", source)
    assert caught.value.message == message


def test_what_hangs_is_killed_and_the_others_are_still_recorded():
    runs = ReferenceRuns(seconds=3.0)
    functions = ReferenceFunctions(SOURCE, SYMBOLS, {"n": 3}, runs)
    with pytest.raises(BlankSpecError, match="^hangs of reference.py takes longer than 3 seconds$"):
        functions("hangs")
    assert repr(functions("whole")) == "multiply(a, 2)"
    assert runs.unrepeatable == 1


def test_a_long_loop_is_one_expression_with_shared_parts():
    assert recorded("doubles").op == "add"


def test_it_can_go_to_another_process():
    given = ReferenceFunctions(SOURCE, SYMBOLS, {"n": 3})
    assert pickle.loads(pickle.dumps(given))("whole") is given("whole")


def test_point_by_point_a_failure_stands_for_its_value():
    source = "def f(a, A):\n    return 1 / int(a) + A"
    points = [{"a": np.array(2.0), "A": np.ones((2, 2))}, {"a": np.array(0.0), "A": np.ones((2, 2))}]
    value, failure = ReferenceFunctions(source, SYMBOLS, {"n": 3}).try_run("f", points)
    assert value.tolist() == [[1.5, 1.5], [1.5, 1.5]]
    assert failure == "reference.py, line 2, ZeroDivisionError: division by zero"


def test_strict_arrays_are_not_broadcast():
    source = "def f(A, b):\n    return np.concatenate([A @ b, b]) + 1\ndef g(A, b):\n    return 2 * A + b"
    source = "import numpy as np\n" + source
    points = [{"A": np.ones((2, 2)), "b": np.ones((2, 1))}]
    reference_functions = ReferenceFunctions(source, SYMBOLS, {"n": 3})
    assert reference_functions.try_run("f", points, strict=True)[0].tolist() == [[3], [3], [2], [2]]
    assert reference_functions.try_run("g", points)[0].tolist() == [[3, 3], [3, 3]]
    assert reference_functions.try_run("g", points, strict=True) == [
        "reference.py, line 5, ValueError: add of shapes (2, 1) and (2, 2)"
    ]


def test_a_recorder_at_work_ends_with_the_process_that_started_it(tmp_path):
    program = (
        "import json, sys\n"
        "from grader.core.processes.child_process import ChildProcess\n"
        "child = ChildProcess('grader.authoring.recorder')\n"
        "child.requests.write(json.dumps({'source': 'while True: pass'}) + '\\n')\n"
        "child.requests.flush()\n"
        "print(child.process.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        child = int(parent.stdout.readline())
        eventually(lambda: cpu_seconds(child) > 0.3)
        parent.kill()
    eventually(lambda: not alive(child))


def eventually(true):
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def cpu_seconds(pid: int) -> float:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11]) / os.sysconf("SC_CLK_TCK")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
