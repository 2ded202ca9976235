"""A problem on a student's page: each blank with what stands in it, its attempts, and what may be shown of those."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from markupsafe import Markup

from grader.blank import Preview, Public
from grader.kinds.formula.public import FormulaPublic
from grader.problem import Blank
from grader.reports.notation_sheet import Named
from grader.reports.student import read_as_text, written
from grader.submission import Written, is_blank
from grader.web import attempts
from grader.web.attempts import Attempt
from grader.web.drafts import drafts_of
from grader.web.marks import earned_by
from grader.web.student_chances import chances
from grader.web.student_inputs import Input, Values, filled, input_of
from grader.web.student_place import Place, anchor
from grader.web.student_tries import Try, tries

EARLIER = 10
"""Earlier attempts of a blank that are on the page; the receipt has all."""


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
    """One blank on the page: its input with what stands in it, how that is read, and all attempts, the newest first.

    ``refused`` is why what was just sent was not taken; ``key`` names the next thing that is sent from this page.
    """

    blank: Blank
    public: Public
    written: Written | None
    tries: tuple[Try, ...]
    earned: Fraction | None
    chances: str
    unsent: bool
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


@dataclass(frozen=True)
class Kept:
    """What is kept of a student at one problem: attempts in their order, and what was typed and not handed in."""

    place: Place
    attempts: Sequence[Attempt]
    drafts: Mapping[str, Written]

    def at(self, address: str) -> list[Attempt]:
        """Return the attempts at one blank."""
        return [each for each in self.attempts if each.blank == address]

    def stands(self, address: str) -> Written | None:
        """Return what stands in a blank: the draft, else what was handed in last."""
        own = self.at(address)
        return self.drafts.get(address, own[-1].written if own else None)

    def earned(self, address: str) -> Fraction | None:
        """Return the points of one blank so far, None where they may not be shown."""
        if self.place.level is None:
            return None
        share = earned_by(self.at(address), self.place.exam, known_only=True).credit
        return share * self.place.blank(address).spec.points

    @property
    def total(self) -> Fraction | None:
        """The points of the whole problem so far, None where they may not be shown."""
        known = [self.earned(slot.address) for slot in self.place.sheet.blanks]
        return None if None in known else sum((each for each in known if each is not None), Fraction(0))

    def waits(self, address: str) -> bool:
        """Whether a blank's last attempt is still being graded, as far as that may be known."""
        own = self.at(address)
        return bool(own) and own[-1].state == "waiting" and self.place.level is not None

    def field(self, address: str, refused: str | None = None) -> Field:
        """Return one blank as it is on the page; raises NotFound."""
        place, own = self.place, self.at(address)
        last, given = own[-1].written if own else None, self.stands(address)
        public, policy = place.public(address), place.exam.policy
        said = "" if place.level is None else chances(policy, attempts.used(own, address))
        return Field(
            place.blank(address), public, given, tuple(tries(place, address, own[-EARLIER - 1 :])), self.earned(address), said,
            unsent=given != last and given is not None and not is_blank(given), names=tuple(inserts(place.names, public)),
            more=len(own) > EARLIER + 1, refused=refused,
        )  # fmt: skip


def kept(place: Place) -> Kept:
    """Return what is kept of whoever looks at a problem."""
    with place.service.database.reading() as connection:
        own = attempts.attempts_of(connection, place.exam, place.person, place.sheet.problem)
        return Kept(place, own, drafts_of(connection, place.person, place.exam, place.sheet.problem))
