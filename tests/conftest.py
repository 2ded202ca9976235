"""What all tests share: a real browser, and a loud line where there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest_plugins = ["support.databases", "support.quick"]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
REQUIRED = bool(os.environ.get("GRADER_REQUIRE_BROWSER"))


def chromium() -> str | None:
    """Return the path of the browser that is installed here."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    return found or (str(ON_MACOS) if ON_MACOS.exists() else None)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A headless Chromium that talks to nobody."""
    path = chromium()
    if path is None:
        if REQUIRED:
            pytest.fail("Chromium is not installed, and GRADER_REQUIRE_BROWSER is set")
        pytest.skip("no Chromium installed")
    from playwright.sync_api import sync_playwright

    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=path, args=[*QUIET, *(["--no-sandbox"] if root else [])])
        yield started
        started.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that pages were not looked at."""
    if chromium() is None and not REQUIRED:
        terminalreporter.write_line(
            "!!! NO BROWSER: the pages were not tested. Install chromium to test them. !!!",
            red=True,
            bold=True,
        )
