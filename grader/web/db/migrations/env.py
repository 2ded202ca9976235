"""The migration environment: what Alembic runs, on the connection that ``Database.upgrade`` hands over."""

from __future__ import annotations

from alembic import context

from grader.web.db.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
