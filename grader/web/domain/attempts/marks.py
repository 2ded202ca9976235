"""What the attempts of an exam amount to, as results that the reports of a batch can tell."""

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


def credit_for(tried: Sequence[Attempt], exam: Exam, known_only: bool = False) -> EarnedCredit:
    """Return what attempts at one blank earn, in their order; with ``known_only`` without those under review.

    What is shown to a student before release is ``known_only``: else a doubtful answer would be told right or wrong.
    """
    hidden = [known_only and each.needs_review and each.decision is None for each in tried]
    scored = [
        ScoredAttempt(None if hides else each.score, each.uses_attempt)
        for each, hides in zip(tried, hidden, strict=True)
    ]
    return earned_credit(scored, exam.policy.credits)


def counted_answer(tried: Sequence[Attempt], exam: Exam) -> tuple[Written | None, Verdict]:
    """Return the answer that stands among attempts at one blank, and its verdict with all that was earned.

    While an answer has no mark that might raise it, it is ungraded.
    """
    if not tried:
        return None, Verdict.blank()
    total = credit_for(tried, exam)
    unmarked = [each for each in tried if each.score is None]
    if unmarked and total.best < 1:
        last = unmarked[-1]
        return last.written, last.verdict or Verdict.ungraded(STILL_GRADING, cause=UngradedCause.WAITING)
    best = [each for each in tried if each.score == total.best] or list(tried)
    stands = best[0] if total.best else best[-1]
    verdict = _decided(stands) if stands.decision else stands.verdict
    assert verdict is not None
    doubts = [each.verdict.review for each in tried if each.verdict and each.needs_review and not each.decision]
    review = next((why for why in doubts if why), None)
    return stands.written, replace(verdict, credit=total.credit, review=review)


def _decided(attempt: Attempt) -> Verdict:
    """Return what a person decided, with their comment after the reason."""
    assert attempt.decision is not None
    verdict, comment = decided(attempt), attempt.decision.comment
    return replace(verdict, reason=f"{verdict.reason} {comment}") if comment else verdict


def results(connection: Connection, exam: Exam, sheet: ExamProblem, problem: Problem, secret: Secret) -> list[Result]:
    """Return the result of every student on the list, and of others who answered, at one problem; by their logins."""
    tried = attempts.attempts_at(connection, exam, sheet.problem)
    by_person = {id: list(own) for id, own in groupby(tried, lambda each: each.person)}
    listed = [person for person, _ in enrolments.enrolled(connection, exam)]
    others = [each for each in people.everyone(connection, "student") if each.id in by_person and each not in listed]
    known = sorted([*listed, *others], key=lambda each: each.login)
    return [result_for(person, by_person.get(person.id, []), exam, problem, secret) for person in known]


def result_for(person: Person, tried: Sequence[Attempt], exam: Exam, problem: Problem, secret: Secret) -> Result:
    """Return the result of one student's attempts at a problem."""
    stands = {
        blank.address: counted_answer([each for each in tried if each.blank == blank.address], exam)
        for blank in problem.blanks
    }
    answers = {address: written for address, (written, _) in stands.items() if written is not None}
    parts = tuple(
        PartResult(part, tuple(BlankResult(blank, *stands[blank.address]) for blank in part.blanks))
        for part in problem.parts
    )
    submission = Submission(Student(person.login, person.name), problem.id, answers, source="web")
    return Result(submission, problem, parts, secret_id=secret.id)
