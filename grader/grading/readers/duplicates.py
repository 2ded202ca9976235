"""One submission per student: equal ones are one, different ones are held for a person, in any order."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from grader.core.errors import Complaint
from grader.core.submission import Submission, Written, is_blank
from grader.grading.readers.values import quoted

MAX_NAMED = 5


def deduplicate(submissions: Iterable[Submission]) -> tuple[list[Submission], list[Complaint]]:
    """Return one submission per student, in the order of files and lines, and remarks on equal ones."""
    by_student: defaultdict[str, list[Submission]] = defaultdict(list)
    for each in sorted(submissions, key=lambda each: source_position(each.source)):
        by_student[each.student.id].append(each)
    remarks = [repeat_remark(same) for same in by_student.values() if len(same) > 1 and not count_distinct(same)]
    return [merge(same) for same in by_student.values()], remarks


def repeat_remark(same: list[Submission]) -> Complaint:
    """Return the remark on a student who submitted the same answers more than once."""
    file, line = source_position(same[0].source)
    message = f"student {quoted(same[0].student.id)} handed in the same answers more than once: {_list_sources(same)}"
    return Complaint(file, message, line or None)


def conflicting(submissions: Iterable[Submission]) -> dict[str, str]:
    """Return the sources of the submissions of each student who submitted several different ones."""
    by_student: defaultdict[str, list[Submission]] = defaultdict(list)
    for each in sorted(submissions, key=lambda each: source_position(each.source)):
        by_student[each.student.id].append(each)
    return {id: _list_sources(same) for id, same in by_student.items() if count_distinct(same)}


def merge(same: list[Submission]) -> Submission:
    """Return the one submission of a student, held if there are several with different answers."""
    if len(same) == 1:
        return same[0]
    name = next((each.student.name for each in same if each.student.name), None)
    reasons = list(dict.fromkeys(each.held_reason for each in same if each.held_reason))
    if count := count_distinct(same):
        what = f"{'Two' if count == 2 else count} different submissions of student {same[0].student.id}"
        reasons.insert(0, f"{what}: {_list_sources(same)}. Keep one and grade again.")
    return replace(same[0], student=replace(same[0].student, name=name), held_reason=" ".join(reasons) or None)


def count_distinct(same: list[Submission]) -> int:
    """Return how many different sets of answers one student submitted, 0 if all are equal."""
    contents = {frozenset(nonblank_answers(each).items()) for each in same}
    return len(contents) if len(contents) > 1 else 0


def nonblank_answers(submission: Submission) -> dict[str, Written]:
    """Return the answers that are not blank, without the white space around them."""
    return {
        address: written.strip() if isinstance(written, str) else written
        for address, written in submission.answers.items()
        if not is_blank(written)
    }


def _list_sources(same: list[Submission]) -> str:
    """Return the sources of one student's submissions, as a phrase."""
    sources = [each.source for each in same]
    if len(sources) > MAX_NAMED:
        sources = [*sources[: MAX_NAMED - 1], f"{len(sources) - MAX_NAMED + 1:,} more"]
    return f"{', '.join(sources[:-1])} and {sources[-1]}"


def source_position(source: str) -> tuple[str, int]:
    """Return the file and the line of a source, to sort by."""
    file, _, line = source.rpartition(":")
    return (file, int(line)) if file and line.isdecimal() else (source, 0)


def look_alikes(source: str, submissions: Iterable[Submission]) -> list[Complaint]:
    """Return remarks on student ids that differ only in case or in how an accent is coded."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for each in submissions:
        alike[unicodedata.normalize("NFC", each.student.id).casefold()].append(each.student.id)
    return [
        Complaint(
            source,
            f"the ids {', '.join(map(ascii, sorted(ids)))} look alike and are kept as different students",
        )
        for ids in alike.values()
        if len(ids) > 1
    ]
