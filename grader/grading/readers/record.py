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
from grader.grading.readers.values import nested, shown, typed

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
    margin = RemarkSink(source if isinstance(source, SourceLocation) else SourceLocation(source))
    if not isinstance(data, Mapping):
        margin.refuse("this is not a record with the keys student and answers")
    _refuse_misnamed(data, margin)
    student = _student(data.get("student"), margin)
    _remark_unknown(data, KEYS, (), margin)
    answers = Answers(addresses or Addresses(problem), margin, problem.id)
    if data.get("answers") is not None:
        answers.read(data["answers"])
    else:
        _hold_misnamed(data, answers)
    held = " ".join(answers.held) or None
    return Submission(student, problem.id, answers.written, str(margin.origin), held), tuple(margin.remarks)


def problem_of(data: Any) -> str | None:
    """Return the problem that a record says it answers, if it says so."""
    named = data.get("problem") if isinstance(data, Mapping) else None
    return None if named is None else typed(named).strip()


def names_nobody(data: Any) -> bool:
    """Whether a record leaves it to the name of its file whose it is."""
    named = data.get("student") if isinstance(data, Mapping) else None
    return named is None or (isinstance(named, Mapping) and named.get("id") is None)


def _student(named: Any, margin: RemarkSink) -> Student:
    if isinstance(named, (list, tuple)):
        margin.refuse("student is an id, or a mapping with id and name", ("student",))
    if not isinstance(named, Mapping):
        return Student(_id(named, margin))
    _remark_unknown(named, STUDENT_KEYS, ("student",), margin)
    name = named.get("name")
    known = "" if name is None else margin.text(name, "the student's name", ("student", "name")).strip()
    return Student(_id(named.get("id"), margin), known or None)


def _id(named: Any, margin: RemarkSink) -> str:
    if named is None:
        if margin.origin.stem is None:
            margin.refuse("no student is named here")
        return margin.origin.stem
    if nested(named):
        margin.refuse("the student's id is one text", ("student", "id"))
    found = margin.text(named, "the student's id", ("student",)).strip()
    if is_blank(found):
        margin.refuse("the student's id is empty", ("student",))
    return found


def _remark_unknown(fields: Mapping[str, Any], known: tuple[str, ...], path: Path, margin: RemarkSink) -> None:
    for key in fields:
        if key not in known:
            near = nearest(str(key)[:100], known)
            margin.remark(f"the key {shown(key)} is not known and was not read", (*path, key), near)


def _refuse_misnamed(fields: Mapping[str, Any], margin: RemarkSink) -> None:
    """Refuse a record whose student is under a misspelt key: its marks would go to somebody else."""
    for key in fields:
        if key not in KEYS and "student" not in fields and nearest(str(key)[:100], ("student",)):
            margin.refuse(f"the key {shown(key)} is not known; the student is under the key student", (key,))


def _hold_misnamed(fields: Mapping[str, Any], answers: Answers) -> None:
    """Hold a record without answers but with keys like them: a misspelt key must not cost all the marks."""
    for key in fields:
        if key not in KEYS and (nearest(str(key)[:100], ("answers",)) or answers.addresses.find(str(key))):
            answers.held.append(f"No answers were found in {answers.margin.origin}, only the key {shown(key)}.")
            return
    if strange := [key for key in fields if key not in KEYS]:
        answers.margin.refuse(f"there are no answers here, only the key {shown(strange[0])}", (strange[0],))
