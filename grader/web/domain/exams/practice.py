"""The practice exam of a bank of problems, opened when the service starts and again when a problem changes."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from itertools import count
from pathlib import Path

from grader.web.db.engine import Database
from grader.web.domain.exams import exams, schedule, snapshots
from grader.web.domain.exams.exams import Exam, Policy

PRACTICE = "practice"
PRACTICE_SLUG = re.compile(rf"{PRACTICE}(-\d+)?")


def open_practice(database: Database, folders: Sequence[Path]) -> Exam:
    """Return the practice exam of these problems as they are now; one of what they were before is closed."""
    current = [snapshots.capture_checked(folder)[0].hash for folder in folders]
    with database.reading() as connection:
        existing = exams.all_exams(connection)
        running = [exam for exam in existing if _is_practice(exam) and exam.state == "open"]
        for exam in running:
            if [problem.snapshot for problem in exams.exam_problems(connection, exam)] == current:
                return exam
    opened = exams.open_exam(
        database, _free_slug({exam.slug for exam in existing}), "Practice", folders, Policy(everyone=True)
    )
    with database.writing() as connection:
        for exam in running:
            schedule.close(connection, exam)
    return opened


def _is_practice(exam: Exam) -> bool:
    """True if an exam was made here: staff may call theirs ``practice-midterm``, and no exam of theirs is ever closed."""
    return PRACTICE_SLUG.fullmatch(exam.slug) is not None and exam.policy.mode == "practice" and exam.policy.everyone


def _free_slug(taken: Container[str]) -> str:
    """Return the first of ``practice``, ``practice-2``, … that no exam has."""
    names = (PRACTICE if number == 1 else f"{PRACTICE}-{number}" for number in count(1))
    return next(name for name in names if name not in taken)
