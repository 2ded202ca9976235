"""A process that submits answers from several threads and prints which were acknowledged; it may be killed at any time.

``submissions.py URL EXAM COUNT``: requests have the same keys each time, so that what was not acknowledged is sent again.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from grader.web.db.engine import Database
from grader.web.domain.accounts import people
from grader.web.domain.exams import exams
from grader.web.domain.grading import submit
from grader.web.settings import ServiceLimits

ANSWERS = [
    ("a", "5.86"),
    ("b", "B^T a"),
    ("c", "canary"),
    ("a", "???"),
    ("b", "a B"),
    ("c", "sparrow"),
    ("a", "6"),
    ("b", "("),
]


def main(url: str, slug: str, many: int) -> None:
    database = Database(url)

    def one(number: int) -> None:
        blank, written = ANSWERS[number % len(ANSWERS)]
        with database.writing() as connection:
            person = people.by_login(connection, f"s{1 + number % 2}")
            exam = exams.find(connection, slug)
            assert person is not None
            limits = ServiceLimits(attempts_per_minute=10_000, attempts_per_blank=10_000)
            made = submit.submit(connection, person, exam, "tiny", blank, written, f"request-{number}", limits)
        os.write(1, f"{number} {made.id}\n".encode())  # Only now is it acknowledged.

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(one, range(many)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
