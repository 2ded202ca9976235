"""``pytest --quick``: only tests without a process, a database or a browser, and proof that they are such.

A test that starts a process all the same fails and is told which mark it lacks, so that the marks stay true. Without ``--quick``
the slow files come first: where several processes share the tests, each takes the next file, and the short ones fill the end.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

SLOW_FIXTURES = {
    "browser": {"browser", "page", "context"},
    "db": {"postgres", "upgraded", "empty", "database", "hall"},
}
STARTS_A_PROCESS = frozenset(("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn"))
SLOWEST_FIRST = ("browser", "process", "db")
LEFT_OUT = ("browser", "db", "process", "soak")
_started: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="only tests without a process, a database or a browser")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what uses a database or a browser by its fixtures; processes are marked by hand."""
    for item in items:
        for mark, fixtures in SLOW_FIXTURES.items():
            if fixtures & set(getattr(item, "fixturenames", ())):
                item.add_marker(mark)
        if item.path.name == "problem.yaml":  # A check of a problem, by the plugin: it runs the author's program.
            item.add_marker("process")
    if config.getoption("--quick"):
        slow = [item for item in items if any(item.get_closest_marker(mark) for mark in LEFT_OUT)]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in set(slow)]
    _order(items)


def _order(items: list[pytest.Item]) -> None:
    """Sort whole files: those with a slow test first, then those with many tests; their tests stay in order."""
    counts = Counter(item.path for item in items)
    ranks = dict.fromkeys(counts, len(SLOWEST_FIRST))
    for item in items:
        for rank, mark in enumerate(SLOWEST_FIRST):
            if item.get_closest_marker(mark):
                ranks[item.path] = min(ranks[item.path], rank)
    items.sort(key=lambda item: (ranks[item.path], -counts[item.path], item.path))


def pytest_sessionstart(session: pytest.Session) -> None:
    if session.config.getoption("--quick") and not getattr(session.config.option, "numprocesses", None):
        sys.addaudithook(_note)


def _note(event: str, _: tuple[Any, ...]) -> None:
    if event in STARTS_A_PROCESS:
        _started.append(event)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    _started.clear()
    yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    yield
    if _started:
        pytest.fail("this test starts a process: give it @pytest.mark.process", pytrace=False)
