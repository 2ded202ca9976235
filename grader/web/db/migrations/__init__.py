"""Database migrations (Alembic): the steps from one form of the database to the next, run by ``Database.upgrade``."""
