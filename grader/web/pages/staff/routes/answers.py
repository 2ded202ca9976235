"""A student's answers to one problem as a batch shows them, each with all attempts at it and what people decided on them."""

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
from grader.reports.pages.student import WORDS, StudentPages, written
from grader.web.domain.accounts import people
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts, marks
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.attempts.visibility import DECIDED
from grader.web.domain.exams import enrolments, exams
from grader.web.domain.exams.exams import Exam
from grader.web.domain.review import decisions
from grader.web.errors import NotFound
from grader.web.http.auth import RequireGrader
from grader.web.http.rendering.templates import environment
from grader.web.pages.staff.rendering import about, address, inside, show, when

router = APIRouter()


@dataclass(frozen=True)
class Tried:
    """One attempt on the sheet: what it is worth, who decided on it, and what stood before that."""

    attempt: Attempt
    written: Markup
    outcome: Outcome | None
    before: Fraction | None
    by: str


class Sheets(StudentPages):
    """Writes the page of one student, with the attempts below each answer."""

    def __init__(
        self, problem: Problem, known: Mapping[str, str], exam: Exam, tried: Mapping[str, Sequence[Tried]]
    ) -> None:
        super().__init__(problem, known, reveal="full")
        self.exam, self.tried = exam, tried

    def answer(self, blank: BlankResult, several: bool) -> Markup:
        """Return the piece of a page about one blank, and its attempts."""
        own = self.tried.get(blank.blank.address, ())
        html = (
            environment()
            .get_template("staff/tried.html")
            .render(own=own, out_of=blank.out_of, exam=self.exam, words=WORDS, when=when, address=address)
        )
        return super().answer(_uncommented(blank), several) + Markup(html)


def _uncommented(blank: BlankResult) -> BlankResult:
    """Return a result without the comment in its reason, which stands with the decision below it."""
    verdict = blank.verdict
    if not verdict.reason.startswith(DECIDED):
        return blank
    return replace(blank, verdict=replace(verdict, reason=DECIDED))


@router.get("/staff/exams/{slug}/{problem}/students/{login:path}")
def sheet(visitor: RequireGrader, slug: str, problem: str, login: str) -> Response:
    """Show a student's page with everything on it."""
    with visitor.service.database.reading() as connection:
        context = about(connection, slug)
        exam: Exam = context["exam"]
        found = exams.exam_problem(connection, exam, problem)
        who = people.by_login(connection, login)
        own = attempts.attempts_of(connection, exam, who, problem) if who else []
        if who is None or not (own or _listed(connection, exam, who)):
            raise NotFound
        tried = _tried(connection, exam, problem, own)
    read = visitor.service.problem(found)
    result = marks.result_for(who, own, exam, read, visitor.service.settings.grading_secret)
    page = Sheets(read, visitor.service.official_answers(found), exam, tried).page(result)
    return show(
        visitor,
        "staff/report.html",
        title=f"{read.title} – {who.name or login}",
        sheet=found,
        body=inside(page),
        up=login,
        **context,
    )


def _listed(connection: Connection, exam: Exam, who: Person) -> bool:
    return any(each.id == who.id for each, _ in enrolments.enrolled(connection, exam))


def _tried(connection: Connection, exam: Exam, problem: str, own: Sequence[Attempt]) -> dict[str, list[Tried]]:
    """Return a student's attempts by blank."""
    names = {each.id: each.name or each.login for each in people.everyone(connection)}
    found: dict[str, list[Tried]] = {}
    for each in own:
        made, before = each.decision, each.credit
        if made:
            earlier = decisions.replaced(connection, exam, problem, each.blank).get(made.id)
            before = earlier.credit if earlier else each.credit
        outcome = each.verdict.outcome if each.verdict else None
        by = names.get(made.by, "somebody") if made else ""
        found.setdefault(each.blank, []).append(Tried(each, written(each.written), outcome, before, by))
    return found
