"""One blank on a student's page: what stands in it, how that is read, its attempts, and what may be shown of those."""

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
from grader.reports.pages.notation import Named
from grader.reports.pages.student import read_as_text, written
from grader.web.pages.student.views.attempt_view import Try
from grader.web.pages.student.views.inputs import Input, Values, filled, input_of
from grader.web.pages.student.views.problem_context import anchor


def token() -> str:
    """Return what names the next thing that is sent from a page."""
    return secrets.token_urlsafe(12)


@dataclass(frozen=True)
class Insert:
    """A name on a button: what is typed before and behind the cursor, and how it is typeset."""

    before: str
    after: str
    latex: str


def inserts(known: Iterable[Named], public: Public) -> Iterator[Insert]:
    """Yield the names of a problem that may be used in a blank."""
    for each in known:
        name, bracket, _ = each.typed[0].partition("(")
        sizes = public.words.sizes if isinstance(public, FormulaPublic) else {}
        if name in public.symbols or name in public.definitions or name in sizes:
            yield Insert(name + bracket, ")" if bracket else "", each.latex)


@dataclass(frozen=True)
class Field:
    """One blank on the page: its input with what stands in it, how that is read, and its attempts, the one that leads first.

    ``takes`` says whether an answer is taken now; ``draft`` was typed and never handed in. ``refused`` is why what was just
    sent was not taken; ``key`` names the next thing that is sent from this page.
    """

    blank: Blank
    public: Public
    written: Written | None
    tries: tuple[Try, ...]
    earned: Fraction | None
    chances: str
    takes: bool
    used_up: bool
    draft: Written | None
    names: tuple[Insert, ...] = ()
    more: bool = False
    refused: str | None = None
    key: str = field(default_factory=token)

    @property
    def address(self) -> str:
        """The blank's address."""
        return self.blank.address

    @property
    def id(self) -> str:
        """What names the blank's parts on the page."""
        return anchor(self.address)

    @property
    def label(self) -> str:
        """What stands before the blank, Markdown."""
        return self.public.label or self.blank.name or "Your answer"

    @property
    def plain(self) -> str:
        """What names the blank to whoever hears the page."""
        part, _, name = self.address.partition(".")
        return f"({part}) {name}".rstrip()

    @property
    def out_of(self) -> Fraction:
        """The points of the blank."""
        return self.blank.spec.points

    @property
    def input(self) -> Input:
        """How it is answered."""
        return input_of(self.public)

    @property
    def values(self) -> Values:
        """What stands in its fields."""
        return filled(self.public, self.written)

    @property
    def fields(self) -> str:
        """The names of its fields, by commas, for htmx: it sends those of this blank alone."""
        own = (f"{prefix}:{self.address}" for prefix in (*self.input.fields, "key"))
        return ",".join(("blank", *own))

    @property
    def reading(self) -> Reading | None:
        """How what stands in it is read."""
        if not self.input.echoed or self.written is None or is_blank(self.written):
            return None
        return reading(self.public, self.written)

    @property
    def unsent(self) -> Markup | None:
        """The draft as it was typed, for where it can be handed in no more."""
        return None if self.draft is None or self.takes else written(self.draft)

    @property
    def leads(self) -> bool:
        """Whether an older attempt stands before the newest one, since it earned the points."""
        return any(self.tries[0].attempt.number < each.attempt.number for each in self.tries)

    @property
    def says_earned(self) -> bool:
        """Whether the points of the blank are to be said besides those of its first attempt."""
        known = [each.points for each in self.tries if each.points is not None]
        return self.earned is not None and (len(self.tries) > 1 or any(each != self.earned for each in known))

    @property
    def waits(self) -> bool:
        """Whether any attempt is still being graded, as far as that may be known."""
        return any(each.shown.state == "waiting" for each in self.tries)


@dataclass(frozen=True)
class Reading:
    """How an answer is read, typeset; ``marked`` is what was written, with the place of the complaint."""

    preview: Preview
    read_as: Markup | None
    marked: Markup | None


def reading(public: Public, given: Written) -> Reading:
    """Read an answer back from what may be known of its blank alone."""
    preview = public.preview(given)
    typeset = None if preview.read_as is None else read_as_text(preview.read_as)
    return Reading(preview, typeset, written(given, preview.span) if preview.span else None)
