"""A group of equal answers on the review page: found by its name, an answer or a decision, with all that the page shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from grader.core.points import format_points
from grader.reports.pages.feedback_page import prose, solution
from grader.web.db.column_types import digest
from grader.web.domain.accounts import people
from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Exam
from grader.web.domain.review import decisions, queue, review_groups
from grader.web.domain.review.decisions import DecisionRecord
from grader.web.domain.review.review_groups import AnswerGroup
from grader.web.errors import NotFound
from grader.web.http.auth import Visitor


@dataclass(frozen=True)
class ReviewQueue:
    """The groups that need a decision and those that were decided, by name."""

    pending: dict[str, AnswerGroup]
    decided: dict[str, AnswerGroup]

    def next_after(self, name: str | None) -> str | None:
        """Return the name of the pending group after another one, or of the first where that is no longer pending."""
        names = list(self.pending)
        rest = names[names.index(name) + 1 :] if name in names else names
        return next(iter(rest), None)


@dataclass(frozen=True)
class SelectedGroup:
    """The group on the page; ``answer`` is the attempt by which staff came to one that nobody asked to review."""

    name: str
    group: AnswerGroup
    answer: str = ""


def group_name(group: AnswerGroup | DecisionRecord) -> str:
    """Return the name of a group in addresses and forms."""
    return digest(group.problem, group.blank, group.group_key)[:16]


def load_queue(connection: Connection, exam: Exam) -> ReviewQueue:
    """Return the groups of an exam that need a decision, and those that were decided."""
    pending, decided = queue.pending_groups(connection, exam), queue.decided_groups(connection, exam)
    return ReviewQueue({group_name(group): group for group in pending}, {group_name(group): group for group in decided})


def select(
    connection: Connection, exam: Exam, review_queue: ReviewQueue, group: str = "", answer: str = "", decision: str = ""
) -> SelectedGroup | None:
    """Return the requested group, else the first pending one, None if there is none; raises NotFound."""
    if answer:
        answered = review_groups.group_of_answer(connection, exam, answer)
        return SelectedGroup(group_name(answered), answered, answer if answered.opened else "")
    name = group_name(decisions.find(connection, exam, decision)) if decision else group
    name = name or next(iter(review_queue.pending), "")
    if not name:
        return None
    selected = review_queue.pending.get(name) or review_queue.decided.get(name)
    if selected is None:
        raise NotFound
    return SelectedGroup(name, selected)


def group_details(visitor: Visitor, connection: Connection, exam: Exam, group: AnswerGroup) -> dict[str, Any]:
    """Return what the page shows of one group: its question and key, its authors, its points, and earlier decisions."""
    exam_problem = exams.exam_problem(connection, exam, group.problem)
    problem = visitor.service.problem(exam_problem)
    part = next(part for part in problem.parts if any(blank.address == group.blank for blank in part.blanks))
    blank = next(blank for blank in part.blanks if blank.address == group.blank)
    logins = {person.id: person.login for person in people.everyone(connection)}
    return {
        "group": group,
        "problem": problem,
        "part": part,
        "blank": blank,
        "public": problem.public(blank),
        "question": prose(problem, part.ask),
        "solution": solution(problem, part, visitor.service.official_answers(exam_problem), "full"),
        "logins": [logins[person] for person in group.people if person in logins],
        "points_before": None if group.credit is None else group.credit * blank.spec.points,
        "history": decisions.history(connection, exam, group.problem, group.blank, group.group_key),
    }


def to_points_field(points: Fraction) -> str:
    """Return points as a form field holds them: reading them gives exactly the same."""
    short = format_points(points)
    return short if Fraction(short) == points else str(points)
