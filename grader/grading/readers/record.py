"""One plain mapping in the contract's form becomes one ``Submission``; what is odd is remarked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from grader.core.errors import Complaint, nearest
from grader.core.files.strict_yaml import Path
from grader.core.submission import Student, Submission, is_blank
from grader.grading.readers.addresses import Addresses
from grader.grading.readers.answers import Answers
from grader.grading.readers.remarks import RemarkSink, SourceLocation
from grader.grading.readers.values import as_text, is_nested, quoted

if TYPE_CHECKING:
    from grader.grading.problem import Problem

KEYS = ("student", "problem", "answers")
STUDENT_KEYS = ("id", "name")


def parse_submission(
    data: Any, problem: Problem, source: str | SourceLocation, addresses: Addresses | None = None
) -> tuple[Submission, tuple[Complaint, ...]]:
    """Return the submission that one record holds, and remarks on it.

    ``source`` names it in messages; a record that holds no submission is an ``InputError``.
    """
    remarks = RemarkSink(source if isinstance(source, SourceLocation) else SourceLocation(source))
    if not isinstance(data, Mapping):
        remarks.refuse("this is not a record with the keys student and answers")
    _refuse_misnamed(data, remarks)
    student = _student(data.get("student"), remarks)
    _remark_unknown(data, KEYS, (), remarks)
    answers = Answers(addresses or Addresses(problem), remarks, problem.id)
    if data.get("answers") is not None:
        answers.read(data["answers"])
    else:
        _hold_misnamed(data, answers)
    reason = " ".join(answers.held_reasons) or None
    return Submission(student, problem.id, answers.written, str(remarks.origin), reason), tuple(remarks.complaints)


def problem_of(data: Any) -> str | None:
    """Return the problem that a record says it answers, if it says so."""
    named = data.get("problem") if isinstance(data, Mapping) else None
    return None if named is None else as_text(named).strip()


def has_no_student(data: Any) -> bool:
    """True if only the name of its file can tell whose record it is."""
    named = data.get("student") if isinstance(data, Mapping) else None
    return named is None or (isinstance(named, Mapping) and named.get("id") is None)


def _student(named: Any, remarks: RemarkSink) -> Student:
    if isinstance(named, (list, tuple)):
        remarks.refuse("student is an id, or a mapping with id and name", ("student",))
    if not isinstance(named, Mapping):
        return Student(_id(named, remarks))
    _remark_unknown(named, STUDENT_KEYS, ("student",), remarks)
    name = named.get("name")
    text = "" if name is None else remarks.text(name, "the student's name", ("student", "name")).strip()
    return Student(_id(named.get("id"), remarks), text or None)


def _id(named: Any, remarks: RemarkSink) -> str:
    if named is None:
        if remarks.origin.stem is None:
            remarks.refuse("no student is named here")
        return remarks.origin.stem
    if is_nested(named):
        remarks.refuse("the student's id is one text", ("student", "id"))
    id = remarks.text(named, "the student's id", ("student",)).strip()
    if is_blank(id):
        remarks.refuse("the student's id is empty", ("student",))
    return id


def _remark_unknown(fields: Mapping[str, Any], known: tuple[str, ...], path: Path, remarks: RemarkSink) -> None:
    for key in fields:
        if key not in known:
            near = nearest(str(key)[:100], known)
            remarks.add(f"the key {quoted(key)} is not known and was not read", (*path, key), near)


def _refuse_misnamed(fields: Mapping[str, Any], remarks: RemarkSink) -> None:
    """Refuse a record whose student is under a misspelt key: its marks would go to somebody else."""
    for key in fields:
        if key not in KEYS and "student" not in fields and nearest(str(key)[:100], ("student",)):
            remarks.refuse(f"the key {quoted(key)} is not known; the student is under the key student", (key,))


def _hold_misnamed(fields: Mapping[str, Any], answers: Answers) -> None:
    """Hold a record without answers but with keys like them: a misspelt key must not cost all the marks."""
    for key in fields:
        if key not in KEYS and (nearest(str(key)[:100], ("answers",)) or answers.addresses.find(str(key))):
            answers.held_reasons.append(
                f"No answers were found in {answers.remarks.origin}, only the key {quoted(key)}."
            )
            return
    if strange := [key for key in fields if key not in KEYS]:
        answers.remarks.refuse(f"there are no answers here, only the key {quoted(strange[0])}", (strange[0],))
