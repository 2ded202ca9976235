"""What one running service is made of; ``app.state.service`` holds it, and every page and operation is given it."""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from grader.core.submission import Written, is_blank
from grader.core.verdict import Verdict
from grader.grading.problem import Problem
from grader.kinds.base.public import Preview, Public
from grader.web.db.engine import Database
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Exam, ExamProblem
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
        """The problems that were read, through a connection of their own: whoever asks may hold the last one of the others."""
        return ProblemCache(Database(self.settings.database, connections=1))

    def close(self) -> None:
        """Close what was opened; the crew has stopped."""
        self.database.close()
        self.problem_cache.database.close()

    def warm(self) -> None:
        """Read the problems of all open exams, so that nobody waits for it."""
        with self.database.reading() as connection:
            open_ = [each for each in exams.all_exams(connection) if each.state == "open"]
            wanted = [sheet.snapshot for each in open_ for sheet in exams.exam_problems(connection, each)]
        for snapshot in dict.fromkeys(wanted):
            self.problem_cache.problem(snapshot)
        # What was imported and read stays: to look through it for garbage again and again stops every request for 0.1 s.
        gc.collect()
        gc.freeze()

    def submit(self, person: Person, exam: Exam, sheet: ExamProblem, blank: str, written: Written, key: str) -> Attempt:
        """Take one answer; raises what ``handing_in.submit`` does."""
        limits = self.settings.limits
        verdict = self._verdicts(exam, sheet, {blank: attempts.check_size(written, limits)}).get(blank)
        with self.database.writing() as connection:
            made = submit.submit(connection, person, exam, sheet.problem, blank, written, key, limits, verdict=verdict)
        self._wake(made)
        return made

    def submit_all(
        self, person: Person, exam: Exam, sheet: ExamProblem, answers: Mapping[str, Written], key: str
    ) -> dict[str, Attempt | ServiceError]:
        """Take several answers; one that is refused stops no other."""
        limits = self.settings.limits
        with self.database.reading() as connection:
            last = {each.blank: each.written for each in attempts.attempts_of(connection, exam, person, sheet.problem)}
        new = {
            blank: each
            for blank, each in answers.items()
            if attempts.is_within(each, limits) and last.get(blank) != each
        }
        verdicts = self._verdicts(exam, sheet, new)
        with self.database.writing() as connection:
            done = submit.submit_all(connection, person, exam, sheet.problem, answers, key, limits, verdicts=verdicts)
        self._wake(*done.values())
        return done

    def _verdicts(self, exam: Exam, sheet: ExamProblem, answers: Mapping[str, Written]) -> dict[str, Verdict]:
        """Return, by blanks, the verdicts that are there while the student waits.

        There are none where verdicts are hidden: how long it takes would tell something of them.
        """
        if not exam.shows_verdicts:
            return {}
        until = time.monotonic() + STUDENT_WAIT_SECONDS
        found = {
            blank: self.worker_pool.instant_verdicts.verdict(sheet.snapshot, blank, written, until)
            for blank, written in answers.items()
            if not is_blank(written)
        }
        return {blank: verdict for blank, verdict in found.items() if verdict is not None}

    def _wake(self, *made: Attempt | ServiceError) -> None:
        for each in made:
            if isinstance(each, Attempt) and each.state == "waiting":
                self.worker_pool.notify()

    def public(self, sheet: ExamProblem, address: str) -> Public:
        """Return what may be known of a blank; raises NotFound."""
        return self.problem_cache.public(sheet.snapshot, sheet.blank(address).address)

    def preview(self, sheet: ExamProblem, address: str, written: Written) -> Preview:
        """Return how an answer is read in a blank; raises NotFound."""
        return self.problem_cache.preview(sheet.snapshot, sheet.blank(address).address, written)

    def official_answers(self, sheet: ExamProblem) -> Mapping[str, str]:
        """Return the official answers of an exam's problem by blank, for readers who may know the key."""
        return self.problem_cache.official_answers(sheet.snapshot, self.settings.grading_secret)

    def problem(self, sheet: ExamProblem) -> Problem:
        """Return the problem of an exam as it was kept."""
        return self.problem_cache.problem(sheet.snapshot)
