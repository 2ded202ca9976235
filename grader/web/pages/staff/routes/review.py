"""The review page: equal answers together, one decision for each group, and then the next group of the queue.

A decision is never final: it is listed, and deciding again replaces it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from grader.core.points import Points, format_points
from grader.reports.pages.feedback_page import WORDS, read_as_text
from grader.web.db.row_locks import lock_exam_problem
from grader.web.domain.accounts import people
from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Exam
from grader.web.domain.review import decisions, queue
from grader.web.domain.review.review_groups import AnswerGroup
from grader.web.errors import Conflict, ServiceError, ValidationFailed
from grader.web.http.auth import Fields, RequireGrader, limit_rate, signed_in_person
from grader.web.pages.form_fields import text_field
from grader.web.pages.staff.pagination import paginate
from grader.web.pages.staff.rendering import exam_context, exam_url, render
from grader.web.pages.staff.review_group import (
    ReviewQueue,
    group_details,
    group_name,
    load_queue,
    select,
    to_points_field,
)

router = APIRouter()
POINTS: TypeAdapter[Fraction] = TypeAdapter(Points)
NOT_POINTS = "Enter points as a number or a fraction, such as 2, 0.5 or 1/3, or as a share, such as 50 %."
ALREADY_DECIDED = "{name} has decided on these answers in the meantime. Decide again only if you want to replace that."
NOTHING_TO_REVIEW = "Nothing to review."
MAX_COMMENT_CHARACTERS = 2_000
DECISIONS_PER_PAGE = 50


def parse_credit(text: str, out_of: Fraction) -> Fraction:
    """Return the credit that points amount to, or a share with a percent sign; raises ValidationFailed."""
    plain = text.strip().replace(",", ".")
    is_share = plain.endswith("%")
    try:
        value = POINTS.validate_python(plain.removesuffix("%").strip())
    except ValidationError:
        raise ValidationFailed(NOT_POINTS) from None
    maximum = Fraction(100) if is_share else out_of
    if value > maximum:
        raise ValidationFailed(f"You can give at most {format_points(out_of)} here.")
    return value / maximum if maximum else Fraction(0)


@router.get("/staff/exams/{slug}/review")
def show_review(
    visitor: RequireGrader,
    slug: str,
    group: str = "",
    answer: str = "",
    decision: str = "",
    gave: str = "",
    page: str = "",
) -> Response:
    """Show the group of a name, an answer or a decision, else the first of the queue; list the queue and all decisions."""
    return _review_page(visitor, slug, group=group, answer=answer, decision=decision, last_decision=gave, page=page)


@router.post("/staff/exams/{slug}/review")
def decide(visitor: RequireGrader, slug: str, fields: Fields) -> Response:
    """Decide on a group, or decide again, and go on to the next of the queue."""
    limit_rate(visitor, "staff")
    name, answer, decision_seen = (text_field(fields, field) for field in ("group", "answer", "seen"))
    comment = text_field(fields, "comment", MAX_COMMENT_CHARACTERS).strip()
    points = f"{text_field(fields, 'share')} %" if "share" in fields else text_field(fields, "points")
    try:
        with visitor.service.database.writing() as connection:
            exam = exams.find(connection, slug)
            review_queue = load_queue(connection, exam)
            selected = select(connection, exam, review_queue, name, answer)
            if selected is None:
                raise Conflict(NOTHING_TO_REVIEW)
            group = selected.group
            lock_exam_problem(connection, exam.id, group.problem)
            _check_undecided_since(connection, exam, group, decision_seen)
            out_of = exams.exam_problem(connection, exam, group.problem).blank(group.blank).points
            credit = parse_credit(points, out_of)
            if group.opened:
                queue.enqueue_written_alike(connection, exam, group)
            actor = signed_in_person(visitor)
            record = decisions.decide(
                connection, exam, group.problem, group.blank, group.group_key, credit, comment, actor
            )
    except (ValidationFailed, Conflict) as error:
        return _review_page(visitor, slug, error, points, comment, group=name, answer=answer)
    next_group = review_queue.next_after(selected.name)
    onward = f"&group={next_group}" if next_group else ""
    return RedirectResponse(f"{exam_url(slug, 'review')}?gave={record.id}{onward}", 303)


def _check_undecided_since(connection: Connection, exam: Exam, group: AnswerGroup, decision_seen: str) -> None:
    """Raise Conflict if another decision holds than the one that was on the page."""
    now = decisions.current(connection, exam, group.problem, group.blank, group.group_key)
    if now and now.id != decision_seen:
        name = people.display_names(connection, [now.by]).get(now.by, "Somebody")
        raise Conflict(ALREADY_DECIDED.format(name=name))


def _review_page(
    visitor: RequireGrader,
    slug: str,
    error: ServiceError | None = None,
    points: str | None = None,
    comment: str | None = None,
    last_decision: str = "",
    page: str = "",
    **wanted: str,
) -> Response:
    with visitor.service.database.reading() as connection:
        context = exam_context(connection, slug)
        exam: Exam = context["exam"]
        review_queue = load_queue(connection, exam)
        selected = select(connection, exam, review_queue, **wanted)
        out_of_blank = {
            (problem.problem, blank.address): blank.points
            for problem in exams.exam_problems(connection, exam)
            for blank in problem.blanks
        }
        context["notice"] = _decision_notice(connection, exam, last_decision, out_of_blank)
        context["student_counts"] = decisions.students(connection, exam)
        if selected:
            context |= group_details(visitor, connection, exam, selected.group)
            context |= _form_values(selected.group, out_of_blank)
        context["names"] = people.display_names(connection, _deciders(review_queue, context.get("history", [])))
    if points is not None:
        context |= {"points": points, "comment": comment}
    return render(
        visitor,
        "staff/review.html",
        error.status if error else 200,
        active_tab="review",
        queue=review_queue,
        selected=selected,
        decisions=paginate(list(review_queue.decided.items()), page, DECISIONS_PER_PAGE),
        out_of_blank=out_of_blank,
        is_mistyped=isinstance(error, ValidationFailed),
        next_group=review_queue.next_after(selected.name) if selected else None,
        words=WORDS,
        read_as_text=read_as_text,
        error=error and error.message,
        **context,
    )


def _deciders(review_queue: ReviewQueue, history: list[Any]) -> set[str]:
    """Return the ids of all people whose decisions the page shows."""
    current = (group.decision for group in review_queue.decided.values())
    return {decision.by for decision in (*current, *history) if decision}


def _decision_notice(
    connection: Connection, exam: Exam, id: str, out_of_blank: dict[tuple[str, str], Fraction]
) -> dict[str, Any] | None:
    """Return what the page says of the decision that was just made, if any."""
    if not id:
        return None
    record = decisions.find(connection, exam, id)
    out_of = out_of_blank[record.problem, record.blank]
    return {
        "group": group_name(record),
        "points": record.decision.credit * out_of,
        "out_of": out_of,
        "students": record.students,
    }


def _form_values(group: AnswerGroup, out_of_blank: dict[tuple[str, str], Fraction]) -> dict[str, str]:
    """Return what stands in the form: of a group that was decided, the decision."""
    if group.decision is None:
        return {"points": "", "comment": ""}
    points = group.decision.credit * out_of_blank[group.problem, group.blank]
    return {"points": to_points_field(points), "comment": group.decision.comment}
