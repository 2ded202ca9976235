"""What a hostile ``reference.py`` tries, in the recorder and, as the control, in a plain process, where it succeeds."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from grader.authoring.reference_functions import ReferenceFunctions, ReferenceRuns, missing_lock
from grader.kinds.base.context import BlankSpecError

pytestmark = pytest.mark.skipif(bool(missing_lock()), reason="the recorder cannot be locked in here")

REFUSED = "PermissionError: [Errno 1] Operation not permitted"
ALONE = "PermissionError: a reference may not start another process"
LIBC = """import ctypes
import os
def call(name, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""
ATTACKS = {
    "read a secret beside the project": ("assert open('{secret}').read() == 'secret'", f"{REFUSED}: '{{secret}}'"),
    "write into the cache": ("open('{cache}/forged.json', 'w').write('x')", f"{REFUSED}: '{{cache}}/forged.json'"),
    "write into its own folder": ("open('{own}/problem.yaml', 'a').write('x')", f"{REFUSED}: '{{own}}/problem.yaml'"),
    "remove a file": ("import os\nos.remove('{spare}')", f"{REFUSED}: '{{spare}}'"),
    "list a folder": ("import os\nos.listdir('{own}')", f"{REFUSED}: '{{own}}'"),
    "open a socket": ("import socket\nsocket.socket().close()", REFUSED),
    "connect": ("import socket\nsocket.socket().connect(('127.0.0.1', {port}))", REFUSED),
    "signal its parent": ("import os\nos.kill(os.getppid(), 0)", REFUSED),
    "signal the process above": ("import os\nos.kill({above}, 0)", REFUSED),
    "signal its group": ("import os\nos.killpg(0, 0)", REFUSED),
    "have a handle on its parent": ("import os\nos.close(os.pidfd_open(os.getppid()))", REFUSED),
    "read the environment of its parent": (
        "import os\nopen(f'/proc/{{os.getppid()}}/environ').read()",
        f"{REFUSED}: '/proc/PARENT/environ'",
    ),
    "write its own memory": ("open('/proc/self/mem', 'r+b').close()", f"{REFUSED}: '/proc/self/mem'"),
    "let itself be traced": (LIBC + "call('ptrace', 0, 0, None, None)", REFUSED),
    "fork": ("import os\nif os.fork() == 0:\n    os._exit(0)", ALONE),
    "fork by libc": (
        LIBC + "import sys\npid = ctypes.CDLL(None).fork()\nif pid == 0:\n    os._exit(0)\nif pid < 0:\n    call('fork')",
        REFUSED,
    ),
    "run a program": ("import os\nos.execv('/bin/true', ['true'])", ALONE),
    "run a program by libc": (LIBC + "call('execv', b'/bin/true', (ctypes.c_char_p * 2)(b'true', None))", REFUSED),
    "go on in a thread": (
        "import threading\nthread = threading.Thread(target=print)\nthread.start()\nthread.join()",
        "RuntimeError: can't start new thread",
    ),
    "raise a limit": ("import resource\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0))", "ValueError: not allowed to raise maximum limit"),
    "reserve 100 GB": (
        "import mmap\nmmap.mmap(-1, 100 * 2**30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)",
        "OSError: [Errno 12] Cannot allocate memory",
    ),
    "use the thread that watches its parent": (
        "import os, time, sys\n"
        "from grader.core.processes import limits\n"
        "found, plain = [], time.sleep\n"
        "class Clock:\n"
        "    def sleep(self, seconds):\n"
        "        try:\n"
        "            found.append(os.kill(os.getppid(), 0))\n"
        "        except OSError as error:\n"
        "            found.append(error)\n"
        "        plain(1e6)\n"
        "if not any(each.name.endswith('_watch_parent)') for each in __import__('threading').enumerate()):\n"
        "    limits.exit_with_parent(os.getppid())\n"
        "limits.time = Clock()\n"
        "for _ in range(100):\n"
        "    plain(0.02)\n"
        "    if found:\n"
        "        break\n"
        "limits.time = time\n"
        "if found[0]:\n"
        "    raise found[0]",
        REFUSED,
    ),
}  # fmt: skip


@pytest.fixture
def places(tmp_path):
    """Files to attack, and a port on which somebody listens."""
    for name in ("cache", "own"):
        (tmp_path / name).mkdir()
    for name in ("secret", "spare", "own/problem.yaml"):
        (tmp_path / name).write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        names = {name: tmp_path / name for name in ("secret", "cache", "own", "spare")}
        yield {**names, "port": server.getsockname()[1], "above": os.getpid()}


def files(folder: Path) -> dict[str, str]:
    return {str(each): each.read_text() for each in folder.rglob("*") if each.is_file()}


def failure(source: str, name: str = "") -> str:
    """Return what the author reads, without the place and with one name for the parent's number."""
    with pytest.raises(BlankSpecError) as caught:
        functions = ReferenceFunctions(source, {}, {}, ReferenceRuns(seconds=10.0))
        functions.run(name, [{}]) if name else functions.functions
    before, _, said = caught.value.message.partition(" fails: ")
    assert before.startswith("f of reference.py, line " if name else "reference.py, line ")
    words = said.split("/")
    return "/".join(
        "PARENT" if index and words[index - 1] == "proc" and each.isdigit() else each
        for index, each in enumerate(words)
    )


def inside_function(source: str) -> str:
    return "def f():\n" + "".join(f"    {line}\n" for line in source.splitlines()) + "    return 1.0\n"


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_when_the_file_is_run(places, tmp_path, name):
    source, message = (each.format(**places) for each in ATTACKS[name])
    before = files(tmp_path)
    assert failure(source) == message
    assert files(tmp_path) == before


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_when_a_function_is_run(places, tmp_path, name):
    source, message = (each.format(**places) for each in ATTACKS[name])
    before = files(tmp_path)
    assert failure(inside_function(source), "f") == message
    assert files(tmp_path) == before


@pytest.mark.parametrize("name", ATTACKS)
def test_the_same_succeeds_without_locks(places, name):
    source = ATTACKS[name][0].format(**places)
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, timeout=60, start_new_session=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


UNLOCKED = """
import sys
from grader.sandbox.lockdown import syscalls
syscalls.ARCHITECTURES = {}
from grader.authoring import recorder
recorder.main()
"""


def unlocked(source: str, locked_only: bool) -> dict[str, object]:
    """Return the answer of a recorder on a machine for which there is no table of system calls."""
    request = json.dumps({"source": source, "locked_only": locked_only}) + "\n"
    done = subprocess.run([sys.executable, "-c", UNLOCKED], input=request, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[1])


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the message names the machine")
def test_without_locks_the_recorder_says_what_is_missing_and_goes_on_only_where_it_may(places):
    source = ATTACKS["write into the cache"][0].format(**places)
    missing = "there is no table of system calls for Linux on x86_64"
    refused = {
        "error": f"reference.py is not run, since it cannot be locked in: {missing}",
        "missing": missing,
        "reads": False,
    }
    assert unlocked(source, locked_only=True) == refused
    assert files(places["cache"]) == {}
    assert unlocked(source, locked_only=False) == {"functions": {}, "missing": missing, "reads": True}
    assert len(files(places["cache"])) == 1


def test_its_descriptors_lead_nowhere_but_to_its_pipes():
    """What is open is looked at from outside: the recorder itself cannot list it."""
    from grader.authoring import reference_functions

    runs = ReferenceRuns()
    recorder = reference_functions._Recorder(runs, "")
    try:
        opened = {os.readlink(each) for each in Path(f"/proc/{recorder.child.process.pid}/fd").iterdir()}
    finally:
        recorder.child.close()
    assert {each.partition(":")[0] for each in opened} == {"pipe", "/dev/null"}
    assert len(opened) == 4  # Requests, answers, the pipe that tells of the end, and nothing.


IMPORTS = {
    "what is named": ("import scipy.special\ndef f():\n    return scipy.special.erf(0.0) + 1.0\n", None),
    "what is named by a part": ("import scipy\ndef f():\n    return scipy.linalg.det([[1.0]])\n", None),
    "in a function": ("def f():\n    from colorsys import rgb_to_hsv\n    return rgb_to_hsv(0, 0, 1.0)[2]\n", None),
    "no seed": ("import numpy as np\ndef f():\n    return np.random.default_rng().random() * 0 + 1.0\n", None),
    "parts of NumPy": ("import numpy as np\ndef f():\n    return np.linalg.norm([1.0]) + np.fft.fft([0])[0].real\n", None),
    "other libraries": (
        "import pip",
        "ModuleNotFoundError: no module 'pip' for reference.py, which may import NumPy, SciPy, SymPy, mpmath and Python's own",
    ),
    "programs": (
        "import unittest\nimport unittest.__main__",
        "ModuleNotFoundError: no module 'unittest.__main__' for reference.py, which may import NumPy, SciPy, SymPy, mpmath and Python's own",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "message"), IMPORTS.values(), ids=IMPORTS)
def test_imports(source, message):
    if message:
        assert failure(source) == message
    else:
        assert ReferenceFunctions(source, {}, {}).run("f", [{}]) == [1.0]


def test_no_file_of_the_working_directory_runs_before_the_locks(tmp_path, monkeypatch):
    """A folder of the change is on the import path, as with PYTHONPATH=. in CI."""
    mark = tmp_path / "mark"
    for name in ("colorsys", "test_all", "sympy"):
        (tmp_path / f"{name}.py").write_text(f"open({str(mark)!r}, 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    source = "import colorsys\ndef f():\n    return colorsys.rgb_to_hsv(0, 0, 1.0)[2]\n"
    assert ReferenceFunctions(source, {}, {}).run("f", [{}]) == [1.0]
    failure("import unittest.__main__")
    assert not mark.exists()
    subprocess.run([sys.executable, "-c", "import colorsys"], cwd=tmp_path, check=True)
    assert mark.exists()


FLOOD = """
import os
for descriptor in range(3, 64):
    try:
        while True:
            os.write(descriptor, b"x" * 2**20)
    except OSError:
        pass
"""


def test_an_answer_without_end_is_not_read_to_the_end():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BlankSpecError) as caught:
        ReferenceFunctions(FLOOD, {}, {}, ReferenceRuns(seconds=20.0)).functions  # noqa: B018
    assert caught.value.message.startswith("reference.py ends the process in which it is recorded (exit code ")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2**20  # Kilobytes: less than a gigabyte.
