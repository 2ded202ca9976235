"""Schemas of the API for sessions and students (pydantic): what requests may hold, and all that responses tell."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from grader.core.verdict import Outcome, Reveal
from grader.web.domain.accounts.people import Role
from grader.web.domain.exams.exams import Mode


def _check_encodable(text: str) -> str:
    text.encode()  # JSON can write half of a surrogate pair, which no database stores; UnicodeEncodeError is a ValueError.
    return text


Text = Annotated[str, AfterValidator(_check_encodable)]
TextOrList = Text | Annotated[list[Text], Field(max_length=1_000, fail_fast=True)]
"""An answer: a text, or a list such as the ticked options. ``fail_fast``: the error must not grow with what was sent."""
ShortText = Annotated[Text, StringConstraints(max_length=200)]


class Model(BaseModel):
    """Base of all schemas: frozen, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProblemDetails(BaseModel):
    """An error (problem details, RFC 9457); ``fields`` are the places in a request that are not valid."""

    type: str
    title: str
    status: int
    detail: str
    fields: list[str] = []


class CodeSignIn(Model):
    """A login code, or the secret part of a sign-in link; each works once."""

    code: ShortText


class PasswordSignIn(Model):
    """How staff sign in."""

    login: ShortText
    password: ShortText


class PracticeSignIn(Model):
    """How anybody signs in as a guest, where the service is for practice only."""

    practice: Literal[True]


class Me(Model):
    """The signed-in person, and the token that every request but GET sends in the header ``x-csrf-token``."""

    login: str
    name: str | None
    role: Role
    csrf: str


class AnswerBody(Model):
    """An answer to one blank: a text, or a list such as the ticked options."""

    answer: TextOrList


class ExamSummary(Model):
    """An exam; ``closes_at`` is when it closes for the signed-in person."""

    slug: str
    title: str
    mode: Mode
    attempts: int | None
    state: Literal["open", "closed"]
    opens_at: datetime | None
    closes_at: datetime | None
    released_at: datetime | None


class ProblemSummary(Model):
    """A problem of an exam."""

    problem: str
    title: str
    points: str


class ExamView(ExamSummary):
    """An exam with its problems."""

    problems: list[ProblemSummary]


class BlankView(Model):
    """A blank: ``public`` is all that a form needs.

    ``attempts_left`` is null where there is no limit. Before a release both numbers are null: they would reveal verdicts.
    """

    blank: str
    kind: str
    points: str
    public: dict[str, Any]
    draft: TextOrList | None
    attempts_used: int | None
    attempts_left: int | None


class PartView(Model):
    """A part of a problem; ``solution`` is null until it may be shown."""

    part: str
    prompt: str
    solution: str | None
    blanks: list[BlankView]


class ProblemView(Model):
    """A problem; its texts are Markdown with LaTeX."""

    exam: str
    problem: str
    title: str
    intro: str
    parts: list[PartView]


class PreviewView(Model):
    """How an answer is read, or the ``error`` why it cannot be, at the characters of ``span``; the key plays no part."""

    read_as: str | None
    shape: str | None
    symbolic_shape: str | None
    error: str | None
    span: Annotated[list[int], Field(min_length=2, max_length=2)] | None


class VerdictView(Model):
    """A verdict, as far as it may be shown now."""

    outcome: Outcome
    credit: str | None
    reason: str
    findings: list[dict[str, Any]]


class AttemptView(Model):
    """An attempt, and what its student may know of it now; ``reason`` is why a person looks at it."""

    id: str
    exam: str
    problem: str
    blank: str
    number: int
    answer: TextOrList | None
    submitted_at: datetime
    state: Literal["received", "waiting", "review", "graded", "decided"]
    message: str
    read_as: str | None
    verdict: VerdictView | None
    reason: str | None
    comment: str | None
    reveal_level: Reveal
