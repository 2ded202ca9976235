"""What a run says of honest programs and of their mistakes; what the pool does when its zygotes die; the frames."""

from __future__ import annotations

import os
import re
import signal
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from grader.sandbox import Limits, NoSandbox, Sandbox, allowed_modules, wire
from grader.sandbox.wire import BodyReader, Claim, Malformed

pytestmark = pytest.mark.process

LIMITS = Limits(cpu_s=1.0, wall_s=5.0)
X = np.arange(6.0).reshape(2, 3)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(2, LIMITS) as made:
        yield made


def lines(*code):
    return "\n".join(code)


VALUES = [
    ("return x.T", X.T),
    ("return x.T.tolist()", X.T),
    ("return x.sum()", np.float64(15.0)),
    ("return int(x.sum())", np.int64(15)),
    ("return True", np.bool_(True)),
    ("return 1j * x", 1j * X),
    ("return x.astype('f4')", X.astype("f4")),
    ("return x.astype('u1')", X.astype("i8")),
    ("return np.uint64(2**64 - 1)", np.float64(2**64 - 1)),
    ("return np.matrix(x)", X),
    ("return np.zeros((0, 3))", np.zeros((0, 3))),
    ("from fractions import Fraction\n    return [Fraction(1, 4)]", np.array([0.25])),
    ("return np.full(2, np.nan)", np.full(2, np.nan)),
    ("return x[::-1, ::2]", X[::-1, ::2]),
]


