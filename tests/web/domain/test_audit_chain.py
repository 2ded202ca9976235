"""Whoever can write the database can change its log, and not what follows from it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from grader.web.domain import audit_chain, audit_log, secret_fingerprint
from grader.web.settings import Settings

pytestmark = pytest.mark.db

SETTINGS = Settings(secret=b"a secret of the tests")
KEY = SETTINGS.key(audit_chain.PURPOSE)
TRIGGERS = ("audit_UPDATE", "audit_DELETE", "audit_TRUNCATE")


@pytest.fixture
def database(empty):
    """A database of its own, since its triggers are dropped."""
    empty.upgrade()
    return empty


@pytest.fixture
def log(database):
    """Ten events, linked."""
    record(database, 10)
    audit_chain.link_all(database, SETTINGS)
    return database


def record(database, count, first=0):
    with database.writing() as connection:
        for number in range(first, first + count):
            audit_log.record(connection, None if number % 2 else "p1", "test", f"x{number}", number=number, name="Änne")


def tamper(database, *statements):
    """Do what somebody does who can write the database."""
    with database.writing() as connection:
        for trigger in TRIGGERS:
            table = "" if database.is_sqlite else " ON audit"
            connection.execute(
                text(f"DROP TRIGGER IF EXISTS {trigger if database.is_sqlite else trigger.lower()}{table}")
            )
        for statement in statements:
            connection.execute(text(statement))


def found(database, key=KEY, kept=None):
    with database.reading() as connection:
        return audit_chain.verify(connection, key, kept)


def test_the_control_an_untouched_log_holds(log):
    report = found(log)
    assert (report.holds, report.head.events, report.unlinked, report.problems) == (True, 10, 0, ())
    tamper(log)
    assert found(log) == report
    with log.reading() as connection:
        assert audit_chain.head(connection) == report.head


CHANGES = {
    "who": ("UPDATE audit SET actor = 'p2' WHERE id = 3", ["event 3 or its link was changed, or the secret is another one"]),
    "nobody": ("UPDATE audit SET actor = NULL WHERE id = 3", ["event 3 or its link was changed, or the secret is another one"]),
    "what": ("UPDATE audit SET action = 'graded' WHERE id = 10", ["event 10 or its link was changed, or the secret is another one"]),
    "to whom": ("UPDATE audit SET subject = 'x' WHERE id = 1", ["event 1 or its link was changed, or the secret is another one"]),
    "a detail": ("UPDATE audit SET details = '{\"number\": 7}' WHERE id = 4", ["event 4 or its link was changed, or the secret is another one"]),
    "when": ("UPDATE audit SET at = (SELECT at FROM audit WHERE id = 9) WHERE id = 2", []),
    "an event": ("DELETE FROM audit WHERE id = 5", ["event 5 was removed"]),
    "its link too": ("DELETE FROM audit WHERE id = 5; DELETE FROM audit_links WHERE event = 5", ["event 6 or its link was changed, or the secret is another one"]),
    "a link": ("UPDATE audit_links SET link = (SELECT link FROM audit_links WHERE event = 2) WHERE event = 8",
               ["event 8 or its link was changed, or the secret is another one", "event 9 or its link was changed, or the secret is another one"]),
    "the order": ("UPDATE audit_links SET event = 99 WHERE event = 4; UPDATE audit_links SET event = 4 WHERE event = 6; UPDATE audit_links SET event = 6 WHERE event = 99",
                  ["event 6 or its link was changed, or the secret is another one", "event 4 or its link was changed, or the secret is another one"]),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "when"])
def test_what_was_changed_is_told(log, name):
    statements, told = CHANGES[name]
    tamper(log, *statements.split("; "))
    assert list(found(log).problems) == told


def test_another_moment_is_told(database):
    record(database, 1)
    with database.writing() as connection:
        audit_log.record(connection, None, "later", "x", now=audit_log.now_or(None).replace(year=2001))
    audit_chain.link_all(database, SETTINGS)
    tamper(database, "UPDATE audit SET at = (SELECT at FROM audit WHERE action = 'later') WHERE action = 'test'")
    assert list(found(database).problems) == ["event 1 or its link was changed, or the secret is another one"]


def test_another_secret_is_told(log):
    assert len(found(log, b"other" * 8).problems) == 10


def test_what_is_cut_off_at_the_end_is_told_with_a_head_that_was_kept(log):
    kept = found(log).head
    tamper(log, "DELETE FROM audit WHERE id > 7", "DELETE FROM audit_links WHERE event > 7")
    assert found(log).holds
    assert list(found(log, kept=kept).problems) == ["3 events that were there are cut off"]


def test_a_log_that_was_made_anew_is_told_with_a_head_that_was_kept(log):
    kept = found(log).head
    record(log, 3, first=10)
    audit_chain.link_all(log, SETTINGS)
    assert found(log, kept=kept).holds
    tamper(log, "UPDATE audit SET actor = 'p2' WHERE id = 3", "DELETE FROM audit_links")
    audit_chain.link_all(log, SETTINGS)
    assert found(log).holds
    assert list(found(log, kept=kept).problems) == ["the first 10 events are not those that were there"]


def test_a_head_is_read_as_it_is_written(log):
    head = found(log).head
    assert audit_chain.parse_head(f" {head}\n") == head
    for wrong in ("", "10", "x:" + "0" * 64, "10:abc"):
        with pytest.raises(ValueError):
            audit_chain.parse_head(wrong)


def test_two_who_link_at_once_make_one_chain(database):
    record(database, 200)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: audit_chain.link_all(database, SETTINGS), range(4)))
    report = found(database)
    assert (report.holds, report.head.events) == (True, 200)


def test_many_events_are_linked_in_several_transactions(database, monkeypatch):
    monkeypatch.setattr(audit_chain, "EVENTS_PER_BATCH", 7)
    record(database, 30)
    with database.writing() as connection:
        assert audit_chain.link_events(connection, KEY) == 7
    assert found(database).unlinked == 23
    audit_chain.link_all(database, SETTINGS)
    assert found(database).holds
    assert found(database).unlinked == 0


def test_with_another_secret_than_the_database_s_nothing_is_linked(database):
    record(database, 3)
    with database.writing() as connection:
        assert secret_fingerprint.fits(connection, SETTINGS)
    audit_chain.link_all(database, Settings(secret=b"a secret that was made anew"))
    assert found(database).unlinked == 3
    audit_chain.link_all(database, SETTINGS)
    assert (found(database).unlinked, found(database).holds) == (0, True)
