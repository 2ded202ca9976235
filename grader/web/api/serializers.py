"""Serializers: values of the domain as schemas of the API.

What a student may see of an attempt comes from ``domain.attempts.visibility`` alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from grader.core import verdict_json
from grader.core.submission import Written
from grader.core.verdict import Verdict
from grader.grading.problem import Part
from grader.kinds.base.public import Preview, Public
from grader.web.api.schemas import (
    AttemptView,
    BlankView,
    ExamSummary,
    ExamView,
    PartView,
    PreviewView,
    ProblemSummary,
    ProblemView,
    TextOrList,
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

OPTION_FIELDS = {"says": "text"}
"""Fields of options whose names on the wire are others; all other names of ``Public`` are the same."""


def to_written(answer: TextOrList) -> Written:
    """Return the answer of a request as the core takes it."""
    return answer if isinstance(answer, str) else tuple(answer)


def public_json(public: Public) -> dict[str, Any]:
    """Return what may be known of a blank, as JSON. Symbols keep the names that authors gave them, whatever these are."""
    values = public.model_dump(mode="json")
    values["options"] = [_renamed(option, OPTION_FIELDS) for option in values["options"]]
    return values


def _renamed(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in values.items()}


def preview_view(preview: Preview) -> PreviewView:
    """Return how an answer is read."""
    return PreviewView(
        read_as=preview.read_as,
        shape=preview.shape,
        symbolic_shape=preview.letters,
        error=preview.complaint,
        span=None if preview.span is None else list(preview.span),
    )


def exam_summary(connection: Connection, exam: Exam, person: Person) -> ExamSummary:
    """Return an exam for a list; raises NotFound if it is not for this person."""
    policy = exam.policy
    return ExamSummary(
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
    for exam_problem in exams.exam_problems(connection, exam):
        problem = service.problem(exam_problem)
        rows.append(ProblemSummary(problem=problem.id, title=problem.title, points=str(problem.out_of)))
    return ExamView(**dict(exam_summary(connection, exam, person)), problems=rows)


def problem_view(
    connection: Connection, service: Service, exam: Exam, exam_problem: ExamProblem, person: Person
) -> ProblemView:
    """Return a problem with a student's drafts and attempts left."""
    problem = service.problem(exam_problem)
    attempted = attempts.attempts_of(connection, exam, person, exam_problem.problem)
    saved = drafts.drafts_of(connection, person, exam, exam_problem.problem)

    def blank_view(blank: ExamBlank) -> BlankView:
        used, allowed, draft = (
            attempts.used_attempts(attempted, blank.address),
            exam.policy.attempts,
            saved.get(blank.address),
        )
        hidden = reveal_level(exam, exam_problem) is None
        return BlankView(
            blank=blank.address,
            kind=blank.kind,
            points=str(blank.points),
            attempts_used=None if hidden else used,
            public=public_json(service.public(exam_problem, blank.address)),
            draft=None if draft is None else attempts.written_to_json(draft),
            attempts_left=None if allowed is None or hidden else max(0, allowed - used),
        )

    def part_view(part: Part) -> PartView:
        blanks = [exam_problem.blank(each.address) for each in part.blanks]
        solution = part.solution if reveal_level(exam, exam_problem) == "full" else None
        return PartView(
            part=part.id, prompt=part.ask, solution=solution, blanks=[blank_view(blank) for blank in blanks]
        )

    return ProblemView(
        exam=exam.slug,
        problem=problem.id,
        title=problem.title,
        intro=problem.intro,
        parts=[part_view(part) for part in problem.parts],
    )


def attempt_views(
    service: Service, exam: Exam, exam_problem: ExamProblem, chosen: Sequence[Attempt]
) -> list[AttemptView]:
    """Return attempts as their student may see them now."""
    return [attempt_view(service, exam, exam_problem, attempt) for attempt in chosen]


def attempt_view(service: Service, exam: Exam, exam_problem: ExamProblem, attempt: Attempt) -> AttemptView:
    """Return an attempt as its student may see it now."""
    text = attempt.written if attempt.written is not None else ""
    seen = visible_attempt(attempt, exam, exam_problem, lambda: service.preview(exam_problem, attempt.blank, text))
    return AttemptView(
        id=attempt.id,
        exam=exam.slug,
        problem=attempt.problem,
        blank=attempt.blank,
        number=attempt.number,
        answer=None if attempt.written is None else attempts.written_to_json(attempt.written),
        submitted_at=attempt.submitted_at,
        state=seen.state,
        message=seen.says,
        read_as=seen.read_as,
        verdict=None if seen.verdict is None else _verdict(seen.verdict),
        reason=seen.why,
        comment=seen.comment,
        reveal_level=seen.level,
    )


def _verdict(verdict: Verdict) -> VerdictView:
    values = verdict_json.to_json(verdict)
    return VerdictView(**{name: values[name] for name in ("outcome", "credit", "reason", "findings")})


def staff_exam(connection: Connection, exam: Exam) -> StaffExam:
    """Return an exam with what staff need to know of it."""
    policy = exam.policy
    return StaffExam(
        slug=exam.slug,
        title=exam.title,
        mode=policy.mode,
        attempts=policy.attempts,
        credits=[str(credit) for credit in policy.credits],
        reveal=policy.reveal,
        everyone=policy.everyone,
        state=exam.state,
        opens_at=policy.opens_at,
        closes_at=policy.closes_at,
        released_at=exam.released_at,
        problems=[exam_problem.problem for exam_problem in exams.exam_problems(connection, exam)],
        groups_to_review=len(queue.pending_groups(connection, exam)),
    )
