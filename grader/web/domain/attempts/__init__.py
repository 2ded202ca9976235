"""Attempts: what students handed in, drafts, visibility of verdicts, marks and class results (the gradebook)."""
