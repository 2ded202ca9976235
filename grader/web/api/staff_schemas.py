"""What the API tells staff, and takes from them, as models."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from grader.core.verdict import Outcome, Reveal
from grader.web.api.schemas import Model, Short, Text
from grader.web.domain.exams.exams import Mode
from grader.web.domain.review.answer_groups import AnswerGroup

Alike = Annotated[str, StringConstraints(pattern=r"^(text|meaning):[0-9a-f]{64}$")]


Share = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6}|/[1-9][0-9]{0,5})?$")]


class StaffExam(Model):
    """An exam as staff see it; ``waiting`` are the groups of answers that wait for a person."""

    slug: str
    title: str
    mode: Mode
    attempts: int | None
    credits: list[str]
    reveal: Reveal
    everyone: bool
    state: Literal["open", "closed"]
    opens_at: datetime | None
    closes_at: datetime | None
    released_at: datetime | None
    problems: list[str]
    waiting: int


class GroupView(Model):
    """Answers that wait for one decision; ``people`` are ids."""

    problem: str
    blank: str
    alike: str
    why: list[str]
    spellings: list[str]
    read_as: str | None
    outcome: Outcome
    credit: str | None
    asked: bool
    people: list[str]

    @classmethod
    def of(cls, group: AnswerGroup) -> GroupView:
        """Return a group of the queue as it is told."""
        credit = None if group.credit is None else str(group.credit)
        return cls(
            problem=group.problem,
            blank=group.blank,
            alike=group.group_key,
            why=list(group.why),
            spellings=list(group.spellings),
            read_as=group.read_as,
            outcome=group.outcome,
            credit=credit,
            asked=group.asked,
            people=list(group.people),
        )


class Deciding(Model):
    """A decision on one group: the credit from 0 to 1, as ``0.5`` or ``1/2``, and a comment for its students."""

    problem: Short
    blank: Short
    alike: Alike
    credit: Share
    comment: Annotated[Text, Field(max_length=2_000)] = ""


class DecisionView(Model):
    """A decision that was kept."""

    id: str
    credit: str
    comment: str
    at: datetime


class ActView(Model):
    """One act in the audit log; ``actor`` is a person's id, null for the service itself."""

    id: int
    at: datetime
    actor: str | None
    action: str
    subject: str
    details: dict[str, Any]
