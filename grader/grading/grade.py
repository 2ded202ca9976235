"""Grading: the only place where a blank meets an answer."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Literal

from grader.core.errors import Fault, Unreadable
from grader.core.submission import Submission, Written, is_blank
from grader.core.verdict import Note, UngradedCause, Verdict
from grader.grading.problem import Blank, PreparedProblem
from grader.grading.results import BlankResult, PartResult, Result
from grader.kinds.base.prepared import Prepared, RunsCode

Setting = Literal["batch", "self-check"]

UNREADABLE_REVIEW = "This answer could not be read."


def judge(
    prepared: Prepared[Any],
    written: Written | None,
    setting: Setting = "batch",
    raised: type[Exception] | tuple[()] = (),
) -> Verdict:
    """Return the verdict on what was written in one blank, whatever happens inside its kind but what is to be ``raised``."""
    if written is None or is_blank(written):
        return Verdict.blank()
    try:
        return prepared.check(prepared.read(written))
    except Unreadable as error:
        review = UNREADABLE_REVIEW if setting == "batch" else None
        return Verdict.unreadable(error.message, span_note(error), review)
    except raised:
        raise
    except Exception as error:  # A crash in one kind must never touch another blank or student.
        logging.getLogger("grader").exception("a kind failed on one answer")
        return Verdict.failed(str(error) if isinstance(error, Fault) else f"{type(error).__name__}: {error}")


def span_note(error: Unreadable) -> tuple[Note, ...]:
    """Return a note on the character at which an answer stopped making sense, where that is known."""
    return () if error.span is None else (Note(f"At character {error.span[0] + 1}.", span=error.span),)


class Grader:
    """Grades submissions to one problem; equal (blank, text) pairs are judged once."""

    def __init__(self, prepared: PreparedProblem, setting: Setting = "batch") -> None:
        self.prepared = prepared
        self.setting: Setting = setting
        self.verdicts: dict[tuple[str, Written], Verdict] = {}
        self.futures: dict[tuple[str, Written], Future[Verdict]] = {}

    @contextmanager
    def programs_in_background(self, submissions: Iterable[Submission], workers: int) -> Iterator[None]:
        """Judge the programs of all submissions meanwhile, several at a time and each once, in their order."""
        pool = ThreadPoolExecutor(workers, thread_name_prefix="program")
        for submission in submissions:
            for address, written in submission.answers.items():
                ready = self.prepared.prepared_blanks.get(address)
                if submission.held_reason or is_blank(written) or (address, written) in self.futures:
                    continue
                if isinstance(ready, RunsCode) and ready.runs_code(written):
                    self.futures[address, written] = pool.submit(judge, ready, written, self.setting)
        try:
            yield
        finally:
            pool.shutdown(cancel_futures=True)

    def judge(self, address: str, written: Written | None) -> Verdict:
        """Return the verdict on one blank, from memory where the same was written before."""
        if written is None:
            return Verdict.blank()
        key = (address, written)
        if key in self.futures:
            self.verdicts[key] = self.futures.pop(key).result()
        if key not in self.verdicts:
            self.verdicts[key] = judge(self.prepared.prepared_blanks[address], written, self.setting)
        return self.verdicts[key]

    def grade(self, submission: Submission) -> Result:
        """Return the result of one submission."""
        problem = self.prepared.problem
        parts = tuple(
            PartResult(part, tuple(self._blank(blank, submission) for blank in part.blanks)) for part in problem.parts
        )
        addresses = {blank.address for blank in problem.blanks}
        unmatched = {
            address: written
            for address, written in submission.answers.items()
            if address not in addresses and not is_blank(written)
        }
        unsafe = self.prepared.sandbox.unsafe
        return Result(submission, problem, parts, unmatched, self.prepared.secret.id, unsafe)

    def _blank(self, blank: Blank, submission: Submission) -> BlankResult:
        written = submission.answers.get(blank.address)
        if submission.held_reason:
            return BlankResult(blank, written, Verdict.ungraded(submission.held_reason, cause=UngradedCause.HELD))
        return BlankResult(blank, written, self.judge(blank.address, written))


def grade_submission(prepared: PreparedProblem, submission: Submission, setting: Setting = "batch") -> Result:
    """Grade one submission."""
    return Grader(prepared, setting).grade(submission)
