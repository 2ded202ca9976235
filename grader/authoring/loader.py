"""Reading ``problems/<id>/`` into a ``Problem``, with every mistake at once, each with its place."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from grader.authoring.reference_functions import PROCESS_RUNS, ReferenceFunctions, ReferenceRuns
from grader.authoring.schema import SINGLE_BLANK, ProblemSpec, texts
from grader.authoring.schema_errors import SchemaError, existing_path, schema_errors
from grader.core.errors import Complaint, InputError, SpecError, Unreadable, nearest
from grader.core.files import strict_yaml
from grader.core.files.contained_files import decode_text, read_contained
from grader.core.points import format_points
from grader.formula.parsing.lexing.definitions import Definition
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.read_definitions import define
from grader.formula.symbols import in_numbers, letters
from grader.grading.problem import Blank, Part, Problem
from grader.kinds.base.context import BlankSpecError, no_program, no_reference
from grader.reports.rendering import figures

SPEC = "problem.yaml"
REFERENCE = "reference.py"
RESERVED = frozenset(("student", "id", "name", "problem", "total", "status", "review"))


@dataclass(frozen=True)
class SpecFile:
    """An opened ``problem.yaml``: turns what is wrong at a path into a complaint with line and column."""

    name: str
    document: strict_yaml.Document

    def complaint(self, wrong: SchemaError) -> Complaint:
        """Return the complaint with its place in the file."""
        place = self.document.key_place if wrong.at_key else self.document.place
        line, column = place(existing_path(self.document.data, wrong.path)[0])
        return Complaint(self.name, wrong.message, line, column, wrong.suggestion)


@dataclass(frozen=True)
class ProblemFiles:
    """A problem with the files that it was read from: for whoever has more to say about them."""

    problem: Problem
    spec_file: SpecFile
    spec: ProblemSpec
    references: ReferenceFunctions | None


def load_problem(path: str | Path) -> Problem:
    """Read one problem's folder (or its ``problem.yaml``).

    Raises SpecError with everything that is wrong with it, each as ``file:line:column: …``.
    """
    return open_problem(path).problem


def open_problem(path: str | Path, runs: ReferenceRuns = PROCESS_RUNS) -> ProblemFiles:
    """Read one problem's folder as ``load_problem`` does, and return it with its files, for further complaints about them."""
    path = Path(path)
    folder = path.parent if path.name == SPEC else path
    file, source = _open(folder)
    spec = _validate(file)
    reference = _read_text(folder, REFERENCE) if os.path.lexists(folder / REFERENCE) else None
    _check_compiles(folder / REFERENCE, reference or "")
    program = None if reference is None else ReferenceFunctions(reference, spec.symbols, spec.sizes, runs)
    wrong: list[SchemaError] = []
    pictures = _read_figures(folder, spec, wrong)
    letters_wrong = _letter_errors(spec)
    wrong += [*_name_errors(spec), *letters_wrong, *_points_errors(spec)]
    definitions = {} if letters_wrong else _read_definitions(spec, wrong)
    problem = Problem(
        id=folder.resolve().name,
        title=spec.title,
        parts=tuple(_part(number, part) for number, part in enumerate(spec.parts)),
        intro=spec.intro,
        topics=spec.topics,
        difficulty=spec.difficulty,
        symbols=spec.symbols,
        sizes=spec.sizes,
        definitions=definitions,
        reveal=spec.reveal,
        figures=pictures,
        model=spec.model,
        other_sizes=spec.other_sizes,
        record=program or no_reference,
        run=program.run if program else no_program,
        hash=_hash(source, reference or "", pictures),
    )
    if not (letters_wrong and spec.definitions):  # Without its definitions every blank that uses one would be accused.
        wrong += _preparation_errors(problem)
    if wrong:
        raise _spec_error(file, wrong)
    return ProblemFiles(problem, file, spec, program)


def _open(folder: Path) -> tuple[SpecFile, str]:
    file = folder / SPEC
    if not os.path.lexists(file):
        near = nearest(folder.name, (each.name for each in folder.parent.glob("*") if (each / SPEC).is_file()))
        raise SpecError([Complaint(str(folder), f"there is no {SPEC} here", suggestion=near)])
    source = _read_text(folder, SPEC)
    try:
        return SpecFile(str(file), strict_yaml.load(source, str(file))), source
    except InputError as error:
        raise SpecError([error.complaint]) from error


