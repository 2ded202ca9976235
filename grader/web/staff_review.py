"""What waits for a person: equal answers together, one decision for each group, and then the next group."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from grader.points import Points, shown
from grader.reports.student import WORDS, prose, read_as_text, solution
from grader.web import exams, people, reviews
from grader.web.columns import digest
from grader.web.door import Fields, Grader, allow, person
from grader.web.exams import Exam
from grader.web.refusals import Conflict, Invalid, Refused
from grader.web.reviews import Group
from grader.web.staff_marks import keys
from grader.web.staff_pages import about, address, show

router = APIRouter()
POINTS: TypeAdapter[Fraction] = TypeAdapter(Points)
GONE = "Somebody has decided on these answers meanwhile. This is the next group."
NO_POINTS = "Write the points as a number or a fraction, such as 2, 0.5 or 1/3, or as a share, such as 50 %."
LONGEST = 2_000


def name_of(group: Group) -> str:
    """Return what names a group in addresses and forms."""
    return digest(group.problem, group.blank, group.alike)[:16]


def credit_of(text: str, out_of: Fraction) -> Fraction:
    """Return the credit that points amount to, or a share with a percent sign; raises Invalid."""
    plain = text.strip().replace(",", ".")
    share = plain.endswith("%")
    try:
        value = POINTS.validate_python(plain.removesuffix("%").strip())
    except ValidationError:
        raise Invalid(NO_POINTS) from None
    whole = Fraction(100) if share else out_of
    if value > whole:
        raise Invalid(f"At most {shown(out_of)} can be given here.")
    return value / whole if whole else Fraction(0)


@router.get("/staff/exams/{slug}/review")
def queue(asking: Grader, slug: str, group: str = "") -> Response:
    """Show the first group that waits, or the stated one, and list the others."""
    return _queue(asking, slug, group)


@router.post("/staff/exams/{slug}/review")
def decide(asking: Grader, slug: str, fields: Fields) -> Response:
    """Decide on a group, and go on to the next."""
    allow(asking, "staff")
    name, said = str(fields.get("group", "")), str(fields.get("points", ""))
    share, comment = fields.get("share"), str(fields.get("comment", ""))[:LONGEST].strip()
    try:
        with asking.service.database.writing() as connection:
            exam = exams.find(connection, slug)
            found, after = _waiting(connection, exam, name)
            out_of = exams.sheet(connection, exam, found.problem).slot(found.blank).points
            credit = credit_of(f"{share}%" if isinstance(share, str) else said, out_of)
            reviews.decide(
                connection, exam, found.problem, found.blank, found.alike, credit, comment, person(asking)
            )
    except (Invalid, Conflict) as refused:
        return _queue(asking, slug, name, refused, said, comment)
    return RedirectResponse(address(slug, "review") + (f"?group={after}" if after else ""), 303)


def _waiting(connection: Connection, exam: Exam, name: str) -> tuple[Group, str | None]:
    """Return a group that still waits and the name of the one after it; raises Conflict."""
    listed: list[Group | None] = [*reviews.queue(connection, exam), None]
    for each, after in pairwise(listed):
        if each and name_of(each) == name:
            return each, name_of(after) if after else None
    raise Conflict(GONE)


def _queue(
    asking: Grader, slug: str, name: str, refused: Refused | None = None, said: str = "", comment: str = ""
) -> Response:
    with asking.service.database.reading() as connection:
        context = about(connection, slug)
        groups = reviews.queue(connection, context["exam"])
        named = {name_of(each): each for each in groups}
        chosen = name if name in named else next(iter(named), None)
        about_it = _shown(asking, connection, context["exam"], named[chosen]) if chosen else {}
    after = list(named)[list(named).index(chosen) + 1 :] if chosen else []
    return show(
        asking, "staff_review.html", refused.status if refused else 200, here="review", named=named, chosen=chosen,
        skip=next(iter(after), None), words=WORDS, typed=read_as_text, wrong=refused and refused.message,
        said=said, comment=comment, **about_it, **context,
    )  # fmt: skip


def _shown(asking: Grader, connection: Connection, exam: Exam, group: Group) -> dict[str, Any]:
    """Return what is shown of one group: its question and key, who wrote it, and what stands if nobody looks."""
    sheet = exams.sheet(connection, exam, group.problem)
    problem = asking.service.problem(sheet)
    part = next(each for each in problem.parts if any(blank.address == group.blank for blank in each.blanks))
    blank = next(each for each in part.blanks if each.address == group.blank)
    logins = {each.id: each.login for each in people.everyone(connection)}
    return {
        "group": group, "problem": problem, "part": part, "blank": blank, "public": problem.public(blank),
        "ask": prose(problem, part.ask), "solved": solution(problem, part, keys(asking.service, sheet), "full"),
        "logins": [logins[each] for each in group.people if each in logins],
        "stands": None if group.credit is None else group.credit * blank.spec.points,
    }  # fmt: skip
