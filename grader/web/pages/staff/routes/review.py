"""What waits for a person: equal answers together, one decision for each group, and then the next group.

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
from grader.reports.pages.student import WORDS, read_as_text
from grader.web.db.row_locks import lock_exam_problem
from grader.web.domain.accounts import people
from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Exam
from grader.web.domain.review import decisions
from grader.web.domain.review import queue as reviews
from grader.web.domain.review.answer_groups import AnswerGroup
from grader.web.errors import Conflict, ServiceError, ValidationFailed
from grader.web.http.auth import Fields, RequireGrader, limit_rate, signed_in_person
from grader.web.pages.staff.pagination import paged
from grader.web.pages.staff.rendering import about, address, show
from grader.web.pages.staff.review_group import Chosen, choose, name_of, queue, told, written

router = APIRouter()
POINTS: TypeAdapter[Fraction] = TypeAdapter(Points)
NO_POINTS = "Write the points as a number or a fraction, such as 2, 0.5 or 1/3, or as a share, such as 50 %."
MEANWHILE = "{who} decided on these answers meanwhile. Decide again only if you mean to replace that."
LONGEST = 2_000
LISTED = 50


def credit_of(text: str, out_of: Fraction) -> Fraction:
    """Return the credit that points amount to, or a share with a percent sign; raises Invalid."""
    plain = text.strip().replace(",", ".")
    share = plain.endswith("%")
    try:
        value = POINTS.validate_python(plain.removesuffix("%").strip())
    except ValidationError:
        raise ValidationFailed(NO_POINTS) from None
    whole = Fraction(100) if share else out_of
    if value > whole:
        raise ValidationFailed(f"At most {format_points(out_of)} can be given here.")
    return value / whole if whole else Fraction(0)


@router.get("/staff/exams/{slug}/review")
def ask(
    visitor: RequireGrader,
    slug: str,
    group: str = "",
    answer: str = "",
    decision: str = "",
    gave: str = "",
    page: str = "",
) -> Response:
    """Show the first group that waits, or that of a name, an answer or a decision; list all that waits and was decided."""
    return _page(visitor, slug, group=group, answer=answer, decision=decision, gave=gave, page=page)


@router.post("/staff/exams/{slug}/review")
def decide(visitor: RequireGrader, slug: str, fields: Fields) -> Response:
    """Decide on a group, or decide again, and go on to the next that waits."""
    limit_rate(visitor, "staff")
    name, answer, seen = (str(fields.get(each, "")) for each in ("group", "answer", "seen"))
    share, comment = fields.get("share"), str(fields.get("comment", ""))[:LONGEST].strip()
    said = f"{share} %" if isinstance(share, str) else str(fields.get("points", ""))
    try:
        with visitor.service.database.writing() as connection:
            exam = exams.find(connection, slug)
            listed = queue(connection, exam)
            chosen = choose(connection, exam, listed, name, answer)
            if chosen is None:
                raise Conflict("Nothing waits for a person.")
            group = chosen.group
            lock_exam_problem(connection, exam.id, group.problem)
            _unchanged(connection, exam, group, seen)
            out_of = exams.exam_problem(connection, exam, group.problem).blank(group.blank).points
            credit = credit_of(said, out_of)
            if group.opened:
                reviews.enqueue_written_alike(connection, exam, group)
            made = decisions.decide(
                connection,
                exam,
                group.problem,
                group.blank,
                group.group_key,
                credit,
                comment,
                signed_in_person(visitor),
            )
    except (ValidationFailed, Conflict) as refused:
        return _page(visitor, slug, refused, said, comment, group=name, answer=answer)
    after = listed.after(chosen.name)
    onward = f"&group={after}" if after else ""
    return RedirectResponse(f"{address(slug, 'review')}?gave={made.id}{onward}", 303)


def _unchanged(connection: Connection, exam: Exam, group: AnswerGroup, seen: str) -> None:
    """Raise Conflict if another decision holds than the one that whoever decides has seen."""
    now = decisions.current(connection, exam, group.problem, group.blank, group.group_key)
    if now and now.id != seen:
        names = {each.id: each.name or each.login for each in people.everyone(connection)}
        raise Conflict(MEANWHILE.format(who=names.get(now.by, "Somebody")))


def _page(
    visitor: RequireGrader,
    slug: str,
    refused: ServiceError | None = None,
    said: str | None = None,
    comment: str | None = None,
    gave: str = "",
    page: str = "",
    **wanted: str,
) -> Response:
    with visitor.service.database.reading() as connection:
        context = about(connection, slug)
        exam = context["exam"]
        listed = queue(connection, exam)
        chosen = choose(connection, exam, listed, **wanted)
        context |= {"given": _given(connection, exam, gave), "holds": decisions.students(connection, exam)}
        context["worth_of"] = {
            (sheet.problem, slot.address): slot.points
            for sheet in exams.exam_problems(connection, exam)
            for slot in sheet.blanks
        }
        context["names"] = {each.id: each.name or each.login for each in people.everyone(connection)}
        if chosen:
            context |= told(visitor, connection, exam, chosen.group) | _filled(chosen, context["worth_of"])
    if said is not None:
        context |= {"said": said, "comment": comment}
    done = paged(list(listed.decided.items()), page, LISTED)
    return show(
        visitor,
        "staff/review.html",
        refused.status if refused else 200,
        here="review",
        listed=listed,
        chosen=chosen,
        done=done,
        mistyped=isinstance(refused, ValidationFailed),
        skip=listed.after(chosen.name) if chosen else None,
        words=WORDS,
        typed=read_as_text,
        wrong=refused and refused.message,
        **context,
    )


def _given(connection: Connection, exam: Exam, id: str) -> dict[str, Any] | None:
    """Return what is told of the decision that was made just now, if any."""
    if not id:
        return None
    made = decisions.find(connection, exam, id)
    out_of = exams.exam_problem(connection, exam, made.problem).blank(made.blank).points
    return {
        "group": name_of(made),
        "points": made.decision.credit * out_of,
        "out_of": out_of,
        "students": made.students,
    }


def _filled(chosen: Chosen, worth: dict[tuple[str, str], Fraction]) -> dict[str, str]:
    """Return what stands in the form: of a group that was decided, what was decided."""
    group = chosen.group
    if group.decision is None:
        return {"said": "", "comment": ""}
    points = group.decision.credit * worth[group.problem, group.blank]
    return {"said": written(points), "comment": group.decision.comment}