def _check_compiles(path: Path, source: str) -> None:
    """Complain of a file that is no Python, before every blank that uses it does."""
    try:
        compile(source, str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:  # A null byte is a ValueError in some versions of Python.
        line, column = (getattr(error, name, None) for name in ("lineno", "offset"))
        message = f"this is no Python: {getattr(error, 'msg', error)}"
        raise SpecError([Complaint(str(path), message, line, column)]) from error


def _read_text(folder: Path, name: str) -> str:
    try:
        return decode_text(read_contained(folder, name))
    except UnicodeDecodeError as error:
        raise SpecError([Complaint(str(folder / name), f"is not UTF-8 text (byte {error.start})")]) from error
    except OSError as error:
        raise SpecError([Complaint(str(folder / name), f"cannot be read: {error.strerror}")]) from error


def _validate(file: SpecFile) -> ProblemSpec:
    try:
        return ProblemSpec.model_validate(file.document.data)
    except ValidationError as error:
        raise _spec_error(file, schema_errors(error, file.document.data)) from error


def _spec_error(file: SpecFile, wrong: Iterable[SchemaError]) -> SpecError:
    """Return every complaint once, in the order of the file."""
    complaints = dict.fromkeys(file.complaint(each) for each in wrong)
    return SpecError(sorted(complaints, key=lambda complaint: (complaint.line or 0, complaint.column or 0)))


def _part(number: int, part: Any) -> Part:
    blanks = []
    for name, spec in part.blanks.items():
        single = name == SINGLE_BLANK
        place = ("parts", number) if single else ("parts", number, "blanks", name)
        blanks.append(Blank(part.id if single else f"{part.id}.{name}", spec, place))
    return Part(part.id, part.ask, tuple(blanks), part.solution)


def _name_errors(spec: ProblemSpec) -> list[SchemaError]:
    first: dict[str, int] = {}
    wrong = []
    for number, part in enumerate(spec.parts):
        if part.id in RESERVED:
            wrong.append(
                SchemaError(("parts", number, "id"), f"a part cannot be called {part.id!r}: tables have that column")
            )
        if first.setdefault(part.id, number) != number:
            wrong.append(SchemaError(("parts", number, "id"), f"there are two parts {part.id!r}"))
        bad = [name for name in part.blanks if name != SINGLE_BLANK and not name.replace("_", "a").isalnum()]
        for name in bad:
            message = f"a blank is named with letters, digits and _, not {name!r}"
            wrong.append(SchemaError(("parts", number, "blanks", name), message, at_key=True))
    return wrong


def _letter_errors(spec: ProblemSpec) -> list[SchemaError]:
    wrong = []
    declared = [("symbols", *each) for each in spec.symbols.items()]
    declared += [("model", *each) for each in spec.model.items()]
    for section, name, symbol in declared:
        if section == "model" and name in spec.symbols:
            wrong.append(SchemaError(("model", name), f"{name!r} is a symbol already", at_key=True))
        for axis, dim in enumerate(symbol.shape):
            for letter in letters((dim,)):
                if letter not in spec.sizes:
                    message = f"the letter {letter!r} has no size; give it one under sizes"
                    near = nearest(letter, spec.sizes)
                    wrong.append(SchemaError((section, name, "shape", axis), message, near))
    for number, sizes in enumerate(spec.other_sizes):
        for letter in sizes:
            if letter not in spec.sizes:
                place = ("other_sizes", number, letter)
                message = f"{letter!r} is no letter of sizes"
                wrong.append(SchemaError(place, message, nearest(letter, spec.sizes), at_key=True))
    return wrong


def _points_errors(spec: ProblemSpec) -> list[SchemaError]:
    """Hold what an author says that points add up to against what they do."""
    wrong = []
    totals = []
    for number, part in enumerate(spec.parts):
        totals.append(sum((blank.points for blank in part.blanks.values()), Fraction(0)))
        if part.out_of not in (None, totals[-1]):
            said = f"the blanks of this part add up to {format_points(totals[-1])} points, not to {format_points(part.out_of)}"
            wrong.append(SchemaError(("parts", number, "out_of"), said))
    if spec.out_of not in (None, total := sum(totals, Fraction(0))):
        said = f"the parts add up to {format_points(total)} points, not to {format_points(spec.out_of)}"
        wrong.append(SchemaError(("out_of",), said))
    return wrong


def _read_definitions(spec: ProblemSpec, wrong: list[SchemaError]) -> dict[str, Definition]:
    """Read the definitions in their order; each may use those before it."""
    shapes = {name: in_numbers(symbol.shape, spec.sizes) for name, symbol in spec.symbols.items()}
    found: dict[str, Definition] = {}
    for head, given in spec.definitions.items():
        words = Vocabulary(spec.symbols, shapes, "elementwise", (), dict(found), spec.sizes)
        try:
            definition = define(head, given.is_, words, given.tex, given.also)
        except Unreadable as error:
            wrong.append(SchemaError(("definitions", head), error.message, at_key=error.span is None))
        else:
            found[definition.name] = definition
    return found


def _preparation_errors(problem: Problem) -> list[SchemaError]:
    wrong = []
    for blank in problem.blanks:
        try:
            blank.spec.prepare(problem.context(blank))
        except BlankSpecError as error:
            wrong.append(SchemaError((*blank.place, *error.field), error.message, error.suggestion))
        except KeyError:
            continue  # A letter without a size, which is complained about where it is declared.
    return wrong


def _read_figures(folder: Path, spec: ProblemSpec, wrong: list[SchemaError]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for place, text in texts(spec):
        for alternative, name in figures.picture_references(text):
            if not alternative:
                wrong.append(SchemaError(place, f"the picture {name!r} needs a text for those who cannot see it"))
            try:
                found[name] = figures.read_picture(folder, name)
            except ValueError as error:
                wrong.append(SchemaError(place, str(error)))
        if figures.REFERENCED.search(text):
            wrong.append(SchemaError(place, "write a picture as ![what it shows](file.png)"))
    return found


def _hash(spec: str, reference: str, pictures: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for data in (spec.encode(), reference.encode(), *(data for _, data in sorted(pictures.items()))):
        digest.update(hashlib.sha256(data).digest())
    return digest.hexdigest()
