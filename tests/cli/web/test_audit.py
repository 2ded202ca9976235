"""``grader audit`` and the secret of a database: used as a person would."""

from __future__ import annotations

import os
import sqlite3

import pytest
from support.commands import run_command

pytestmark = pytest.mark.process

WARNING = "Warning: this database was used with another secret. With this one:"


def grader(folder, *arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    return run_command(*arguments, folder=folder, environment=environment)


@pytest.fixture
def folder(tmp_path):
    """A folder with a service that has done something."""
    assert grader(tmp_path, "staff", "add", "rivera", "--role", "grader").returncode == 0
    return tmp_path


def test_the_log_is_verified_with_a_head_that_was_kept(folder):
    head = grader(folder, "audit", "head").stdout.strip()
    done = grader(folder, "audit", "verify", "--head", head)
    events = head.partition(":")[0]
    assert (done.returncode, done.stdout) == (0, f"The audit log holds: {events} events, head {head}.\n")
    assert int(events) > 0


def test_a_change_is_told_with_exit_1(folder):
    with sqlite3.connect(folder / "grader.sqlite3") as connection:
        connection.execute("DROP TRIGGER audit_UPDATE")
        connection.execute("UPDATE audit SET actor = 'nobody' WHERE id = 1")
    done = grader(folder, "audit", "verify")
    told = "The audit log does not hold: event 1 or its link was changed, or the secret is another one.\n"
    assert (done.returncode, done.stdout) == (1, told)


def test_a_head_that_is_none_is_exit_2(folder):
    done = grader(folder, "audit", "verify", "--head", "7")
    assert done.returncode == 2
    assert "a head is a number, a colon and 64 characters, as grader audit head prints it" in done.stderr.replace(
        "\n", " "
    )


def test_a_lost_secret_is_told_and_can_be_brought_back_or_given_up(folder):
    assert WARNING not in grader(folder, "staff", "list").stderr
    before = (folder / "grader.secret").read_bytes()
    (folder / "grader.secret").unlink()
    lost = grader(folder, "staff", "list")
    assert lost.returncode == 0
    assert lost.stderr.startswith(WARNING)
    assert lost.stderr.rstrip().endswith("or go on with this one: grader db accept-secret.")
    new = (folder / "grader.secret").read_bytes()
    (folder / "grader.secret").write_bytes(before)
    assert grader(folder, "staff", "list").stderr == ""
    (folder / "grader.secret").write_bytes(new)
    assert grader(folder, "db", "accept-secret").stdout == "The database belongs to this secret now.\n"
    assert grader(folder, "staff", "list").stderr == ""
