"""Uploads of answers by staff: archives, reading, accepting, the report."""
