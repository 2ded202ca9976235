"""Where a student is: one problem of an exam, whether it takes answers now, and how much may be shown of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from grader.blank import Misspecified, Preview, Public
from grader.problem import Blank, Problem
from grader.reports.notation_sheet import Named, names
from grader.reports.student import Pages
from grader.submission import Written
from grader.verdict import Reveal
from grader.web import exams, shown
from grader.web.columns import now_or
from grader.web.door import Visitor, person
from grader.web.exams import Exam, Sheet
from grader.web.people import Person
from grader.web.service import Service
from grader.web.student_left import Left, left

State = Literal["early", "open", "closed", "released"]
_keys: dict[str, Mapping[str, str]] = {}
"""The official answers for which there is no solution, by snapshot; only released exams ask for them."""


def state(exam: Exam, closes: datetime | None, now: datetime | None = None) -> State:
    """Return whether an exam takes answers of somebody for whom it closes at ``closes``."""
    moment = now_or(now)
    if exam.released_at is not None:
        return "released"
    if exam.state == "closed" or (closes is not None and closes <= moment):
        return "closed"
    return "early" if exam.policy.opens_at is not None and moment < exam.policy.opens_at else "open"


@dataclass(frozen=True)
class Place:
    """One problem of an exam, and who looks at it; ``closes`` is when the exam closes for this person."""

    service: Service
    person: Person
    exam: Exam
    sheet: Sheet
    closes: datetime | None

    @cached_property
    def problem(self) -> Problem:
        """The problem as it was kept."""
        return self.service.problem(self.sheet)

    @property
    def state(self) -> State:
        """Whether answers are taken now."""
        return state(self.exam, self.closes)

    @property
    def left(self) -> Left | None:
        """How long answers are taken, None where there is no end or no answer is taken."""
        return left(self.closes) if self.state == "open" else None

    @property
    def is_guest(self) -> bool:
        """Whether this is somebody who merely practises, in what all may practise."""
        return self.person.is_guest and self.exam.policy.mode == "practice"

    @property
    def level(self) -> Reveal | None:
        """How much may be shown now; None is nothing at all."""
        return shown.level(self.exam, self.sheet)

    @cached_property
    def names(self) -> tuple[Named, ...]:
        """The names that the problem declares."""
        return names(self.problem)

    @cached_property
    def pages(self) -> Pages:
        """The pieces of the batch's pages, with solutions where the level is ``full``."""
        if self.level == "full" and self.sheet.snapshot not in _keys:
            _keys[self.sheet.snapshot] = dict(_unsolved(self.problem))
        keys = _keys[self.sheet.snapshot] if self.level == "full" else {}
        return Pages(self.problem, keys, reveal=self.level or "verdict")

    @cached_property
    def plain_pages(self) -> Pages:
        """The same pieces, without a word on which options are right."""
        return Pages(self.problem, {}, reveal=min("hint", self.level or "verdict", key=shown.LEVELS.index))

    def blank(self, address: str) -> Blank:
        """Return one blank; raises NotFound."""
        self.sheet.slot(address)
        return next(each for each in self.problem.blanks if each.address == address)

    def public(self, address: str) -> Public:
        """Return what may be known of a blank; raises NotFound."""
        return self.service.public(self.sheet, address)

    def preview(self, address: str, written: Written) -> Preview:
        """Return how an answer is read in a blank; raises NotFound."""
        return self.service.preview(self.sheet, address, written)


def find(asking: Visitor, slug: str, problem: str) -> Place:
    """Find a problem of an exam for whoever asks; raises NotFound and NotOpenYet."""
    with asking.service.database.reading() as connection:
        exam = exams.find(connection, slug)
        exams.may_see(connection, exam, person(asking))
        sheet = exams.sheet(connection, exam, problem)
        closes = exams.closes_at(connection, exam, person(asking))
    return Place(asking.service, person(asking), exam, sheet, closes)


def beside(place: Place) -> tuple[Sheet | None, Sheet | None]:
    """Return the problems before and after this one in its exam."""
    with place.service.database.reading() as connection:
        all_ = exams.sheets(connection, place.exam)
    at = [each.problem for each in all_].index(place.sheet.problem)
    return all_[at - 1] if at else None, all_[at + 1] if at + 1 < len(all_) else None


def anchor(address: str) -> str:
    """Return the name of a blank's place on the page."""
    return "blank-" + address.replace(".", "-")


def _unsolved(problem: Problem) -> Iterator[tuple[str, str]]:
    """Yield the official answers of the blanks for which the author wrote no solution."""
    for part in problem.parts:
        for blank in part.blanks:
            if not (part.solution or blank.spec.solution):
                try:
                    yield blank.address, blank.spec.prepare(problem.context(blank)).key()
                except Misspecified:
                    continue
