"""Transactions, migrations and what every database must keep."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from grader.web.db import tables
from grader.web.db.engine import Database
from grader.web.domain import audit_log

pytestmark = pytest.mark.db


def test_tables_and_migrations_agree(database):
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, tables.metadata) == []


def test_only_its_owner_may_read_a_new_file_of_sqlite(tmp_path, caplog):
    umask = os.umask(0)
    try:
        database = Database(f"sqlite:///{tmp_path / 'new.sqlite3'}")
        database.upgrade()
        with database.writing() as connection:
            connection.execute(text("CREATE TABLE more (a)"))
            modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        database.close()
    finally:
        os.umask(umask)
    assert modes == dict.fromkeys(("new.sqlite3", "new.sqlite3-wal", "new.sqlite3-shm"), 0o600)
    assert caplog.messages == []


def test_a_file_that_others_may_read_is_warned_of(tmp_path, caplog):
    (tmp_path / "old.sqlite3").touch()
    (tmp_path / "old.sqlite3").chmod(0o640)
    database = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    database.upgrade()
    database.close()
    assert caplog.messages == ["other users of this machine may read the database: chmod 600 its file"]
    assert (tmp_path / "old.sqlite3").stat().st_mode & 0o777 == 0o640


def test_checks_and_foreign_keys_are_those_of_the_tables(empty, tmp_path):
    """What alembic does not compare: the constraints by their names."""
    empty.upgrade()

    def names(database):
        from sqlalchemy import inspect

        look = inspect(database.engine)
        return {
            (table, each["name"])
            for table in tables.metadata.tables
            for each in [
                *look.get_check_constraints(table),
                *look.get_foreign_keys(table),
                *look.get_unique_constraints(table),
            ]
        }

    fresh = Database(f"sqlite:///{tmp_path / 'fresh.sqlite3'}")
    tables.metadata.create_all(fresh.engine)
    assert names(empty) == names(fresh)


def test_upgrade_is_done_once_by_many(empty):
    assert not empty.is_current()
    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(empty.upgrade) for _ in range(4)]:
            each.result()
    assert empty.is_current()


def test_a_transaction_is_whole_or_nothing(database):
    with pytest.raises(RuntimeError), database.writing() as connection:
        audit_log.record(connection, None, "test", "x")
        raise RuntimeError
    with database.reading() as connection:
        assert audit_log.events(connection) == []


def test_reading_sees_one_moment(database):
    with database.reading() as connection:
        assert audit_log.events(connection) == []
        with database.writing() as other:
            audit_log.record(other, None, "test", "x")
        assert audit_log.events(connection) == []
    with database.reading() as connection:
        assert len(audit_log.events(connection)) == 1


@pytest.mark.parametrize(
    "change", [update(tables.audit).values(action="other"), delete(tables.audit)], ids=["update", "delete"]
)
def test_the_audit_log_is_only_added_to(database, change):
    with database.writing() as connection:
        audit_log.record(connection, None, "test", "x", number=3)
    with (
        pytest.raises(DBAPIError, match="the audit log is only ever added to"),
        database.writing() as connection,
    ):
        connection.execute(change)
    with database.reading() as connection:
        (act,) = audit_log.events(connection)
    assert (act.action, act.subject, act.details) == ("test", "x", {"number": 3})


def test_audit_pages(database):
    with database.writing() as connection:
        for number in range(5):
            audit_log.record(connection, None, "test", f"x{number % 2}", number=number)
        first = audit_log.events(connection, limit=2)
        assert [act.details["number"] for act in first] == [4, 3]
        assert [act.details["number"] for act in audit_log.events(connection, before=first[-1].id)] == [2, 1, 0]
        assert [act.details["number"] for act in audit_log.events(connection, "x1")] == [3, 1]


def test_instants_keep_their_moment(database):
    moment = datetime(2030, 1, 1, 1, tzinfo=timezone(timedelta(hours=5)))
    row = {"hash": "0" * 64, "problem": "x", "stored_at": moment}
    with database.writing() as connection:
        connection.execute(insert(tables.snapshots).values(row))
        found = connection.execute(select(tables.snapshots.c.stored_at)).scalar()
        earlier = tables.snapshots.c.stored_at <= datetime(2029, 12, 31, 20, tzinfo=UTC)
        assert connection.execute(select(tables.snapshots).where(earlier)).first()
    assert found == moment
    assert found.tzinfo == UTC
    with pytest.raises(StatementError, match="a time needs its zone"), database.writing() as connection:
        connection.execute(insert(tables.snapshots).values(row | {"stored_at": datetime(2030, 1, 1)}))


def test_foreign_keys_hold(database):
    row = {"token": "t", "person": "nobody", "created_at": datetime.now(UTC), "expires_at": datetime.now(UTC)}
    with pytest.raises(IntegrityError), database.writing() as connection:
        connection.execute(insert(tables.sessions).values(row))


def test_fractions_are_exact():
    from grader.web.db.column_types import FractionText

    value = Fraction(2, 3) ** 40
    assert FractionText().process_result_value(FractionText().process_bind_param(value, None), None) == value


def test_writers_wait_for_each_other(database):
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))

    def count():
        for _ in range(20):
            with database.writing() as connection:
                row = connection.execute(text(f"SELECT n FROM counter {'' if database.is_sqlite else 'FOR UPDATE'}"))
                connection.execute(text("UPDATE counter SET n = :n"), {"n": row.scalar_one() + 1})

    threads = [threading.Thread(target=count) for _ in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with database.reading() as connection:
        assert connection.execute(text("SELECT n FROM counter")).scalar_one() == 100


def test_a_password_in_the_url_is_not_shown():
    assert "hunter2" not in repr(Database("postgresql+psycopg://grader:hunter2@localhost/grader"))
