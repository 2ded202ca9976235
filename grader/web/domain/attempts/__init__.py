"""Attempts: what students submitted, drafts, visibility of verdicts, marks and class results (the gradebook)."""