@pytest.mark.parametrize(("body", "expected"), VALUES, ids=[body for body, _ in VALUES])
def test_a_value_comes_back_as_an_array(sandbox, body, expected):
    run = sandbox.run(f"def f(x):\n    {body}", "f", [(X,)])
    assert (run.outcome, run.line) == ("ok", None)
    [output] = run.outputs
    assert (output.dtype, output.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(output, expected)


def test_a_tuple_comes_back_as_a_tuple_and_a_number_arrives_as_a_number(sandbox):
    code = "def f(x, k, s):\n    return x * s, [k for _ in range(k)], f'{s:.2f}' == '0.50'"
    run = sandbox.run(code, "f", [(X, np.array(3), np.array(0.5)), (X, np.array(1), np.array(0.5))])
    assert run.outcome == "ok"
    assert [[each.shape for each in output] for output in run.outputs] == [
        [(2, 3), (3,), ()],
        [(2, 3), (1,), ()],
    ]
    assert run.outputs[0][2].item() is True


FAILURES = [
    ("def f(x):\n    return x @ x", "error:ValueError", 2, ""),
    (
        "def f(x):\n    y = 1\n    return g(x)\n\ndef g(x):\n    return 1 / 0",
        "error:ZeroDivisionError",
        6,
        "",
    ),
    ("def f(x):\n    return undefined", "error:NameError", 2, ""),
    ("def f(x) return x", "error:SyntaxError", 1, ""),
    ("def f(x):\nreturn x", "error:IndentationError", 2, ""),
    ("def f(x):\n    return x\n\nprint(f(y))", "error:NameError", 4, ""),
    ("def g(x):\n    return x", "error:NameError", None, "no-function"),
    ("f = 3", "error:TypeError", None, "not-callable"),
    ("def f(x):\n    x.T", "error:TypeError", None, "returned-none"),
    ("def f(x):\n    return {'a': x}", "error:TypeError", None, "not-numbers"),
    ("def f(x):\n    return 'x'", "error:TypeError", None, "not-numbers"),
    ("def f(x):\n    return [[1, 2], [3]]", "error:TypeError", None, "not-numbers"),
    ("def f(x):\n    return np.zeros((1,) * 9)", "error:ValueError", None, "too-many-axes"),
    ("def f(x):\n    return np.zeros(10**7, 'u1')", "error:ValueError", None, "too-large"),
    ("import scipy\ndef f(x):\n    return x", "error:ImportError", 1, "import-refused"),
    ("def f(x):\n    import os.path\n    return x", "error:ImportError", 2, "import-refused"),
    ("def f(x):\n    return open('data.csv')", "error:PermissionError", 2, ""),
    ("def f(x):\n    return input()", "error:RuntimeError", 2, ""),
    ("class E(KeyError):\n    pass\n\ndef f(x):\n    raise E", "error:KeyError", 5, ""),
    ("def f(x):\n    raise SystemExit(3)", "error:SystemExit", 2, ""),
    ("def f(x):\n    return f(x)", "error:RecursionError", 2, ""),
    ("def f(x):\n    return np.ones((10**5, 10**5)) @ x", "error:MemoryError", 2, ""),
    ("def f():\n    return 1", "error:TypeError", None, ""),
    ("def f(x):\n    while True:\n        pass", "killed:cpu", None, ""),
    ("def f(x):\n    return '\ud800'", "error:UnicodeEncodeError", None, ""),
    ("def f(x):\n    return '\0'", "error:SyntaxError", None, ""),
    ("", "error:NameError", None, "no-function"),
]


@pytest.mark.parametrize(("code", "outcome", "line", "detail"), FAILURES, ids=[repr(row[0])[:60] for row in FAILURES])
def test_a_mistake_is_told_by_its_name_and_line(sandbox, code, outcome, line, detail):
    run = sandbox.run(code, "f", [(X,)], limits=Limits(cpu_s=0.3))
    assert run.outcome == outcome or (outcome == "error:SyntaxError" and run.outcome == "error:ValueError")
    assert run.line == line
    failed = run.loading if run.loading.outcome != "ok" else run.trials[0]
    assert failed.detail == detail


def test_texts_come_back_from_public_trials_only_and_shortened(sandbox):
    code = "print('loading')\ndef f(x):\n    print(x)\n    raise ValueError('A' * 10**6 if x > 1 else str(x))"
    run = sandbox.run(code, "f", [(np.array(1.0),), (np.array(2.0),), (np.array(3.0),)], public=2)
    assert run.loading.printed == "loading\n"
    assert [each.printed for each in run.trials] == ["1.0\n", "2.0\n", ""]
    assert [len(each.message) for each in run.trials] == [3, wire.MAX_TEXT_CHARACTERS, 0]
    assert [each.line for each in run.trials] == [4, 4, 4]


def test_a_function_that_fails_on_one_trial_goes_on_with_the_next(sandbox):
    run = sandbox.run("def f(x):\n    return 1 / int(x)", "f", [(np.array(each),) for each in (2, 0, 4)])
    assert [each.outcome for each in run.trials] == ["ok", "error:ZeroDivisionError", "ok"]
    assert (run.outcome, run.line) == ("error:ZeroDivisionError", 2)
    assert [None if each is None else float(each) for each in run.outputs] == [0.5, None, 0.25]


def test_what_is_changed_in_place_is_changed_for_nobody_else(sandbox):
    given = np.ones(3)
    run = sandbox.run("def f(x):\n    x += 1\n    return x", "f", [(given,), (given,)])
    assert [each.tolist() for each in run.outputs] == [[2.0] * 3] * 2
    assert given.tolist() == [1.0] * 3


def test_inputs_of_a_later_trial_are_not_there_in_an_earlier_one(sandbox):
    code = lines(
        "import sys",
        "def f(x):",
        "    found = []",
        "    for each in sys.modules['gc'].get_objects():",
        "        if type(each) is list:",
        "            found += [a for a in each if type(a) is np.ndarray and a.shape == (7, 5)]",
        "    return bool(found)",
    )
    run = sandbox.run(code, "f", [(np.zeros(2),), (np.zeros((7, 5)),)])
    assert [bool(each) for each in run.outputs] == [False, True]


def test_random_numbers_without_a_seed_are_alike_in_every_run(sandbox):
    code = "import random\ndef f(x):\n    return random.random(), np.random.rand(), np.random.default_rng().random()"
    first, second = (sandbox.run(code, "f", [(X,), (X,)]) for _ in range(2))
    assert first.outputs == second.outputs
    assert first.outputs[0] != first.outputs[1][:1]


def test_warnings_and_prints_change_nothing(sandbox):
    code = "import sys, warnings\ndef f(x):\n    warnings.warn('!')\n    print('?', file=sys.stderr)\n    np.log(-x)\n    return x"
    assert sandbox.run(code, "f", [(X,)]).outcome == "ok"


def test_every_module_that_may_be_imported_can_be(sandbox):
    imports = "\n".join(
        f"import {name}" for name in (*allowed_modules.ALLOWED, *allowed_modules.SUBMODULES) if name != "__future__"
    )
    run = sandbox.run(f"from __future__ import annotations\n{imports}\ndef f(x):\n    return x", "f", [(X,)])
    assert run.outcome == "ok", run.loading
    listed = Path("docs/functions.md").read_text()
    assert [name for name in allowed_modules.ALLOWED if f"`{name}`" not in listed] == []


NUMPY_USES = """
np.linalg.svd(x); np.fft.fft(x); np.random.default_rng(1).normal(size=5); np.polyfit([1, 2, 3], [1, 4, 9], 2); np.percentile(x, 5)
np.cov(x); np.corrcoef(x); np.histogram(x); np.unique(x); np.interp(1.5, [1, 2], [3, 4]); np.gradient(x); np.convolve([1, 2], [1])
np.einsum('ij,kj->ik', x, x, optimize=True); np.linalg.solve(np.eye(2), x); np.linalg.eigh(x @ x.T); np.array2string(x); str(x); repr(x)
np.ma.masked_array(x).mean(); np.polynomial.Polynomial([1, 2])(x); np.lib.stride_tricks.sliding_window_view(x, 2, axis=1); np.vectorize(abs)(x)
np.random.seed(3); np.random.shuffle(x); np.random.choice(5, 3); np.median(x); np.quantile(x, .3); np.kron(x, x); np.linalg.pinv(x); np.allclose(x, x)
np.char.upper('a'); np.datetime64('2020-01-01') + np.timedelta64(3); np.testing.assert_allclose(x, x); np.linalg.matrix_rank(x); np.apply_along_axis(sum, 0, x)
f'{1.5:.3f}'; '{:>8}'.format(3); 10**5000; str(10**4000); sorted({3, 1}); 'ä'.encode('latin-1'); __import__('time').strptime('2020', '%Y')
__import__('statistics').quantiles([1, 2, 3]); __import__('decimal').Decimal(2).sqrt(); __import__('re').sub('a', 'b', 'cab')
"""


@pytest.mark.parametrize("use", [use.strip() for use in re.split(r";|\n", NUMPY_USES) if use.strip()])
def test_what_honest_programs_use_works_behind_the_locks(sandbox, use):
    run = sandbox.run(f"def f(x):\n    {use}\n    return x", "f", [(X,)], public=1)
    assert run.outcome == "ok", run.trials[0]


def children(of: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{of}/task/{of}/children").read_text().split()]


def test_a_zygote_that_dies_during_a_batch_loses_nothing():
    codes = [f"def f(x):\n    return x * {number}" for number in range(60)]
    with Sandbox(2, LIMITS) as made, ThreadPoolExecutor(4) as pool:
        done = threading.Event()

        def kill() -> None:
            while not done.wait(0.05):
                for worker in list(made._idle.queue):
                    if worker.process is not None:
                        os.kill(worker.process.pid, signal.SIGKILL)
                        break

        killer = threading.Thread(target=kill)
        killer.start()
        runs = list(pool.map(lambda code: made.run(code, "f", [(X,)]), codes))
        done.set()
        killer.join()
    assert [(run.outcome, float(run.outputs[0].max())) for run in runs] == [
        ("ok", 5.0 * number) for number in range(60)
    ]


def test_a_zygote_killed_in_the_middle_of_a_job_is_replaced_and_the_job_begun_anew():
    code = "def f(x):\n    t = 0\n    for i in range(6_000_000):\n        t += 1\n    return x"
    with Sandbox(1, LIMITS) as made:
        first = made._idle.queue[0].process.pid
        killer = threading.Timer(0.1, lambda: os.kill(first, signal.SIGKILL))
        killer.start()
        run = made.run(code, "f", [(X,)], limits=Limits(cpu_s=5))
        assert run.outcome == "ok"
        assert made._idle.queue[0].process.pid != first


def test_zygotes_are_replaced_after_some_jobs_and_leave_nothing_behind():
    before = len(os.listdir("/proc/self/fd"))
    with Sandbox(1, LIMITS, jobs_per_zygote=3) as made:
        seen = set()
        for _ in range(10):
            assert made.run("def f(x):\n    return x", "f", [(X,)]).outcome == "ok"
            seen.add(made._idle.queue[0].process.pid)
        assert len(seen) == 4
        [zygote] = [child for child in children(os.getpid()) if child in seen]
        assert children(zygote) == []
    assert [child for child in children(os.getpid()) if child in seen] == []
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_grader_that_is_killed_takes_its_zygotes_and_their_jobs_with_it():
    code = "def f(x):\\n    while True: pass"
    program = lines(
        "import sys, threading, time, numpy as np",
        "from grader.sandbox import Limits, Sandbox",
        "made = Sandbox(1, Limits(cpu_s=60, wall_s=60))",
        "made.check()",
        f"threading.Thread(target=lambda: made.run('{code}', 'f', [(np.ones(2),)]), daemon=True).start()",
        "time.sleep(0.5); print('ready', flush=True); time.sleep(60)",
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as grader:
        assert grader.stdout.readline() == b"ready\n"
        [zygote] = children(grader.pid)
        [job] = children(zygote)
        grader.kill()
        until = time.monotonic() + 10
        while time.monotonic() < until and any(Path(f"/proc/{each}").exists() for each in (zygote, job)):
            time.sleep(0.05)
        assert not any(Path(f"/proc/{each}").exists() for each in (zygote, job))


def test_a_run_that_is_interrupted_does_not_answer_the_next_one(sandbox, monkeypatch):
    def interrupted(*_args):
        raise KeyboardInterrupt

    with Sandbox(1, LIMITS) as made:
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(wire, "decode_claim", interrupted)
            made.run("def f(x):\n    return x * 2", "f", [(X,)])
        assert made.run("def f(x):\n    return x * 3", "f", [(X,)]).outputs[0].max() == 15.0


def test_there_is_no_sandbox_where_a_layer_that_is_wanted_is_missing():
    with (
        pytest.raises(NoSandbox, match=r"landlock: switched off") as caught,
        Sandbox(1, landlock=False, require_landlock=True),
    ):
        pass
    assert [each.name for each in caught.value.layers if not each.holds] == ["landlock"]


def test_there_is_no_sandbox_where_a_required_layer_cannot_be_had(monkeypatch, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import platform\nplatform.machine = lambda: 'riscv64'\n")
    monkeypatch.syspath_prepend(tmp_path)
    made = Sandbox(1)
    for _ in range(2):
        with pytest.raises(NoSandbox, match="there is no table of system calls for"):
            made.run("def f(x):\n    return x", "f", [(X,)])


def test_inputs_that_are_no_numbers_are_refused_before_anything_runs(sandbox):
    with pytest.raises(TypeError, match="inputs are arrays of numbers, not of <U1"):
        sandbox.run("def f(x):\n    return x", "f", [(np.array(["a"]),)])


NUMBERS = arrays.arrays(
    st.sampled_from([np.dtype(each) for each in ("f4", "f8", "c16", "i8", "?")]),
    arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)


@given(st.lists(NUMBERS, max_size=4), st.booleans())
def test_frames_bring_arrays_as_they_were(values, printing):
    back, printed = wire.decode_trial(wire.encode_trial(values, printing))
    claimed = wire.decode_claim(wire.encode_claim(Claim(tuple(values), several=True)))
    assert printed == printing
    for given_, one, two in zip(values, back, claimed.arrays, strict=True):
        assert given_.dtype == one.dtype == two.dtype
        np.testing.assert_array_equal(given_, one)
        np.testing.assert_array_equal(given_, two)


CLAIM = wire.encode_claim(Claim((np.ones((2, 3)), np.arange(4)), several=True, message="said", printed="printed"))


@settings(max_examples=500)
@given(st.one_of(
    st.binary(max_size=400),
    st.tuples(st.integers(0, len(CLAIM) - 1), st.binary(min_size=1, max_size=9)).map(lambda each: CLAIM[: each[0]] + each[1] + CLAIM[each[0] + len(each[1]) :]),
    st.integers(0, len(CLAIM)).map(lambda size: CLAIM[:size]),
))  # fmt: skip
def test_any_bytes_are_a_claim_or_malformed(body):
    try:
        said = wire.decode_claim(body)
    except Malformed:
        return
    assert sum(each.nbytes for each in said.arrays) <= len(body)
    assert all(each.ndim <= wire.MAX_AXES for each in said.arrays)
    assert said.error == "" or said.error in wire.ERROR_NAMES


@pytest.mark.parametrize("shape", [(2**62,), (2**33, 2**31), (0, 2**62), (2**40, 0), (1,) * 255, (2**63, 2)])
def test_no_memory_is_taken_for_what_a_frame_only_says(shape):
    body = (
        struct.pack("<BBBi", 1, 0, 0, 0)
        + bytes(12)
        + b"d"
        + bytes([len(shape)])
        + b"".join(each.to_bytes(8, "little") for each in shape)
    )
    tracemalloc.start()
    with pytest.raises(Malformed):
        wire.decode_claim(body + bytes(100))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000


def test_a_truth_value_is_0_or_1():
    assert BodyReader(b"?\x01" + (2).to_bytes(8, "little") + b"\0\1").array().tolist() == [False, True]
    with pytest.raises(Malformed):
        BodyReader(b"?\x01" + (2).to_bytes(8, "little") + b"\0\2").array()


def test_a_value_with_more_entries_than_are_wanted_is_an_error_of_the_program(sandbox):
    limits = Limits(entries=100)
    code = "def f(x):\n    return np.ones(int(x[0, 0]), dtype=bool)"
    sizes = (np.full((1, 1), 100.0), np.full((1, 1), 101.0), np.full((1, 1), 1e7))
    run = sandbox.run(code, "f", [(size,) for size in sizes], limits=limits)
    assert [each.outcome for each in run.trials] == ["ok", "error:ValueError", "error:ValueError"]
    assert [each.detail for each in run.trials] == ["", "too-large", "too-large"]
    pair = sandbox.run("def f(x):\n    return np.ones(60), np.ones(60)", "f", [(X,)], limits=limits)
    assert pair.trials[0].detail == "too-large"


def test_a_frame_with_more_entries_than_are_wanted_is_refused_before_anything_is_made_of_it():
    """What a program sends by itself, past the code that checks what it returns: sixteen million truth values took 1.8 GB."""
    body = wire.encode_claim(Claim((np.ones(2**22, dtype=bool),)))
    assert wire.decode_claim(body, 2**22).arrays[0].size == 2**22
    tracemalloc.start()
    with pytest.raises(Malformed):
        wire.decode_claim(body, 2**22 - 1)
    halves = wire.encode_claim(Claim((np.ones(2**10), np.ones(2**10)), several=True))
    with pytest.raises(Malformed):
        wire.decode_claim(halves, 2**11 - 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200_000
