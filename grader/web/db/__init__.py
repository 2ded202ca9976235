"""The database: engine, tables, column types, row locks, migrations."""
