"""Attachments, programs in files beside the answers: ``s017.b.py`` for one blank, ``s017.py`` for all whose functions it defines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from grader.core.errors import nearest
from grader.core.submission import Student, Submission, is_blank
from grader.core.text_limits import MAX_TEXT_CHARACTERS
from grader.grading.readers.addresses import Addresses
from grader.kinds.code.program import Program

if TYPE_CHECKING:
    from grader.grading.problem import Problem


@dataclass(frozen=True)
class Attachment:
    """One program, the student and the blanks that it is for."""

    student: str
    addresses: tuple[str, ...]
    text: str
    file: str


def attachment_of(stem: str, text: str, file: str, problem: Problem, addresses: Addresses) -> Attachment:
    """Find out what a program is for, from the name of its file or from its functions."""
    names = {blank.address: blank.spec.function_name for blank in problem.blanks if blank.spec.function_name}
    for place in (place for place, letter in enumerate(stem) if letter == "."):
        address = addresses.find(stem[place + 1 :])
        if place and address is not None:
            return Attachment(stem[:place], (address,), text, file)
    return Attachment(
        stem, tuple(_blanks_of(names, set(Program(text[:MAX_TEXT_CHARACTERS]).function_names))), text, file
    )


def _blanks_of(names: Mapping[str, str], defined: set[str]) -> list[str]:
    """Return the blanks whose functions are defined, or misspelt: a misspelt one must not pass for one left out."""
    others = defined - set(names.values())
    meant = [address for address, name in names.items() if name in defined or nearest(name, others)]
    return meant or list(names)


def attach_programs(
    submissions: Iterable[Submission], programs: Iterable[Attachment], problem: Problem
) -> list[Submission]:
    """Return the submissions with their programs: by the student's id, or by the name of the file that was submitted."""
    with_programs = list(submissions)
    for program in programs:
        at = next((place for place, each in enumerate(with_programs) if program.student in _names(each)), None)
        if at is None:
            with_programs.append(Submission(Student(program.student), problem.id, source=program.file))
            at = len(with_programs) - 1
        with_programs[at] = _with(with_programs[at], program)
    return with_programs


def _names(submission: Submission) -> tuple[str, str]:
    return submission.student.id, PurePath(submission.source).stem


def _with(submission: Submission, program: Attachment) -> Submission:
    answers, reasons = dict(submission.answers), [submission.held_reason] if submission.held_reason else []
    for address in program.addresses:
        if not is_blank(answers.get(address)) and answers[address] != program.text:
            answers[f"{address} (again)"] = program.text
            reasons.append(
                f"Two different answers to {address}, in {submission.source} and {program.file}. Keep one and grade again."
            )
        else:
            answers[address] = program.text
    return replace(submission, answers=answers, held_reason=" ".join(reasons) or None)
