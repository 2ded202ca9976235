"""What the readers of all formats build: submissions, remarks on what is odd, and errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from grader.core.errors import Complaint, InputError, nearest
from grader.core.submission import Submission
from grader.grading.readers.addresses import Addresses
from grader.grading.readers.attachments import Attachment, attach_programs, attachment_of
from grader.grading.readers.duplicates import conflicting, deduplicate, look_alikes
from grader.grading.readers.record import has_no_student, parse_submission, problem_of
from grader.grading.readers.remarks import SourceLocation
from grader.grading.readers.values import quoted

if TYPE_CHECKING:
    from grader.grading.problem import Problem

MAX_LISTED = 20


@dataclass(frozen=True)
class ReadResult:
    """What was read: ``remarks`` are worth knowing, ``errors`` are files or rows that were not read.

    ``unnamed`` are the sources of records whose student only the name of the file tells; ``duplicated`` has the students with
    several different submissions, and where these are.
    """

    submissions: tuple[Submission, ...]
    remarks: tuple[Complaint, ...] = ()
    errors: tuple[Complaint, ...] = ()
    unnamed: tuple[str, ...] = ()
    duplicated: Mapping[str, str] = field(default_factory=dict)


class ReadResultBuilder:
    """Collects records from any reader, in any order, and builds the reading of them all."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.addresses = Addresses(problem)
        self.submissions: list[Submission] = []
        self.remarks: list[Complaint] = []
        self.errors: list[Complaint] = []
        self.unnamed: list[str] = []
        self.programs: list[Attachment] = []
        self._elsewhere: Counter[str] = Counter()

    def add(self, data: Any, origin: SourceLocation) -> None:
        """Add one record: a submission to this problem or another, or one that cannot be read."""
        named = problem_of(data)
        if named and named.casefold() != self.problem.id.casefold():
            if near := nearest(named[:100], (self.problem.id,)):  # A typing error must not lose a student.
                message = f"this is for a problem called {quoted(named)}, and was not read"
                self.errors.append(origin.complaint(message, ("problem",), near))
            else:
                self._elsewhere[named] += 1
            return
        try:
            read, remarks = parse_submission(data, self.problem, origin, self.addresses)
        except InputError as error:
            self.add_error(error)
            return
        self.submissions.append(read)
        if has_no_student(data):
            self.unnamed.append(read.source)
        self.remarks += remarks

    def attach(self, text: str, origin: SourceLocation) -> None:
        """Add a program from a file beside the answers of its student, or all that was submitted."""
        attachment = attachment_of(origin.stem or "", text, str(origin), self.problem, self.addresses)
        if attachment.addresses:
            self.programs.append(attachment)
        else:
            self.add_remark(origin.complaint("this program was not read: no function is asked for here"))

    def add_remark(self, complaint: Complaint | None) -> None:
        """Add a remark, if there is one."""
        if complaint is not None:
            self.remarks.append(complaint)

    def add_error(self, error: InputError) -> None:
        """Add the error of a file or a row that cannot be read."""
        self.errors.append(error.complaint)

    def build(self, source: str) -> ReadResult:
        """Return all that was read.

        Raises:
            InputError: The source holds no submission at all.
        """
        skipped = [self._skipped(source, name, count) for name, count in sorted(self._elsewhere.items())]
        if not self.submissions and not self.programs:
            raise InputError(no_submissions(source, [*self.errors, *skipped]))
        submissions = attach_programs(self.submissions, self.programs, self.problem)
        merged, repeats = deduplicate(submissions)
        remarks = condense_remarks([*self.remarks, *skipped, *repeats, *look_alikes(source, merged)])
        return ReadResult(
            tuple(merged), tuple(remarks), tuple(self.errors), tuple(self.unnamed), conflicting(submissions)
        )

    def _skipped(self, source: str, name: str, count: int) -> Complaint:
        were = "1 submission is" if count == 1 else f"{count:,} submissions are"
        return Complaint(source, f"{were} to another problem, {quoted(name)}, and left out")


def no_submissions(source: str, why: list[Complaint]) -> Complaint:
    """Return the one complaint about a source of which nothing can be graded."""
    if len(why) == 1:
        return why[0]
    more = [f"and {len(why) - MAX_LISTED:,} more"] if len(why) > MAX_LISTED else []
    listed = "".join(f"\n  {each}" for each in [*why[:MAX_LISTED], *more])
    return Complaint(source, f"nothing in it can be graded:{listed}" if listed else "holds no submissions")


def condense_remarks(remarks: Iterable[Complaint]) -> list[Complaint]:
    """Return the remarks with equal ones said once, at the first place, with the number of further places."""
    times: Counter[tuple[str, str | None]] = Counter()
    first: dict[tuple[str, str | None], Complaint] = {}
    for each in remarks:
        times[each.message, each.suggestion] += 1
        first.setdefault((each.message, each.suggestion), each)
    return [with_count(each, times[what] - 1) for what, each in first.items()]


def with_count(remark: Complaint, further: int) -> Complaint:
    """Add to a remark how many further places it is true of."""
    if not further:
        return remark
    return replace(remark, message=f"{remark.message} (and {further:,} more like it)")
