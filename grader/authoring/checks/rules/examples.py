"""``examples.yaml``: answers with what they must get, kept beside the problem and tried against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import ValidationError

from grader.core.errors import Complaint, InputError, SpecError, nearest
from grader.core.files import strict_yaml
from grader.core.files.contained_files import decode_text, read_contained
from grader.core.points import Credit
from grader.core.submission import Written
from grader.core.verdict import Mistake, Outcome, Verdict
from grader.grading.grade import judge
from grader.grading.problem import PreparedProblem, Problem
from grader.kinds.base.frozen import FrozenModel

EXAMPLES = "examples.yaml"
Expectation = Outcome | Literal["review"]
EXPECTATIONS: tuple[str, ...] = (*get_args(Outcome), "review")
FIELD_MESSAGES = {  # What each field of an example must be; "" is the example itself.
    "answer": "an answer is a text or a list of texts; '' is one left blank",
    "expect": f"what must come out is one of {', '.join(EXPECTATIONS)}",
    "credit": "a credit is a number from 0 to 1, such as 0.5 or 1/3",
    "mistake": "a mistake is named by its id",
    "": "an example is written {answer: …, expect: …}",
}
MAX_SHOWN_ANSWER_CHARACTERS = 80


@dataclass(frozen=True)
class Example:
    """One answer to one blank and what it must get: an outcome, or ``review`` for whatever a person must look at.

    ``credit`` and ``mistake`` are held against the verdict only where the author gives them.
    """

    address: str
    answer: Written
    expect: Expectation
    credit: Fraction | None = None
    mistake: str | None = None
    line: int | None = None
    column: int | None = None
    file: str = EXAMPLES


class _Entry(FrozenModel):
    """An example as its author writes it."""

    answer: str | tuple[str, ...]
    expect: Expectation
    credit: Credit | None = None
    mistake: str | None = None


def load_examples(folder: Path, problem: Problem) -> tuple[Example, ...]:
    """Read the examples beside a problem; SpecError holds everything that is wrong with the file."""
    file = folder / EXAMPLES
    try:
        document = strict_yaml.load(_text(file), str(file), texts=True)
    except InputError as error:
        raise SpecError([error.complaint]) from error
    reading = _ExampleFile(str(file), document, [])
    examples = tuple(reading.examples([blank.address for blank in problem.blanks]))
    if reading.complaints:
        raise SpecError(sorted(reading.complaints, key=lambda c: (c.line or 0, c.column or 0)))
    return examples


def run_examples(prepared: PreparedProblem, examples: Iterable[Example]) -> tuple[Complaint, ...]:
    """Try every example and complain of each that did not get what it must."""
    complaints = []
    for example in examples:
        verdict = judge(prepared.prepared_blanks[example.address], example.answer)
        if not is_met(example, verdict):
            should = (
                f"{_quoted(example.answer)} should be {_expected_text(example)} but is {_actual_text(example, verdict)}"
            )
            message = f"{example.address}: {should}"
            complaints.append(Complaint(example.file, message, example.line, example.column))
    return tuple(complaints)


def is_met(example: Example, verdict: Verdict) -> bool:
    """Whether a verdict is what the example must get."""
    if example.expect == "review":
        right = verdict.review is not None or verdict.outcome == "unreadable"
    else:
        right = verdict.outcome == example.expect
    return right and example.credit in (None, verdict.credit) and example.mistake in (None, *named_mistakes(verdict))


def named_mistakes(verdict: Verdict) -> list[str]:
    """Return the ids of the mistakes that a verdict names."""
    return [finding.id for finding in verdict.findings if isinstance(finding, Mistake)]


def _quoted(answer: Written) -> str:
    shown = repr(answer) if isinstance(answer, str) else f"[{', '.join(answer)}]"
    return shown if len(shown) <= MAX_SHOWN_ANSWER_CHARACTERS else f"{shown[: MAX_SHOWN_ANSWER_CHARACTERS - 1]}…"


def _expected_text(example: Example) -> str:
    word = "for a person to review" if example.expect == "review" else example.expect
    return _with_details(word, [str(each) for each in (example.credit, example.mistake) if each is not None])


def _actual_text(example: Example, verdict: Verdict) -> str:
    if verdict.outcome in ("unreadable", "ungraded"):
        return f"{verdict.outcome}: {verdict.reason if verdict.outcome == 'unreadable' else verdict.staff_review}"
    credit = [] if example.credit is None else [str(verdict.credit)]
    mistakes = [] if example.mistake is None else named_mistakes(verdict) or ["no mistake named"]
    waits = f", and for a person to review: {verdict.review}" if verdict.review else ""
    return _with_details(verdict.outcome, credit + mistakes) + waits


def _with_details(word: str, details: list[str]) -> str:
    return f"{word} ({', '.join(details)})" if details else word


def _text(file: Path) -> str:
    try:
        return decode_text(read_contained(file.parent, file.name))
    except UnicodeDecodeError as error:
        raise InputError(Complaint(str(file), f"is not UTF-8 text (byte {error.start})")) from error
    except OSError as error:
        raise InputError(Complaint(str(file), f"cannot be read: {error.strerror}")) from error


@dataclass(frozen=True)
class _ExampleFile:
    """One file being read: what is wrong with it is gathered, so that all of it is told at once."""

    file: str
    document: strict_yaml.Document
    complaints: list[Complaint]

    def examples(self, addresses: list[str]) -> Iterator[Example]:
        if not isinstance(self.document.data, dict):
            self.complain((), "the addresses of blanks, each with its examples, are needed here")
            return
        for address, entries in self.document.data.items():
            if address not in addresses:
                hint = nearest(address, addresses)
                self.complain((address,), f"there is no blank {address!r} in the problem", hint, at_key=True)
            elif not isinstance(entries, list):
                self.complain((address,), "a list of examples is needed here, each beginning with -")
            else:
                yield from self.examples_of_blank(address, entries)

    def examples_of_blank(self, address: str, entries: list[Any]) -> Iterator[Example]:
        for number, data in enumerate(entries):
            try:
                entry = _Entry.model_validate(data)
            except ValidationError as error:
                self.explain((address, number), error)
                continue
            line, column = self.document.place((address, number))
            yield Example(address, entry.answer, entry.expect, entry.credit, entry.mistake, line, column, self.file)

    def explain(self, path: strict_yaml.Path, error: ValidationError) -> None:
        kinds = {detail["loc"][:1]: detail["type"] for detail in error.errors()}
        for field, kind in kinds.items():
            name = str(*field)
            if kind == "missing":
                self.complain(path, f"`{name}` is missing")
            elif kind == "extra_forbidden":
                self.complain(
                    (*path, *field), f"`{name}` is not known here", nearest(name, FIELD_MESSAGES), at_key=True
                )
            else:
                given = self.document.data[path[0]][path[1]].get(name) if name else None
                hint = nearest(str(given), EXPECTATIONS) if name == "expect" else None
                self.complain((*path, *field), FIELD_MESSAGES[name], hint)

    def complain(
        self, path: strict_yaml.Path, message: str, suggestion: str | None = None, at_key: bool = False
    ) -> None:
        line, column = (self.document.key_place if at_key else self.document.place)(path)
        self.complaints.append(Complaint(self.file, message, line, column, suggestion))
