"""Schemas of the API for staff: exams, the review queue, decisions, the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from grader.core.verdict import Outcome, Reveal
from grader.web.api.schemas import Model, ShortText, Text
from grader.web.domain.exams.exams import Mode
from grader.web.domain.review.review_groups import AnswerGroup

GroupKey = Annotated[str, StringConstraints(pattern=r"^(text|meaning):[0-9a-f]{64}$")]
Credit = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6}|/[1-9][0-9]{0,5})?$")]


class StaffExam(Model):
    """An exam as staff see it; ``groups_to_review`` is the length of its review queue."""

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
    groups_to_review: int


class AnswerGroupView(Model):
    """Equal answers that need one decision; ``people`` are ids of students."""

    problem: str
    blank: str
    group_key: str
    reasons: list[str]
    spellings: list[str]
    read_as: str | None
    outcome: Outcome
    credit: str | None
    review_requested: bool
    people: list[str]

    @classmethod
    def of(cls, group: AnswerGroup) -> AnswerGroupView:
        """Serialize a group of the review queue."""
        credit = None if group.credit is None else str(group.credit)
        return cls(
            problem=group.problem,
            blank=group.blank,
            group_key=group.group_key,
            reasons=list(group.why),
            spellings=list(group.spellings),
            read_as=group.read_as,
            outcome=group.outcome,
            credit=credit,
            review_requested=group.asked,
            people=list(group.people),
        )


class DecisionBody(Model):
    """A decision on one group: the credit from 0 to 1, as ``0.5`` or ``1/2``, and a comment for its students."""

    problem: ShortText
    blank: ShortText
    group_key: GroupKey
    credit: Credit
    comment: Annotated[Text, Field(max_length=2_000)] = ""


class DecisionView(Model):
    """A decision that was recorded."""

    id: str
    credit: str
    comment: str
    decided_at: datetime


class AuditEventView(Model):
    """One event of the audit log; ``actor`` is a person's id, null for the service itself."""

    id: int
    created_at: datetime
    actor: str | None
    action: str
    subject: str
    details: dict[str, Any]
