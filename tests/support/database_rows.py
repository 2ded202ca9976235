"""The rows of a database kept as JSON: put into tables as these are found, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, DateTime, LargeBinary, MetaData, Table, insert, text

SET_SEQUENCE = "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT max({column}) FROM {table}))"


def load_rows(connection: Connection, path: Path) -> dict[str, int]:
    """Insert all rows of a file into the tables that are there, and return how many each table got.

    The file is an object of JSON: the rows of each table under its name, those that others refer to first.
    """
    rows_by_table: dict[str, list[dict[str, Any]]] = json.loads(path.read_text(encoding="utf-8"))
    metadata = MetaData()
    metadata.reflect(connection, only=list(rows_by_table))
    for name, rows in rows_by_table.items():
        table = metadata.tables[name]
        for row in rows:
            connection.execute(insert(table).values(_values(table, row)))
        if rows:
            _advance_sequence(connection, table)
    return {name: len(rows) for name, rows in rows_by_table.items()}


def _values(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Return what is put into a row, without nulls, which a column of JSON would take for its own null."""
    return {name: _decoded(table.c[name], value) for name, value in row.items() if value is not None}


def _decoded(column: Column[Any], value: Any) -> Any:
    """Return a value of JSON as a column takes it: bytes are in base64, instants in UTC."""
    if isinstance(column.type, LargeBinary):
        return b64decode(value["base64"])
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value


def _advance_sequence(connection: Connection, table: Table) -> None:
    """Let the next row of a table that numbers its rows itself come after those that were put in with their numbers."""
    column = table.autoincrement_column
    if connection.dialect.name == "postgresql" and column is not None and column.server_default is not None:
        connection.execute(text(SET_SEQUENCE.format(table=table.name, column=column.name)))
