"""Submission view: a student's page for one problem as a batch writes it, with all attempts and decisions below each answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from fastapi import APIRouter
from markupsafe import Markup
from sqlalchemy import Connection
from starlette.responses import Response

from grader.core.verdict import Outcome
from grader.grading.problem import Problem
from grader.grading.results import BlankResult
from grader.reports.pages.feedback_page import WORDS, StudentPages, written
from grader.web.domain.accounts import people
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts, marks
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.exams import enrolments, exams
from grader.web.domain.exams.exams import Exam
from grader.web.domain.review import decisions
from grader.web.errors import NotFound
from grader.web.http.auth import RequireGrader
from grader.web.http.rendering.templates import environment
from grader.web.pages.staff.rendering import exam_context, exam_url, render

router = APIRouter()


@dataclass(frozen=True)
class AttemptRow:
    """One attempt below an answer: its outcome, who decided on it, and its credit before that."""

    attempt: Attempt
    answer_html: Markup
    outcome: Outcome | None
    credit_before: Fraction | None
    decided_by: str


class StaffStudentPages(StudentPages):
    """Writes the page of one student, with the attempts below each answer."""

    def __init__(
        self, problem: Problem, keys: Mapping[str, str], exam: Exam, attempt_rows: Mapping[str, Sequence[AttemptRow]]
    ) -> None:
        super().__init__(problem, keys, reveal="full")
        self.exam, self.attempt_rows = exam, attempt_rows

    def answer(self, blank: BlankResult, several: bool) -> Markup:
        """Return the piece of the page about one blank, and its attempts."""
        template = environment().get_template("staff/_attempt_list.html")
        rows = self.attempt_rows.get(blank.blank.address, ())
        html = template.render(rows=rows, out_of=blank.out_of, exam=self.exam, words=WORDS, exam_url=exam_url)
        return super().answer(blank, several) + Markup(html)


@router.get("/staff/exams/{slug}/{problem}/students/{login:path}")
def student_answers(visitor: RequireGrader, slug: str, problem: str, login: str) -> Response:
    """Show a student's page for one problem, with the key and all attempts."""
    with visitor.service.database.reading() as connection:
        context = exam_context(connection, slug)
        exam: Exam = context["exam"]
        exam_problem = exams.exam_problem(connection, exam, problem)
        student = people.by_login(connection, login)
        attempts_there = attempts.attempts_of(connection, exam, student, problem) if student else []
        if student is None or not (attempts_there or _is_enrolled(connection, exam, student)):
            raise NotFound
        attempt_rows = _attempt_rows(connection, exam, problem, attempts_there)
    parsed = visitor.service.problem(exam_problem)
    uncommented = [_without_comment(attempt) for attempt in attempts_there]
    result = marks.result_for(student, uncommented, exam, parsed, visitor.service.settings.grading_secret)
    pages = StaffStudentPages(parsed, visitor.service.official_answers(exam_problem), exam, attempt_rows)
    return render(
        visitor,
        "staff/batch_page.html",
        title=f"{parsed.title} – {student.display_name}",
        exam_problem=exam_problem,
        main=pages.main_content(result),
        login=login,
        **context,
    )


def _is_enrolled(connection: Connection, exam: Exam, student: Person) -> bool:
    return any(person.id == student.id for person, _ in enrolments.enrolled(connection, exam))


def _without_comment(attempt: Attempt) -> Attempt:
    """Return an attempt without the comment of its decision, which the page shows in the attempt's own row."""
    return replace(attempt, decision=attempt.decision and replace(attempt.decision, comment=""))


def _attempt_rows(
    connection: Connection, exam: Exam, problem: str, attempts_there: Sequence[Attempt]
) -> dict[str, list[AttemptRow]]:
    """Return a student's attempts by blank."""
    deciders = {attempt.decision.by for attempt in attempts_there if attempt.decision}
    names = people.display_names(connection, deciders)
    rows: dict[str, list[AttemptRow]] = {}
    for attempt in attempts_there:
        decision, credit_before = attempt.decision, attempt.credit
        if decision:
            earlier = decisions.replaced(connection, exam, problem, attempt.blank).get(decision.id)
            credit_before = earlier.credit if earlier else attempt.credit
        outcome = attempt.verdict.outcome if attempt.verdict else None
        decided_by = names.get(decision.by, "somebody") if decision else ""
        row = AttemptRow(attempt, written(attempt.written), outcome, credit_before, decided_by)
        rows.setdefault(attempt.blank, []).append(row)
    return rows
