"""Grading in the service: the job queue, the worker pool, instant verdicts, recorded verdicts."""
