"""Read the submissions in uploaded files as a batch reads them; what is not certain is reported instead of taken."""

from __future__ import annotations

import tempfile
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from grader.core.errors import InputError
from grader.core.submission import Submission, is_blank
from grader.grading.problem import Problem
from grader.grading.readers import READERS, ReadResult, read
from grader.web.domain.uploads.archives import ZIP_SUFFIX, unpack
from grader.web.domain.uploads.report import UploadedFile, UploadReport

CHUNK_BYTES = 1 << 20
UPLOAD_NAME = "the upload"
DUPLICATE_STUDENT = "{} stands twice, in {}; keep one and upload again"
NO_STUDENT = "{}: names no student; write their id in it, under the key student, and upload it again"


def read_submissions(files: Iterable[UploadedFile], problem: Problem, report: UploadReport) -> Sequence[Submission]:
    """Return the submissions in files, which lie in a private folder only while they are read."""
    with tempfile.TemporaryDirectory(prefix="grader-upload-") as private:
        folder = Path(private)
        for file in unpack(files, report):
            _write_file(file, folder, report)
        try:
            reading = read(folder, problem)
        except InputError as error:
            report.broken += _without_folder([str(error.complaint)], folder)
            return ()
    report.broken += _without_folder(map(str, reading.errors), folder)
    report.remarks += _without_folder(map(str, reading.remarks), folder)
    certain = _certain(reading, report)
    report.refused += _unknown_blanks(certain, {blank.address for blank in problem.blanks})
    return certain


def _certain(reading: ReadResult, report: UploadReport) -> list[Submission]:
    """Return the submissions whose student is certain, and that are their student's only one."""
    certain = []
    for submission in reading.submissions:
        if submission.student.id in reading.duplicated:
            report.refused.append(
                DUPLICATE_STUDENT.format(submission.student.id, reading.duplicated[submission.student.id])
            )
        elif submission.source in reading.unnamed:
            report.refused.append(NO_STUDENT.format(submission.source))
        else:
            certain.append(submission)
    return certain


def _unknown_blanks(submissions: Iterable[Submission], blanks: Container[str]) -> Iterator[str]:
    for submission in submissions:
        for name, written in submission.answers.items():
            if name not in blanks and not is_blank(written):
                yield f"{submission.source}: {submission.student.id} answers {name[:80]!r}, which this problem does not ask"


def _write_file(file: UploadedFile, folder: Path, report: UploadReport) -> None:
    """Write one file under the last part of its name, which never leads out of the folder."""
    name = PurePosixPath(file.name.replace("\\", "/")).name.replace("\0", "")
    path = folder / name
    if name.startswith(".") or PurePosixPath(name).suffix.lower() not in READERS:
        endings = ", ".join([*READERS, ZIP_SUFFIX])
        report.broken.append(f"{name or 'a file without a name'}: is none of {endings}")
        return
    try:
        with path.open("xb") as out:
            while chunk := file.data.read(CHUNK_BYTES):
                out.write(chunk)
    except FileExistsError:
        report.broken.append(f"{name}: there are several files of this name; only the first was read")
    except OSError:
        report.broken.append(f"{name[:80]}: a file cannot have this name here")


def _without_folder(messages: Iterable[str], folder: Path) -> Iterator[str]:
    """Yield messages without the name of our folder, which says nothing to staff."""
    return (message.replace(f"{folder}/", "").replace(str(folder), UPLOAD_NAME) for message in messages)
