"""Records from any reader on one pile: other problems set aside, all that is broken or odd noted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from grader.core.errors import Complaint, InputError, nearest
from grader.core.submission import Submission
from grader.grading.readers.addresses import Addresses
from grader.grading.readers.attachments import Attachment, attached, merged
from grader.grading.readers.duplicates import deduplicate, doubled, look_alikes
from grader.grading.readers.record import names_nobody, parse_submission, problem_of
from grader.grading.readers.remarks import SourceLocation
from grader.grading.readers.values import shown

if TYPE_CHECKING:
    from grader.grading.problem import Problem

MOST_TOLD = 20


@dataclass(frozen=True)
class Reading:
    """What was read: ``remarks`` are worth knowing, ``broken`` are files or rows that were not read.

    ``unnamed`` are the sources of records that leave it to their file's name whose they are, ``doubled`` the students with
    several different submissions, and where these stand.
    """

    submissions: tuple[Submission, ...]
    remarks: tuple[Complaint, ...] = ()
    errors: tuple[Complaint, ...] = ()
    unnamed: tuple[str, ...] = ()
    duplicated: Mapping[str, str] = field(default_factory=dict)


class ReadingBuilder:
    """Takes records from any reader, in any order, and gives the reading of them all."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.addresses = Addresses(problem)
        self.submissions: list[Submission] = []
        self.remarks: list[Complaint] = []
        self.broken: list[Complaint] = []
        self.unnamed: list[str] = []
        self.programs: list[Attachment] = []
        self._elsewhere: Counter[str] = Counter()

    def add(self, data: Any, origin: SourceLocation) -> None:
        """Take one record: a submission to this problem or another, or a broken one."""
        named = problem_of(data)
        if named and named.casefold() != self.problem.id.casefold():
            if near := nearest(named[:100], (self.problem.id,)):  # A typing error must not lose a student.
                message = f"this is for a problem called {shown(named)}, and was not read"
                self.broken.append(origin.complaint(message, ("problem",), near))
            else:
                self._elsewhere[named] += 1
            return
        try:
            read, remarks = parse_submission(data, self.problem, origin, self.addresses)
        except InputError as error:
            self.break_at(error)
            return
        self.submissions.append(read)
        if names_nobody(data):
            self.unnamed.append(read.source)
        self.remarks += remarks

    def attach(self, text: str, origin: SourceLocation) -> None:
        """Take a program that lies beside the answers of its student, or is all that was handed in."""
        found = attached(origin.stem or "", text, str(origin), self.problem, self.addresses)
        if found.addresses:
            self.programs.append(found)
        else:
            self.remark(origin.complaint("this program was not read: no function is asked for here"))

    def remark(self, complaint: Complaint | None) -> None:
        """Take a remark, if there is one."""
        if complaint is not None:
            self.remarks.append(complaint)

    def break_at(self, error: InputError) -> None:
        """Take note of a file or a row that cannot be read."""
        self.broken.append(error.complaint)

    def reading(self, source: str) -> Reading:
        """Return all that was read; a source that held no submission at all is an ``InputError``."""
        skipped = [self._skipped(source, name, count) for name, count in sorted(self._elsewhere.items())]
        if not self.submissions and not self.programs:
            raise InputError(nothing(source, [*self.broken, *skipped]))
        found = merged(self.submissions, self.programs, self.problem)
        settled, doubles = deduplicate(found)
        remarks = condensed([*self.remarks, *skipped, *doubles, *look_alikes(source, settled)])
        return Reading(tuple(settled), tuple(remarks), tuple(self.broken), tuple(self.unnamed), doubled(found))

    def _skipped(self, source: str, name: str, count: int) -> Complaint:
        were = "1 submission is" if count == 1 else f"{count:,} submissions are"
        return Complaint(source, f"{were} to another problem, {shown(name)}, and left out")


def nothing(source: str, why: list[Complaint]) -> Complaint:
    """Return the one complaint about a source of which nothing can be graded."""
    if len(why) == 1:
        return why[0]
    more = [f"and {len(why) - MOST_TOLD:,} more"] if len(why) > MOST_TOLD else []
    told = "".join(f"\n  {each}" for each in [*why[:MOST_TOLD], *more])
    return Complaint(source, f"nothing in it can be graded:{told}" if told else "holds no submissions")


def condensed(remarks: Iterable[Complaint]) -> list[Complaint]:
    """Return the remarks with equal ones said once, at the first place, with the number of further places."""
    times: Counter[tuple[str, str | None]] = Counter()
    first: dict[tuple[str, str | None], Complaint] = {}
    for each in remarks:
        times[each.message, each.suggestion] += 1
        first.setdefault((each.message, each.suggestion), each)
    return [again(each, times[what] - 1) for what, each in first.items()]


def again(remark: Complaint, further: int) -> Complaint:
    """Add to a remark how many further places it is true of."""
    if not further:
        return remark
    return replace(remark, message=f"{remark.message} (and {further:,} more like it)")
