"""Previews in processes of their own: they read as the public part does, and what takes too long harms nobody."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.paths import ROOT

from grader.authoring.loader import load_problem
from grader.kinds.base.public import Preview, Public
from grader.web.domain.exams import preview_pool, preview_process
from grader.web.domain.exams.preview_pool import TAKES_TOO_LONG, PreviewPool
from grader.web.errors import Unavailable

pytestmark = pytest.mark.process


class Hostile(Public):
    """A blank whose reading does what an answer says: what a fault in a kind would let an answer do."""

    def read_back(self, written):
        match written:
            case "compute":
                while True:
                    pass
            case "sleep":
                time.sleep(60)
            case "allocate":
                bytearray(2**31)
            case "recurse":
                return self.read_back(written)
            case "kill":
                os.kill(os.getpid(), 9)
            case "secret":
                environment = Path("/proc/self/environ").read_text() + repr(os.environ)
                return Preview(read_as=str("correct horse" in environment))
            case "descriptors":
                links = [os.readlink(f"/proc/self/fd/{each}") for each in os.listdir("/proc/self/fd") if each != "3"]
                return Preview(read_as=" ".join(links))
        return Preview(read_as=written, is_code=written == "code")


HOSTILE = Hostile(kind="word", instructions="")


@pytest.fixture
def pool(monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "correct horse")
    monkeypatch.setattr(preview_pool, "MAX_WALL_SECONDS", 1.0)
    made = PreviewPool(lambda snapshot, address: HOSTILE)
    yield made
    made.close()


def test_it_reads_as_the_public_part_does(pool):
    assert pool.preview("s", "a", "5") == Preview(read_as="5")
    assert pool.preview("s", "a", "code").is_code


def test_every_kind_is_read_as_in_this_process():
    problem = load_problem(ROOT / "problems" / "we_recur")
    publics = {blank.address: problem.public(blank) for blank in problem.blanks}
    texts = ["W_sx x + W_ss s", "3 x 4", "A, C", "softmax", "(", "", "def f(x):\n    return x", "7"]
    pool = PreviewPool(lambda snapshot, address: publics[address])
    try:
        for address, public in publics.items():
            for text in [*texts, ("A", "C")]:
                preview = pool.preview("s", address, text)
                assert (preview, preview.is_code) == (public.preview(text), public.preview(text).is_code)
    finally:
        pool.close()


@pytest.mark.parametrize("written", ["sleep", "allocate", "recurse", "kill"])
def test_what_cannot_be_read_in_bounds_is_told_and_another_is_read(pool, written):
    assert pool.preview("s", "a", written) == Preview(complaint=TAKES_TOO_LONG)
    assert pool.preview("s", "a", "next").read_as == "next"


def test_endless_work_ends_after_its_cpu_seconds(monkeypatch):
    monkeypatch.setattr(
        preview_process, "MAX_CPU_SECONDS", 0.2
    )  # The copies are made of the fork server, which knows 2.0.
    pool = PreviewPool(lambda snapshot, address: HOSTILE)
    began = time.monotonic()
    assert pool.preview("s", "a", "compute") == Preview(complaint=TAKES_TOO_LONG)
    assert time.monotonic() - began < preview_pool.MAX_WALL_SECONDS
    pool.close()


def test_while_two_are_held_a_third_waits_and_is_told_that_the_server_is_busy(pool, monkeypatch):
    monkeypatch.setattr(preview_pool, "MAX_QUEUE_SECONDS", 0.2)
    with ThreadPoolExecutor(3) as threads:
        held = [threads.submit(pool.preview, "s", "a", text) for text in ("sleep", "sleep")]
        time.sleep(0.3)
        with pytest.raises(Unavailable):
            pool.preview("s", "a", "third")
        assert {each.result() for each in held} == {Preview(complaint=TAKES_TOO_LONG)}
    assert pool.preview("s", "a", "third").read_as == "third"


def test_no_secret_and_no_file_of_the_service_is_in_a_preview_process(pool, tmp_path):
    with open(tmp_path / "database.sqlite3", "w"):
        assert pool.preview("s", "a", "secret").read_as == "False"
        assert "database.sqlite3" not in str(pool.preview("s", "a", "descriptors").read_as)


def test_what_was_read_is_kept_and_what_took_too_long_is_not(pool, monkeypatch):
    pool.preview("s", "a", "kept")
    pool.preview("s", "a", "kill")
    with monkeypatch.context() as without_processes:
        without_processes.setattr(pool, "_idle", None)
        assert pool.preview("s", "a", "kept").read_as == "kept"
        with pytest.raises(AttributeError):
            pool.preview("s", "a", "kill")


def test_many_threads_share_two_processes(pool):
    with ThreadPoolExecutor(16) as threads:
        texts = [str(number) for number in range(200)]
        assert [each.read_as for each in threads.map(lambda text: pool.preview("s", "a", text), texts)] == texts
    assert threading.active_count() < 40


def test_more_public_parts_than_a_process_keeps(pool):
    for number in [*range(preview_process.MAX_PUBLIC_PARTS + 1), 0]:
        assert pool.preview(f"s{number}", "a", f"{number} again").read_as == f"{number} again"
