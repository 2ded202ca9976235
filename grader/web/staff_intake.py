"""Files that staff upload: read as a batch reads them, with every file, row and answer that cannot be taken told."""

from __future__ import annotations

import tempfile
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from sqlalchemy import Connection

from grader.errors import InputError
from grader.problem import Problem
from grader.readers import READERS, read
from grader.submission import Submission, Written, is_blank
from grader.web import attempts, exams, people
from grader.web.attempts import LIMITS
from grader.web.columns import one_line
from grader.web.exams import Exam
from grader.web.refusals import Refused
from grader.web.settings import Limits

CHUNK = 1 << 20
UPLOADED = "the upload"


@dataclass(frozen=True)
class Upload:
    """One file as a browser sends it."""

    name: str
    data: BinaryIO = field(repr=False)


@dataclass
class Report:
    """What came of an upload: ``broken`` was not read, ``refused`` was read and not taken, ``remarks`` are worth knowing.

    ``new`` are the students who were not on the list before.
    """

    submissions: int = 0
    answers: int = 0
    broken: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)

    @property
    def odd(self) -> bool:
        """Whether there is anything to tell besides what was taken."""
        return bool(self.broken or self.refused or self.remarks or self.new)


def received(files: Iterable[Upload], problem: Problem, report: Report) -> Sequence[Submission]:
    """Return the submissions in files, which lie in a private folder only while they are read."""
    with tempfile.TemporaryDirectory(prefix="grader-upload-") as private:
        folder = Path(private)
        for each in files:
            _put(each, folder, report)
        try:
            reading = read(folder, problem)
        except InputError as error:
            report.broken += _told([str(error.complaint)], folder)
            return ()
    report.broken += _told(map(str, reading.broken), folder)
    report.remarks += _told(map(str, reading.remarks), folder)
    report.refused += _strays(reading.submissions, {each.address for each in problem.blanks})
    return reading.submissions


def _strays(given: Iterable[Submission], blanks: Container[str]) -> Iterator[str]:
    for each in given:
        for name, written in each.answers.items():
            if name not in blanks and not is_blank(written):
                yield f"{each.source}: {each.student.id} answers {name[:80]!r}, which this problem does not ask"


def _put(file: Upload, folder: Path, report: Report) -> None:
    """Write one file under the last part of its name, which never leads out of the folder."""
    name = PurePosixPath(file.name.replace("\\", "/")).name.replace("\0", "")
    path = folder / name
    if name.startswith(".") or PurePosixPath(name).suffix.lower() not in READERS:
        report.broken.append(f"{name or 'a file without a name'}: is none of {', '.join(READERS)}")
        return
    try:
        with path.open("xb") as out:
            while chunk := file.data.read(CHUNK):
                out.write(chunk)
    except FileExistsError:
        report.broken.append(f"{name}: there are several files of this name; only the first was read")
    except OSError:
        report.broken.append(f"{name[:80]}: a file cannot have this name here")


def _told(messages: Iterable[str], folder: Path) -> Iterator[str]:
    """Yield messages without the name of our folder, in which nobody is interested."""
    return (each.replace(f"{folder}/", "").replace(str(folder), UPLOADED) for each in messages)


def acceptable(
    connection: Connection, exam: Exam, given: Sequence[Submission], report: Report, limits: Limits = LIMITS
) -> list[Submission]:
    """Return the submissions that can be kept as they are; the report has what was left out, and whoever is new."""
    if not given:
        return []
    before = _before(connection, exam, given[0].problem)
    listed = {who.login for who, _ in exams.enrolled(connection, exam)}
    taken = []
    for each in given:
        why = _unacceptable(connection, each)
        if why:
            report.refused.append(f"{each.source}: student {each.student.id[:80]!r} was left out: {why}")
            continue
        login = each.student.id.strip()
        kept = replace(each, answers=dict(_answers(each, before.get(login, {}), report, limits)))
        if login not in listed:
            report.new.append(login)
        taken.append(kept)
    return taken


def _unacceptable(connection: Connection, given: Submission) -> str | None:
    """Return why nobody can be kept under this id or name, None if they can."""
    try:
        login = one_line(given.student.id, "id of a student")
        if given.student.name and given.student.name.strip():
            one_line(given.student.name, "name of a student")
    except Refused as refused:
        return refused.message
    who = people.by_login(connection, login)
    return f"{login} is one of the staff" if who and who.is_staff else None


def _before(connection: Connection, exam: Exam, problem: str) -> dict[str, dict[str, Written | None]]:
    """Return the last answer of each student in each blank, by their logins."""
    logins = {each.id: each.login for each in people.everyone(connection, "student")}
    last: dict[str, dict[str, Written | None]] = {}
    for each in attempts.attempts_at(connection, exam, problem):
        last.setdefault(logins.get(each.person, ""), {})[each.blank] = each.written
    return last


def _answers(
    given: Submission, before: dict[str, Written | None], report: Report, limits: Limits
) -> Iterator[tuple[str, Written]]:
    """Yield the answers that are kept: none that is there already, is too long, or has no place."""
    known = 0
    for blank, written in given.answers.items():
        if is_blank(written):
            continue
        place = f"{given.source}: the answer of {given.student.id} to {blank[:80]!r}"
        if blank in before and before[blank] == written and not given.held:
            known += 1
            continue
        try:
            yield blank, attempts.checked(written, limits)
        except Refused as refused:
            report.refused.append(f"{place} was left out: {refused.message}")
    if known:
        report.remarks.append(
            f"{given.source}: {known} of the answers of {given.student.id} are here already and were not taken again"
        )
