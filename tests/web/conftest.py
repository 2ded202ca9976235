"""Real databases: a file of SQLite, and a PostgreSQL that is started here, as an unprivileged user."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
from support.databases import create_database
from support.exam_factory import TINY, Hall

from grader.web.db import tables
from grader.web.db.engine import Database
from grader.web.domain.accounts import people


@pytest.fixture(scope="session")
def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The URL of a database of each kind that has all tables: a file to be copied, and a server's to be emptied."""

    @cache
    def one(backend: str) -> str:
        if backend == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'grader.sqlite3'}"
        else:
            url = create_database(request.getfixturevalue("postgres"))
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
        database = Database(create_database(request.getfixturevalue("postgres")))
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
