"""Marks: what the attempts of an exam amount to, as results that the reports of a batch can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from sqlalchemy import Connection

from grader.core.seeds import Secret
from grader.core.submission import Student, Submission, Written
from grader.core.verdict import UngradedCause, Verdict
from grader.grading.problem import Problem
from grader.grading.results import BlankResult, PartResult, Result
from grader.web.domain.accounts import people
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.attempts.visibility import decided
from grader.web.domain.exams import enrolments
from grader.web.domain.exams.attempt_rules import EarnedCredit, ScoredAttempt, earned_credit
from grader.web.domain.exams.exams import Exam, ExamProblem

STILL_GRADING = "This answer is still being graded."


def credit_for(attempts: Sequence[Attempt], exam: Exam, known_only: bool = False) -> EarnedCredit:
    """Return what attempts at one blank earn, in their order; with ``known_only`` without those under review.

    What is shown to a student before release is ``known_only``: else a doubtful answer would be told right or wrong.
    """
    hidden = [known_only and attempt.needs_review and attempt.decision is None for attempt in attempts]
    scored = [
        ScoredAttempt(None if hides else attempt.score, attempt.uses_attempt)
        for attempt, hides in zip(attempts, hidden, strict=True)
    ]
    return earned_credit(scored, exam.policy.credits)


def counted_answer(attempts: Sequence[Attempt], exam: Exam) -> tuple[Written | None, Verdict]:
    """Return the answer that counts among attempts at one blank, and its verdict with all that was earned.

    While an answer has no mark that might raise it, it is ungraded.
    """
    if not attempts:
        return None, Verdict.blank()
    total = credit_for(attempts, exam)
    unmarked = [attempt for attempt in attempts if attempt.score is None]
    if unmarked and total.best < 1:
        last = unmarked[-1]
        return last.written, last.verdict or Verdict.ungraded(STILL_GRADING, cause=UngradedCause.WAITING)
    best = [attempt for attempt in attempts if attempt.score == total.best] or list(attempts)
    counted = best[0] if total.best else best[-1]
    verdict = _decided(counted) if counted.decision else counted.verdict
    assert verdict is not None
    doubts = [
        attempt.verdict.review
        for attempt in attempts
        if attempt.verdict and attempt.needs_review and not attempt.decision
    ]
    review = next((reason for reason in doubts if reason), None)
    return counted.written, replace(verdict, credit=total.credit, review=review)


def _decided(attempt: Attempt) -> Verdict:
    """Return what a person decided, with their comment after the reason."""
    assert attempt.decision is not None
    verdict, comment = decided(attempt), attempt.decision.comment
    return replace(verdict, reason=f"{verdict.reason} {comment}") if comment else verdict


def results(
    connection: Connection, exam: Exam, exam_problem: ExamProblem, problem: Problem, secret: Secret
) -> list[Result]:
    """Return the result of every student on the list, and of others who answered, at one problem; by their logins."""
    all_attempts = attempts.attempts_at(connection, exam, exam_problem.problem)
    by_person = {id: list(group) for id, group in groupby(all_attempts, lambda attempt: attempt.person)}
    enrolled = [person for person, _ in enrolments.enrolled(connection, exam)]
    others = [
        person for person in people.everyone(connection, "student") if person.id in by_person and person not in enrolled
    ]
    students = sorted([*enrolled, *others], key=lambda person: person.login)
    return [result_for(person, by_person.get(person.id, []), exam, problem, secret) for person in students]


def result_for(person: Person, attempts: Sequence[Attempt], exam: Exam, problem: Problem, secret: Secret) -> Result:
    """Return the result of one student's attempts at a problem."""
    counted = {
        blank.address: counted_answer([attempt for attempt in attempts if attempt.blank == blank.address], exam)
        for blank in problem.blanks
    }
    answers = {address: written for address, (written, _) in counted.items() if written is not None}
    parts = tuple(
        PartResult(part, tuple(BlankResult(blank, *counted[blank.address]) for blank in part.blanks))
        for part in problem.parts
    )
    submission = Submission(Student(person.login, person.name), problem.id, answers, source="web")
    return Result(submission, problem, parts, secret_id=secret.id)
