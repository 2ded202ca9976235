"""One blank on a student's page: its input and what stands in it, how that is read, and its attempts as far as they may be shown."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from markupsafe import Markup

from grader.core.submission import Written, is_blank
from grader.grading.problem import Blank
from grader.kinds.base.public import Preview, Public
from grader.kinds.formula.public import FormulaPublic
from grader.reports.pages.feedback_page import read_as_text, written
from grader.reports.pages.notation import Named
from grader.web.pages.student.views.attempt_view import AttemptView
from grader.web.pages.student.views.inputs import InputWidget, ReadBack, Values, field_values, widget_of
from grader.web.pages.student.views.problem_context import anchor


def new_request_key() -> str:
    """Return a random key for the next request of a page, so that a double click counts once."""
    return secrets.token_urlsafe(12)


@dataclass(frozen=True)
class InsertButton:
    """A name on a button: what is typed before and behind the cursor, and how it is typeset."""

    before: str
    after: str
    latex: str


def insert_buttons(names: Iterable[Named], public: Public) -> Iterator[InsertButton]:
    """Yield a button for each name of a problem that may be used in a blank."""
    sizes = public.words.sizes if isinstance(public, FormulaPublic) else {}
    for named in names:
        name, bracket, _ = named.typed[0].partition("(")
        if name in public.symbols or name in public.definitions or name in sizes:
            yield InsertButton(name + bracket, ")" if bracket else "", named.latex)


@dataclass(frozen=True)
class BlankView:
    """One blank on the page: its input with what stands in it, how that is read, and its attempts, the best or newest first.

    ``unsent_draft`` was typed and never submitted, ``error`` says why the answer that was just sent was refused, and ``request_key``
    names the next request.
    """

    blank: Blank
    public: Public
    written: Written | None
    attempts: tuple[AttemptView, ...]
    points_earned: Fraction | None
    attempts_left_text: str
    accepts_answers: bool
    is_used_up: bool
    unsent_draft: Written | None
    read_back: ReadBack
    insert_buttons: tuple[InsertButton, ...] = ()
    has_more_attempts: bool = False
    error: str | None = None
    request_key: str = field(default_factory=new_request_key)

    @property
    def address(self) -> str:
        """The blank's address."""
        return self.blank.address

    @property
    def id(self) -> str:
        """The prefix of the ids of the blank's elements."""
        return anchor(self.address)

    @property
    def label(self) -> str:
        """The label in front of the blank, Markdown."""
        return self.public.label or self.blank.name or "Your answer"

    @property
    def spoken_name(self) -> str:
        """The name of the blank for screen readers."""
        part, _, name = self.address.partition(".")
        return f"({part}) {name}".rstrip()

    @property
    def out_of(self) -> Fraction:
        """The points of the blank."""
        return self.blank.spec.points

    @property
    def widget(self) -> InputWidget:
        """The widget in which it is answered."""
        return widget_of(self.public)

    @property
    def values(self) -> Values:
        """The values of the widget's fields."""
        return field_values(self.public, self.written, self.read_back)

    @property
    def field_names(self) -> str:
        """The names of its fields, by commas, for htmx, which then sends those of this blank alone."""
        names = (f"{prefix}:{self.address}" for prefix in (*self.widget.fields, "key"))
        return ",".join(("blank", *names))

    @property
    def reading(self) -> AnswerReading | None:
        """How the answer that stands in it is read."""
        if not self.widget.has_reading or self.written is None or is_blank(self.written):
            return None
        return answer_reading(self.read_back(self.written), self.written)

    @property
    def expired_draft(self) -> Markup | None:
        """The draft as HTML, where it can no longer be submitted."""
        return None if self.unsent_draft is None or self.accepts_answers else written(self.unsent_draft)

    @property
    def best_is_first(self) -> bool:
        """True if an older attempt comes before the newest one, since it earned the points."""
        return any(self.attempts[0].attempt.number < view.attempt.number for view in self.attempts)

    @property
    def shows_points_earned(self) -> bool:
        """True if the page says the points of the blank besides those of its first attempt."""
        points = [view.points for view in self.attempts if view.points is not None]
        return self.points_earned is not None and (
            len(self.attempts) > 1 or any(one != self.points_earned for one in points)
        )

    @property
    def is_pending(self) -> bool:
        """True if any attempt is still being graded, as far as its student may know."""
        return any(view.visible.state == "waiting" for view in self.attempts)


@dataclass(frozen=True)
class AnswerReading:
    """How an answer is read, typeset; ``marked_answer`` is the answer with the place of the complaint marked."""

    preview: Preview
    read_as: Markup | None
    marked_answer: Markup | None


def answer_reading(preview: Preview, answer: Written) -> AnswerReading:
    """Return how an answer is read, typeset."""
    typeset = None if preview.read_as is None else read_as_text(preview.read_as)
    return AnswerReading(preview, typeset, written(answer, preview.span) if preview.span else None)
