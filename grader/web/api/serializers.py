"""The core's values as the API tells them: what a student may see of an attempt comes from ``shown`` alone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from grader.core import verdict_json
from grader.core.submission import Written
from grader.core.verdict import Verdict
from grader.grading.problem import Part
from grader.web.api.schemas import (
    AttemptView,
    BlankView,
    ExamRow,
    ExamView,
    PartView,
    ProblemRow,
    ProblemView,
    Texts,
    VerdictView,
)
from grader.web.api.staff_schemas import StaffExam
from grader.web.domain.accounts.people import Person
from grader.web.domain.attempts import attempts, drafts
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.attempts.visibility import reveal_level, visible_attempt
from grader.web.domain.exams import enrolments, exams
from grader.web.domain.exams.exams import Exam, ExamBlank, ExamProblem
from grader.web.domain.review import queue
from grader.web.service import Service


def written(given: Texts) -> Written:
    """Return an answer as the core takes it."""
    return given if isinstance(given, str) else tuple(given)


def exam_row(connection: Connection, exam: Exam, person: Person) -> ExamRow:
    """Return an exam for a list; raises NotFound if it is not for this person."""
    policy = exam.policy
    return ExamRow(
        slug=exam.slug,
        title=exam.title,
        mode=policy.mode,
        attempts=policy.attempts,
        state=exam.state,
        opens_at=policy.opens_at,
        closes_at=enrolments.closes_at(connection, exam, person),
        released_at=exam.released_at,
    )


def exam_view(connection: Connection, service: Service, exam: Exam, person: Person) -> ExamView:
    """Return an exam with its problems."""
    rows = []
    for sheet in exams.exam_problems(connection, exam):
        problem = service.problem(sheet)
        rows.append(ProblemRow(problem=problem.id, title=problem.title, points=str(problem.out_of)))
    return ExamView(**dict(exam_row(connection, exam, person)), problems=rows)


def problem_view(
    connection: Connection, service: Service, exam: Exam, sheet: ExamProblem, person: Person
) -> ProblemView:
    """Return a problem with what a student has typed and handed in."""
    problem = service.problem(sheet)
    tried = attempts.attempts_of(connection, exam, person, sheet.problem)
    typed = drafts.drafts_of(connection, person, exam, sheet.problem)

    def blank(slot: ExamBlank) -> BlankView:
        used, most, draft = attempts.used_attempts(tried, slot.address), exam.policy.attempts, typed.get(slot.address)
        hidden = reveal_level(exam, sheet) is None
        return BlankView(
            blank=slot.address,
            kind=slot.kind,
            points=str(slot.points),
            attempts_used=None if hidden else used,
            public=service.public(sheet, slot.address).model_dump(mode="json"),
            draft=None if draft is None else attempts.written_to_json(draft),
            attempts_left=None if most is None or hidden else max(0, most - used),
        )

    def part(each: Part) -> PartView:
        slots = [sheet.blank(one.address) for one in each.blanks]
        solution = each.solution if reveal_level(exam, sheet) == "full" else None
        return PartView(part=each.id, ask=each.ask, solution=solution, blanks=[blank(slot) for slot in slots])

    return ProblemView(
        exam=exam.slug,
        problem=problem.id,
        title=problem.title,
        intro=problem.intro,
        parts=[part(each) for each in problem.parts],
    )


def attempt_views(service: Service, exam: Exam, sheet: ExamProblem, given: Sequence[Attempt]) -> list[AttemptView]:
    """Return attempts as their student may see them now."""
    return [attempt_view(service, exam, sheet, each) for each in given]


def attempt_view(service: Service, exam: Exam, sheet: ExamProblem, attempt: Attempt) -> AttemptView:
    """Return an attempt as its student may see it now."""
    text = attempt.written if attempt.written is not None else ""
    seen = visible_attempt(attempt, exam, sheet, lambda: service.preview(sheet, attempt.blank, text))
    return AttemptView(
        id=attempt.id,
        exam=exam.slug,
        problem=attempt.problem,
        blank=attempt.blank,
        number=attempt.number,
        written=None if attempt.written is None else attempts.written_to_json(attempt.written),
        submitted_at=attempt.submitted_at,
        state=seen.state,
        says=seen.says,
        read_as=seen.read_as,
        verdict=None if seen.verdict is None else _verdict(seen.verdict),
        why=seen.why,
        comment=seen.comment,
        level=seen.level,
    )


def _verdict(verdict: Verdict) -> VerdictView:
    told = verdict_json.to_json(verdict)
    return VerdictView(**{name: told[name] for name in ("outcome", "credit", "reason", "findings")})


def staff_exam(connection: Connection, exam: Exam) -> StaffExam:
    """Return an exam with what staff need to know of it."""
    policy = exam.policy
    return StaffExam(
        slug=exam.slug,
        title=exam.title,
        mode=policy.mode,
        attempts=policy.attempts,
        credits=[str(each) for each in policy.credits],
        reveal=policy.reveal,
        everyone=policy.everyone,
        state=exam.state,
        opens_at=policy.opens_at,
        closes_at=policy.closes_at,
        released_at=exam.released_at,
        problems=[each.problem for each in exams.exam_problems(connection, exam)],
        waiting=len(queue.pending_groups(connection, exam)),
    )
