"""What is stored comes back as it was."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from grader.web.db import tables
from grader.web.db.column_types import now_or


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "𝔸 \u2028 ∂", "Infinity", '"\\', "\x85"])
def test_every_character_survives_the_database(database, text):
    row = {"at": now_or(None), "actor": None, "action": "x", "subject": "x", "details": {"written": [text]}}
    with database.writing() as connection:
        connection.execute(insert(tables.audit).values(row))
        assert connection.execute(select(tables.audit.c.details)).scalar() == {"written": [text]}
