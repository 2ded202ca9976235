"""The database engine and its connection pool, SQLite or PostgreSQL: ``writing()`` and ``reading()`` are transactions, ``upgrade()`` makes the tables."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

from grader.web.errors import Unavailable

if TYPE_CHECKING:
    from alembic.config import Config  # Alembic takes a while to be imported, and grading needs none of it.

SQLITE_BUSY_MILLISECONDS = 20_000
"""How long a writer waits for its turn on SQLite."""
MIGRATION_LOCK = 7_264_203_195
"""The number of PostgreSQL's advisory lock under which tables are changed."""
MIGRATIONS_FOLDER = Path(__file__).parent / "migrations"
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={SQLITE_BUSY_MILLISECONDS}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
)


log = logging.getLogger("grader.web.database")


class Database:
    """A database by its URL, ``sqlite:///file`` or ``postgresql+psycopg://…``; nothing is opened before it is used."""

    def __init__(self, url: str, connections: int = 10) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._sqlite_writer = threading.Lock()
        self.engine = _sqlite(url) if self.is_sqlite else _postgresql(url, connections)

    def __repr__(self) -> str:
        return f"Database({self.url.render_as_string(hide_password=True)!r})"

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that may write; all of it is committed when the block ends, or nothing if it raises."""
        with (
            self._write_lock(),
            self.engine.connect().execution_options(writing=True) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def _write_lock(self) -> Iterator[None]:
        """Wait, on SQLite, until no other thread writes: SQLite's own waiting lets late comers go first."""
        if not self.is_sqlite:
            yield
            return
        if not self._sqlite_writer.acquire(timeout=SQLITE_BUSY_MILLISECONDS / 1000):
            raise Unavailable
        try:
            yield
        finally:
            self._sqlite_writer.release()

    def truncate_log(self) -> None:
        """Empty the write-ahead log of SQLite, which still holds what was erased from the tables."""
        if self.is_sqlite:
            with closing(self.engine.raw_connection()) as connection:
                busy = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if busy:
                log.warning("the database's log could not be emptied; what was erased stands in it until then")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads, and sees what was there when it began."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self.engine.connect().execution_options(**options) as connection:
            yield connection

    def upgrade(self, revision: str = "head") -> None:
        """Bring the tables to the form that this version needs, or an earlier one; several processes may try at once."""
        from alembic import command

        self._make_private()
        with self.writing() as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)

    def _make_private(self) -> None:
        """Create the file of SQLite so that only its owner may read it; its log and index get the same mode from SQLite."""
        if not self.is_sqlite or not (path := self.url.database) or path == ":memory:":
            return
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        if os.stat(path).st_mode & 0o077:
            log.warning("other users of this machine may read the database: chmod 600 its file")

    def is_current(self) -> bool:
        """True if the tables have the form that this version needs."""
        from alembic.migration import MigrationContext
        from alembic.script import ScriptDirectory

        with self.reading() as connection:
            heads = MigrationContext.configure(connection).get_current_heads()
        return set(heads) == set(ScriptDirectory.from_config(_config()).get_heads())

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_FOLDER).replace("%", "%%"))
    return config


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": SQLITE_BUSY_MILLISECONDS / 1000}, pool_size=20, max_overflow=40
    )

    @event.listens_for(engine, "connect")
    def _opened(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # Transactions are begun below, not by the driver.
        cursor = connection.cursor()
        for line in SQLITE_PRAGMAS:
            cursor.execute(line)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: str, connections: int) -> Engine:
    options = {
        "connect_timeout": 5,
        "options": "-c timezone=UTC -c lock_timeout=20s -c statement_timeout=60s",
    }
    return create_engine(url, connect_args=options, pool_size=connections, max_overflow=connections, pool_pre_ping=True)
