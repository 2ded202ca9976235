"""Exams: policy and phase, rosters, snapshots of problems, attempt rules, progress."""
