"""Real databases: a file of SQLite, and a PostgreSQL that is started here, as an unprivileged user."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
from support.exam_factory import TINY, Hall

from grader.web.db import tables
from grader.web.db.engine import Database
from grader.web.domain.accounts import people

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
            "fsync=on",
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


def made(url: str) -> str:
    """Make a new database, and return its URL."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(url.replace("+psycopg", "") + "/postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return f"{url}/{name}"


@pytest.fixture(scope="session")
def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The URL of a database of each kind that has all tables: a file to be copied, and a server's to be emptied."""

    @cache
    def one(backend: str) -> str:
        if backend == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'grader.sqlite3'}"
        else:
            url = made(request.getfixturevalue("postgres"))
        database = Database(url)
        database.upgrade()
        database.close()
        return url

    return one


def emptied(url: str) -> None:
    """Remove all rows, and what a test has made besides; nothing of a test that failed is left open."""
    ours = ", ".join(f"'{name}'" for name in (*tables.metadata.tables, "alembic_version"))
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        found = f"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ({ours})"
        for (name,) in server.execute(found).fetchall():
            server.execute(f"DROP TABLE {name} CASCADE")
        server.execute("DROP FUNCTION IF EXISTS count_marks CASCADE")  # Of the tests that kill.
        server.execute("SET session_replication_role = replica")  # Triggers and foreign keys rest.
        for name in tables.metadata.tables:
            server.execute(f"DELETE FROM {name}")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    else:
        database = Database(made(request.getfixturevalue("postgres")))
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, upgraded: Callable[[str], str]) -> Iterator[Database]:
    """A database with all tables, and nothing in them."""
    url = upgraded(request.param)
    if request.param == "sqlite":
        shutil.copy(url.removeprefix("sqlite:///"), tmp_path / "grader.sqlite3")
        url = f"sqlite:///{tmp_path / 'grader.sqlite3'}"
    else:
        emptied(url)
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A problem's folder that is read in no time."""
    made = tmp_path / "problems" / "tiny"
    made.mkdir(parents=True)
    (made / "problem.yaml").write_text(TINY, encoding="utf-8")
    return made


@pytest.fixture
def hall(database: Database, folder: Path) -> Hall:
    with database.writing() as connection:
        staff = people.add(connection, "prof", "Prof. Example", "instructor")
        ada, bob = (people.add(connection, login, name) for login, name in [("s1", "Ada"), ("s2", "Bob")])
    made = Hall(database, folder, staff, ada, bob, None)
    made.exam = made.open("practice")
    return made
