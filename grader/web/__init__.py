"""The self-check service: its core in a database, without HTTP."""
