"""A real PostgreSQL for the tests, started once as an unprivileged user, and databases in it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

REQUIRED = os.environ.get("GRADER_REQUIRE_POSTGRES") == "1"
MISSING = "PostgreSQL is not installed: half of the storage tests do not run (apt-get install postgresql)"


def programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def as_nobody() -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a running PostgreSQL, without the name of a database."""
    where = programs()
    if where is None:
        if REQUIRED:
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="grader-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
    data, lead = folder / "data", as_nobody()
    quiet = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    subprocess.run(
        [*lead, str(where / "initdb"), "-D", str(data), "-U", "grader", "--auth=trust", "-E", "UTF8", "--no-sync"],
        check=True,
        capture_output=True,
        env=quiet,
        cwd=folder,
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        [
            *lead,
            str(where / "postgres"),
            "-D",
            str(data),
            "-p",
            str(port),
            "-k",
            "",
            "-h",
            "127.0.0.1",
            "-c",
            "fsync=off",  # Processes are killed here, never the machine: what was written is in its memory.
            "-c",
            "max_connections=200",
        ],
        stdout=log,
        stderr=log,
        env=quiet,
        cwd=folder,
    )
    url = f"postgresql+psycopg://grader@127.0.0.1:{port}"
    try:
        _wait(url, server, folder / "log")
        yield url
    finally:
        server.terminate()  # Smart: it waits for nobody who has left.
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.send_signal(2)
            server.wait(10)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if server.poll() is not None:
            break
        try:
            psycopg.connect(url.replace("+psycopg", "") + "/postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"PostgreSQL does not start: {log.read_text()}")


def create_database(url: str) -> str:
    """Make a new database, and return its URL."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(url.replace("+psycopg", "") + "/postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return f"{url}/{name}"
