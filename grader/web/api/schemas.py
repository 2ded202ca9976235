"""What the API takes and gives, as models: each field is one of the pages' facts, and nothing else leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from grader.core.verdict import Outcome, Reveal
from grader.web.domain.accounts.people import Role
from grader.web.domain.exams.exams import Mode


def _encodable(text: str) -> str:
    text.encode()  # Half of a character, which JSON can write, can be kept and sent by nobody; its error is a ValueError.
    return text


Text = Annotated[str, AfterValidator(_encodable)]
Texts = Text | Annotated[list[Text], Field(max_length=1_000, fail_fast=True)]
Short = Annotated[Text, StringConstraints(max_length=200)]


class Model(BaseModel):
    """A value that never changes; what it does not know it refuses."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Details(BaseModel):
    """What went wrong (RFC 9457); ``fields`` are the places in a request that has another form."""

    type: str
    title: str
    status: int
    detail: str
    fields: list[str] = []


class Code(Model):
    """A code, or the secret part of a link; each is good for one time."""

    code: Short


class Password(Model):
    """How staff enter."""

    login: Short
    password: Short


class Practice(Model):
    """How anybody enters where all is mere practice."""

    practice: Literal[True]


class Me(Model):
    """Who asks, and the token that every request but GET holds in ``x-csrf-token``."""

    login: str
    name: str | None
    role: Role
    csrf: str


class Answer(Model):
    """What is written in one blank: a text, or a list such as the ticked options."""

    written: Texts


class ExamRow(Model):
    """An exam; ``closes_at`` is when it closes for whoever asks."""

    slug: str
    title: str
    mode: Mode
    attempts: int | None
    state: Literal["open", "closed"]
    opens_at: datetime | None
    closes_at: datetime | None
    released_at: datetime | None


class ProblemRow(Model):
    """A problem of an exam."""

    problem: str
    title: str
    points: str


class ExamView(ExamRow):
    """An exam with its problems."""

    problems: list[ProblemRow]


class BlankView(Model):
    """A blank: ``public`` is all that a form needs.

    ``attempts_left`` is null where there is no limit. Before a release both numbers are null: they would tell how answers were judged.
    """

    blank: str
    kind: str
    points: str
    public: dict[str, Any]
    draft: Texts | None
    attempts_used: int | None
    attempts_left: int | None


class PartView(Model):
    """A part of a problem; the solution is there once it may be known."""

    part: str
    ask: str
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
    """How an answer is read, or why it cannot be, at the characters of ``span``: no key was asked."""

    read_as: str | None
    shape: str | None
    letters: str | None
    complaint: str | None
    span: Annotated[list[int], Field(min_length=2, max_length=2)] | None


class VerdictView(Model):
    """What was found, as far as it may be known now."""

    outcome: Outcome
    credit: str | None
    reason: str
    findings: list[dict[str, Any]]


class AttemptView(Model):
    """An answer that was handed in, and what its student may know of it now."""

    id: str
    exam: str
    problem: str
    blank: str
    number: int
    written: Texts | None
    submitted_at: datetime
    state: Literal["received", "waiting", "review", "graded", "decided"]
    says: str
    read_as: str | None
    verdict: VerdictView | None
    why: str | None
    comment: str | None
    level: Reveal
