"""A group of equal answers on a page of staff: found by its name, an answer or a decision, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from grader.core.points import format_points
from grader.reports.pages.student import prose, solution
from grader.web.db.types import digest
from grader.web.domain.accounts import people
from grader.web.domain.exams import exams
from grader.web.domain.exams.exams import Exam
from grader.web.domain.review import answer_groups, decisions
from grader.web.domain.review import queue as reviews
from grader.web.domain.review.answer_groups import AnswerGroup
from grader.web.domain.review.decisions import DecisionRecord
from grader.web.errors import NotFound
from grader.web.http.auth import Visitor


@dataclass(frozen=True)
class Queue:
    """What waits for a person and what was decided, by the names of the groups."""

    waiting: dict[str, AnswerGroup]
    decided: dict[str, AnswerGroup]

    def after(self, name: str | None) -> str | None:
        """Return the name of the group that waits after another one, the first where that waits no more."""
        names = list(self.waiting)
        rest = names[names.index(name) + 1 :] if name in names else names
        return next(iter(rest), None)


@dataclass(frozen=True)
class Chosen:
    """The group on the page; ``answer`` is the attempt by which staff came to one that nobody was asked about."""

    name: str
    group: AnswerGroup
    answer: str = ""


def name_of(group: AnswerGroup | DecisionRecord) -> str:
    """Return what names a group in addresses and forms."""
    return digest(group.problem, group.blank, group.group_key)[:16]


def queue(connection: Connection, exam: Exam) -> Queue:
    """Return the groups of an exam that wait, and those that were decided."""
    waiting, decided = reviews.pending_groups(connection, exam), reviews.decided_groups(connection, exam)
    return Queue({name_of(each): each for each in waiting}, {name_of(each): each for each in decided})


def choose(
    connection: Connection, exam: Exam, listed: Queue, group: str = "", answer: str = "", decision: str = ""
) -> Chosen | None:
    """Return the group that was asked for, else the first that waits; raises NotFound."""
    if answer:
        found = answer_groups.group_of_answer(connection, exam, answer)
        return Chosen(name_of(found), found, answer if found.opened else "")
    name = name_of(decisions.find(connection, exam, decision)) if decision else group
    name = name or next(iter(listed.waiting), "")
    if not name:
        return None
    known = listed.waiting.get(name) or listed.decided.get(name)
    if known is None:
        raise NotFound
    return Chosen(name, known)


def told(visitor: Visitor, connection: Connection, exam: Exam, group: AnswerGroup) -> dict[str, Any]:
    """Return what is shown of one group: its question and key, who wrote it, what stands, and what was decided before."""
    sheet = exams.exam_problem(connection, exam, group.problem)
    problem = visitor.service.problem(sheet)
    part = next(each for each in problem.parts if any(blank.address == group.blank for blank in each.blanks))
    blank = next(each for each in part.blanks if each.address == group.blank)
    known = {each.id: each for each in people.everyone(connection)}
    return {
        "group": group,
        "problem": problem,
        "part": part,
        "blank": blank,
        "public": problem.public(blank),
        "ask": prose(problem, part.ask),
        "solved": solution(problem, part, visitor.service.official_answers(sheet), "full"),
        "logins": [known[each].login for each in group.people if each in known],
        "stands": None if group.credit is None else group.credit * blank.spec.points,
        "history": decisions.history(connection, exam, group.problem, group.blank, group.group_key),
        "names": {id: each.name or each.login for id, each in known.items()},
    }


def written(points: Fraction) -> str:
    """Return points as a field of a form holds them: what is read from it is exactly the same."""
    short = format_points(points)
    return short if Fraction(short) == points else str(points)
