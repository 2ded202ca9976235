"""The migrations themselves, one module for each version of the database."""
