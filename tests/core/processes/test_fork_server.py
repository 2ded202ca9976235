"""The fork server: what it starts has what was given and nothing else, ends with its owner, and may be forgotten at any moment."""

from __future__ import annotations

import errno
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

from grader.core.processes import fork_server as client
from grader.core.processes import fork_server_main
from grader.core.processes.child_process import ChildProcess
from grader.core.processes.fork_server import fork_server, start_process

pytestmark = pytest.mark.process

PROGRAMS = """
import json, os, sys, time

def main():
    what, *arguments = sys.argv[1:]
    globals()[what](*arguments)

def tell():
    opened = sorted(int(each) for each in os.listdir("/proc/self/fd"))
    started_with = open("/proc/self/environ").read()
    told = {"environment": dict(os.environ), "started_with": started_with, "folder": os.getcwd(), "path": sys.path[0]}
    os.write(1, json.dumps({**told, "opened": opened, "parent": os.getppid()}).encode())

def sleep():
    os.write(1, b"ready")
    time.sleep(60)

def stubborn():
    import signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sleep()

def leave(code):
    sys.exit(int(code))

def end_slowly():
    import atexit
    atexit.register(os.write, 1, b"ended")
    atexit.register(time.sleep, 1.5)

def start_another():
    from grader.core.processes.fork_server import start_process
    process = start_process("programs", ["sleep"], descriptors=[0, 1, 2])
    time.sleep(60)

def fork_another():
    if os.fork():
        return
    sleep()
"""


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Make the programs above a module that can be imported, by a fork server of which nobody else knows."""
    monkeypatch.setattr(client, "_own_server", cache(client._own_server.__wrapped__))
    (tmp_path / "programs.py").write_text(PROGRAMS, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])


def run(*arguments, **how):
    """Start one of the programs; return it and what it writes first."""
    output, theirs = os.pipe()
    nowhere = os.open(os.devnull, os.O_RDWR)
    process = start_process("programs", arguments, descriptors=[nowhere, theirs, 2], **how)
    os.close(theirs)
    os.close(nowhere)
    written = os.read(output, 100_000).decode()
    os.close(output)
    return process, written


def alive(pid):
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1] if Path(f"/proc/{pid}").exists() else False


def wait_for_end(pid, seconds=10):
    until = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not alive(pid)


def test_a_process_has_what_was_given_and_no_secret(programs, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "correct horse")
    monkeypatch.setenv("TOLD", "later")
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    process, written = run("tell")
    told = json.loads(written)
    assert process.wait(10) == 0
    assert told["environment"]["TOLD"] == "later"
    assert "correct horse" not in written
    assert (told["folder"], told["path"]) == (str(tmp_path / "in"), str(tmp_path))
    # Its streams, the pipe that tells of its end, and the folder that it lists.
    assert [each for each in told["opened"] if each < 60][:3] == [0, 1, 2]
    assert len(told["opened"]) == 5


def test_only_a_process_that_may_start_others_has_a_connection(programs):
    _, without = run("tell")
    _, given = run("tell", may_start=True)
    assert len(json.loads(given)["opened"]) == len(json.loads(without)["opened"]) + 1


@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_code_is_told(programs, code):
    process, _ = run("leave", str(code))
    assert (process.wait(10), process.poll()) == (code, code)


def test_a_process_that_ends_slowly_is_waited_for(programs):
    """What Python does at its end takes longer than a moment on a busy machine."""
    output, theirs = os.pipe()
    process = start_process("programs", ["end_slowly"], descriptors=[theirs, theirs, 2])
    os.close(theirs)
    assert process.wait(10) == 0
    assert os.read(output, 100) == b"ended"
    os.close(output)


def test_a_module_that_cannot_be_imported_says_so(tmp_path, monkeypatch):
    (tmp_path / "broken_module.py").write_text("1 / 0", encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    child = ChildProcess("broken_module")
    assert child.process.wait(10) == 1
    child.errors.seek(0)
    assert child.errors.read().decode().splitlines()[-1] == "ZeroDivisionError: division by zero"


def test_signals_end_it_and_are_told(programs):
    process, _ = run("sleep")
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.05)
    assert process.poll() is None
    process.terminate()
    assert process.wait(10) == -signal.SIGTERM


def test_what_is_left_of_its_process_group_ends_too(programs):
    process, _ = run("fork_another")
    process.wait(10)
    members = subprocess.run(["ps", "-ww", "-eo", "pgid,stat"], capture_output=True, text=True).stdout.splitlines()[1:]
    assert [each for each in members if each.split()[0] == str(process.pid) and "Z" not in each] == []


def test_a_process_that_ignores_the_request_to_end_is_killed(programs, monkeypatch):
    process, _ = run("stubborn")
    process.abandon(grace=0.1)
    assert process.wait(10) == -signal.SIGKILL


def test_processes_may_be_forgotten_within_a_request(programs, monkeypatch):
    """The garbage collector may run wherever memory is asked for: also while the connection is in use."""
    server = fork_server()
    forgotten = []

    def send_and_collect(connection, message, descriptors=()):
        forgotten.pop().abandon()
        original(connection, message, descriptors)

    original = client.send
    for _ in range(3):
        forgotten.append(run("sleep")[0])
        monkeypatch.setattr(client, "send", send_and_collect)
        server.preload([])
        monkeypatch.setattr(client, "send", original)
    server.preload([])
    assert not server.abandoned


def test_forgotten_processes_leave_nothing(programs):
    pids = []
    for _ in range(3):
        child = ChildProcess("programs", None, "sleep")
        pids.append(child.process.pid)
        del child
        gc.collect()
    assert all(map(wait_for_end, pids))
    fork_server().preload([])
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_process_has_started_ends_with_it(programs, number):
    process, written = run("start_another", may_start=True)
    assert written == "ready"
    (server,) = children(process.pid)
    started = children(server)
    assert len(started) == 1
    process.send_signal(number)
    process.wait(10)
    assert all(map(wait_for_end, [server, *started]))


def children(pid):
    listed = subprocess.run(["ps", "-ww", "-eo", "pid,ppid"], capture_output=True, text=True).stdout.splitlines()[1:]
    return [int(line.split()[0]) for line in listed if line.split()[1] == str(pid)]


@pytest.mark.parametrize("how", ["kill", "exit"])
def test_everything_ends_with_the_process_that_began_it(tmp_path, how):
    (tmp_path / "programs.py").write_text(PROGRAMS, encoding="utf-8")
    program = (
        "import os, sys, signal\n"
        "from grader.core.processes.fork_server import start_process\n"
        "read, write = os.pipe()\n"
        "process = start_process('programs', ['stubborn'], descriptors=[0, write, 2])\n"
        "os.read(read, 5)\n"
        "print(process.pid, flush=True)\n" + ("os.kill(os.getpid(), signal.SIGKILL)" if how == "kill" else "")
    )
    (tmp_path / "begin.py").write_text(program, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, tmp_path / "begin.py"], capture_output=True, text=True, env=environment, timeout=30
    )
    assert wait_for_end(int(done.stdout))


def test_a_fork_server_that_was_ended_is_replaced(programs):
    process, written = run("tell")
    before = json.loads(written)["parent"]
    process.wait(10)
    sleeper, _ = run("sleep")
    os.kill(before, signal.SIGKILL)
    assert wait_for_end(before)
    assert sleeper.wait(10) == -signal.SIGKILL
    assert wait_for_end(sleeper.pid)
    _, written = run("tell")
    assert json.loads(written)["parent"] != before


def test_a_copy_of_a_process_has_a_fork_server_of_its_own():
    server = fork_server()
    read, write = os.pipe()
    if (pid := os.fork()) == 0:
        os.write(write, str(fork_server() is server).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(read, 10) == b"False"


def test_where_no_process_can_be_started_what_runs_goes_on(monkeypatch):
    """A group that has all its processes, or no memory: the request fails, and the next one may not."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        server = fork_server_main._Server(theirs)
        monkeypatch.setattr(os, "fork", lambda: (_ for _ in ()).throw(BlockingIOError(errno.EAGAIN, "no more")))
        before = len(os.listdir("/proc/self/fd"))
        assert server._start({"module": "x"}, [os.dup(0)]) is None
        assert len(os.listdir("/proc/self/fd")) == before
        monkeypatch.setattr(client, "send", lambda *_: None)
        with pytest.raises(BlockingIOError):
            client.ForkServer(ours).start("x", descriptors=[])
    assert server.started == set()
