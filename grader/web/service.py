"""The running service: settings, database, worker pool and problem cache; pages and the API find it as ``app.state.service``."""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection

from grader.core.submission import Written, is_blank
from grader.core.verdict import Verdict
from grader.grading.problem import Problem
from grader.kinds.base.public import Preview, Public
from grader.web.db.engine import Database
from grader.web.domain import audit_chain
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Exam, ExamProblem
from grader.web.domain.exams.practice_lock import PracticeLock
from grader.web.domain.exams.preview_pool import PreviewPool
from grader.web.domain.exams.snapshots import ProblemCache
from grader.web.domain.grading import submit
from grader.web.domain.grading.instant_verdicts import STUDENT_WAIT_SECONDS
from grader.web.domain.grading.worker_pool import WorkerPool
from grader.web.errors import ServiceError
from grader.web.settings import Settings


@dataclass
class Service:
    """The settings, the database and the processes that grade."""

    settings: Settings
    database: Database
    worker_pool: WorkerPool
    secure: bool = False

    @classmethod
    def of(cls, settings: Settings, secure: bool = False) -> Service:
        """Make a service; ``secure`` says that it is reached by https alone."""
        return cls(settings, Database(settings.database), WorkerPool(settings), secure)

    @cached_property
    def problem_cache(self) -> ProblemCache:
        """The problems that were read, through a connection of their own: a caller may hold the last one of the others."""
        return ProblemCache(Database(self.settings.database, connections=1))

    @cached_property
    def practice_lock(self) -> PracticeLock:
        """What is shut in practice because an exam has it."""
        return PracticeLock(self.problem_cache)

    def check_can_practise(self, connection: Connection, person: Person, exam: Exam, exam_problem: ExamProblem) -> None:
        """Raise ShutInPractice if this problem is shut for this person now: every way to it asks here."""
        self.practice_lock.check(connection, person, exam, exam_problem)

    @cached_property
    def preview_pool(self) -> PreviewPool:
        """The processes that read answers back."""
        return PreviewPool(self.problem_cache.public)

    def close(self) -> None:
        """Close the databases and end the previews; the worker pool has stopped."""
        self.preview_pool.close()
        self.database.close()
        self.problem_cache.database.close()

    def link_audit_log(self) -> None:
        """Link what was added to the audit log."""
        audit_chain.link_all(self.database, self.settings)

    def warm(self) -> None:
        """Read the problems of all open exams, so that nobody waits for it."""
        with self.database.reading() as connection:
            open_exams = [exam for exam in exams.all_exams(connection) if exam.state == "open"]
            hashes = [problem.snapshot for exam in open_exams for problem in exams.exam_problems(connection, exam)]
        for snapshot in dict.fromkeys(hashes):
            self.problem_cache.problem(snapshot)
        with self.database.reading() as connection:
            self.practice_lock.warm(connection)
        # What was imported and read stays: to look through it for garbage again and again stops every request for 0.1 s.
        gc.collect()
        gc.freeze()

    def submit(
        self, person: Person, exam: Exam, exam_problem: ExamProblem, blank: str, written: Written, key: str
    ) -> Attempt:
        """Take one answer; raises what ``grading.submit.submit`` does."""
        limits = self.settings.limits
        verdict = self._verdicts(exam, exam_problem, {blank: attempts.check_size(written, limits)}).get(blank)
        with self.database.writing() as connection:
            attempt = submit.submit(
                connection, person, exam, exam_problem.problem, blank, written, key, limits, verdict=verdict
            )
        self._wake(attempt)
        return attempt

    def submit_all(
        self, person: Person, exam: Exam, exam_problem: ExamProblem, answers: Mapping[str, Written], key: str
    ) -> dict[str, Attempt | ServiceError]:
        """Take several answers; one that is refused stops no other."""
        limits = self.settings.limits
        with self.database.reading() as connection:
            last = {
                attempt.blank: attempt.written
                for attempt in attempts.attempts_of(connection, exam, person, exam_problem.problem)
            }
        new = {
            blank: written
            for blank, written in answers.items()
            if attempts.is_within(written, limits) and last.get(blank) != written
        }
        verdicts = self._verdicts(exam, exam_problem, new)
        with self.database.writing() as connection:
            results = submit.submit_all(
                connection, person, exam, exam_problem.problem, answers, key, limits, verdicts=verdicts
            )
        self._wake(*results.values())
        return results

    def _verdicts(self, exam: Exam, exam_problem: ExamProblem, answers: Mapping[str, Written]) -> dict[str, Verdict]:
        """Return, by blanks, the verdicts that are there while the student waits.

        There are none where verdicts are hidden: how long it takes would tell something of them.
        """
        if not exam.shows_verdicts:
            return {}
        deadline = time.monotonic() + STUDENT_WAIT_SECONDS
        verdicts = {
            blank: self.worker_pool.instant_verdicts.verdict(exam_problem.snapshot, blank, written, deadline)
            for blank, written in answers.items()
            if not is_blank(written)
        }
        return {blank: verdict for blank, verdict in verdicts.items() if verdict is not None}

    def _wake(self, *results: Attempt | ServiceError) -> None:
        for result in results:
            if isinstance(result, Attempt) and result.state == "waiting":
                self.worker_pool.notify()

    def public(self, exam_problem: ExamProblem, address: str) -> Public:
        """Return what may be known of a blank; raises NotFound."""
        return self.problem_cache.public(exam_problem.snapshot, exam_problem.blank(address).address)

    def preview(self, exam_problem: ExamProblem, address: str, written: Written) -> Preview:
        """Return how an answer is read in a blank; raises NotFound."""
        return self.preview_pool.preview(exam_problem.snapshot, exam_problem.blank(address).address, written)

    def official_answers(self, exam_problem: ExamProblem) -> Mapping[str, str]:
        """Return the official answers of an exam's problem by blank, for readers who may know the key."""
        return self.problem_cache.official_answers(exam_problem.snapshot, self.settings.grading_secret)

    def problem(self, exam_problem: ExamProblem) -> Problem:
        """Return the problem of an exam as it was when the exam was opened."""
        return self.problem_cache.problem(exam_problem.snapshot)
