"""Files that staff upload: read as a batch reads them, with everything that is not sure told instead of taken."""

from __future__ import annotations

import tempfile
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from grader.core.errors import InputError
from grader.core.submission import Submission, is_blank
from grader.grading.problem import Problem
from grader.grading.readers import READERS, Reading, read
from grader.web.domain.uploads.archives import ZIP_SUFFIX, unpack
from grader.web.domain.uploads.report import UploadedFile, UploadReport

CHUNK = 1 << 20
UPLOAD_NAME = "the upload"
TWICE = "{} stands twice, in {}; keep one and upload again"
NOBODY = "{}: names no student; write their id in it, under the key student, and upload it again"


def read_submissions(files: Iterable[UploadedFile], problem: Problem, report: UploadReport) -> Sequence[Submission]:
    """Return the submissions in files, which lie in a private folder only while they are read."""
    with tempfile.TemporaryDirectory(prefix="grader-upload-") as private:
        folder = Path(private)
        for each in unpack(files, report):
            _put(each, folder, report)
        try:
            reading = read(folder, problem)
        except InputError as error:
            report.broken += _told([str(error.complaint)], folder)
            return ()
    report.broken += _told(map(str, reading.errors), folder)
    report.remarks += _told(map(str, reading.remarks), folder)
    sound = _sound(reading, report)
    report.refused += _strays(sound, {each.address for each in problem.blanks})
    return sound


def _sound(reading: Reading, report: UploadReport) -> list[Submission]:
    """Return the submissions of which it is sure whose they are, and that no other of theirs is meant."""
    sound = []
    for each in reading.submissions:
        if each.student.id in reading.duplicated:
            report.refused.append(TWICE.format(each.student.id, reading.duplicated[each.student.id]))
        elif each.source in reading.unnamed:
            report.refused.append(NOBODY.format(each.source))
        else:
            sound.append(each)
    return sound


def _strays(given: Iterable[Submission], blanks: Container[str]) -> Iterator[str]:
    for each in given:
        for name, written in each.answers.items():
            if name not in blanks and not is_blank(written):
                yield f"{each.source}: {each.student.id} answers {name[:80]!r}, which this problem does not ask"


def _put(file: UploadedFile, folder: Path, report: UploadReport) -> None:
    """Write one file under the last part of its name, which never leads out of the folder."""
    name = PurePosixPath(file.name.replace("\\", "/")).name.replace("\0", "")
    path = folder / name
    if name.startswith(".") or PurePosixPath(name).suffix.lower() not in READERS:
        endings = ", ".join([*READERS, ZIP_SUFFIX])
        report.broken.append(f"{name or 'a file without a name'}: is none of {endings}")
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
    return (each.replace(f"{folder}/", "").replace(str(folder), UPLOAD_NAME) for each in messages)
