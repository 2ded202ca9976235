"""What is kept of a student at one problem: attempts and drafts, and the fields of its page that they amount to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grader.core.submission import Written, is_blank
from grader.web.domain.attempts import attempts
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.attempts.drafts import drafts_of
from grader.web.domain.attempts.marks import credit_for
from grader.web.pages.student.views.attempt_view import Try, tries
from grader.web.pages.student.views.attempts_left import Counts, chances, counts
from grader.web.pages.student.views.blank_view import Field, inserts
from grader.web.pages.student.views.problem_context import Place

EARLIER = 10
"""Earlier attempts of a blank that are on the page; the receipt has all."""


@dataclass(frozen=True)
class Kept:
    """What is kept of a student at one problem: attempts in their order, and what was typed and not handed in."""

    place: Place
    attempts: Sequence[Attempt]
    drafts: Mapping[str, Written]

    def at(self, address: str) -> list[Attempt]:
        """Return the attempts at one blank."""
        return [each for each in self.attempts if each.blank == address]

    def last(self, address: str) -> Written | None:
        """Return what was handed in last in a blank."""
        own = self.at(address)
        return own[-1].written if own else None

    def stands(self, address: str) -> Written | None:
        """Return what stands in a blank: the draft, else what was handed in last."""
        return self.drafts.get(address, self.last(address))

    def draft(self, address: str) -> Written | None:
        """Return what was typed in a blank and never handed in, None if there is no such thing."""
        return unsent(self.drafts, self.attempts).get(address)

    def counts(self, address: str) -> Counts:
        """Return which attempts at a blank use up one, as far as that may be known."""
        return counts(self.place, address, self.at(address))

    def earned(self, address: str) -> Fraction | None:
        """Return the points of one blank so far, None where they may not be shown."""
        if self.place.level is None:
            return None
        share = credit_for(self.at(address), self.place.exam, known_only=True).credit
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

    def tries(self, address: str) -> list[Try]:
        """Return all attempts at one blank in their order, as their student may see them."""
        own = self.at(address)
        return tries(self.place, address, own, self.counts(address), range(len(own)))

    def field(self, address: str, refused: str | None = None) -> Field:
        """Return one blank as it is on the page; raises NotFound."""
        place, own, counted = self.place, self.at(address), self.counts(address)
        takes = place.state == "open" and not counted.used_up
        leading = self._leading(own)
        order = sorted(range(len(own)), key=lambda index: (index != leading, -index))[: EARLIER + 1]
        public, stands = place.public(address), self.stands(address) if takes else self.last(address)
        return Field(
            place.blank(address),
            public,
            stands,
            tuple(tries(place, address, own, counted, order)),
            self.earned(address),
            chances(place.exam.policy, counted),
            takes,
            counted.used_up,
            self.draft(address),
            names=tuple(inserts(place.names, public)),
            more=len(own) > len(order),
            refused=refused,
        )

    def _leading(self, own: Sequence[Attempt]) -> int | None:
        """Return which attempt leads once no more are taken: the first of the best, else (None) the newest."""
        if self.place.level is None or self.place.state == "open":
            return None
        best = credit_for(own, self.place.exam, known_only=True).best
        sure = (index for index, each in enumerate(own) if each.decision is not None or not each.needs_review)
        return next((index for index in sure if best and own[index].score == best), None)


def unsent(drafts: Mapping[str, Written], tried: Sequence[Attempt]) -> dict[str, Written]:
    """Return the drafts of one problem, by blanks, that were never handed in."""
    sent = {(each.blank, each.written) for each in tried}
    return {blank: typed for blank, typed in drafts.items() if not is_blank(typed) and (blank, typed) not in sent}


def kept(place: Place) -> Kept:
    """Return what is kept of whoever looks at a problem."""
    with place.service.database.reading() as connection:
        own = attempts.attempts_of(connection, place.exam, place.person, place.sheet.problem)
        return Kept(place, own, drafts_of(connection, place.person, place.exam, place.sheet.problem))
