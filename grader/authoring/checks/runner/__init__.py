"""Run the checks: find problems, a pool of worker processes with deadlines, a cache of reports."""
