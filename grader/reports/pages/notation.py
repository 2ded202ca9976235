"""The notation sheet for students, in the terminal and as a page; with a problem, its names as well."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.formula.parsing.lexing.definitions import Definition
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.symbols import format_shape
from grader.formula.writing.latex import latex, name_tex
from grader.formula.writing.notation_sheet import sheet_sections
from grader.grading.problem import Problem
from grader.reports.rendering.templates import EMBEDDED, environment
from grader.reports.terminal.plain_maths import maths


@dataclass(frozen=True)
class Named:
    """A name of a problem: how it is typed, typeset, and its shape or what it stands for."""

    typed: tuple[str, ...]
    latex: str
    shape: str = ""
    stands: str = ""


def names(problem: Problem) -> tuple[Named, ...]:
    """Return the names that a problem declares: symbols with their shapes, definitions, letters for sizes."""
    words = Vocabulary(problem.symbols, {}, definitions=problem.definitions, sizes=problem.sizes)
    symbols = [
        Named((each, *symbol.also), name_tex(each, words), format_shape(symbol.shape) if symbol.shape else "number")
        for each, symbol in problem.symbols.items()
    ]
    defined = [_defined(each, definition, words) for each, definition in problem.definitions.items()]
    sizes = [Named((letter,), name_tex(letter, words), "", str(size)) for letter, size in problem.sizes.items()]
    return (*symbols, *defined, *sizes)


def _defined(each: str, definition: Definition, words: Vocabulary) -> Named:
    argument = f"({definition.argument})" if definition.argument else ""
    head = name_tex(each, words) + argument
    return Named((each + argument, *definition.also), head, "", latex(definition.value_as_written, words))


def print_notation(out: Console, problem: Problem | None = None) -> None:
    """Print the notation, with the names of a problem."""
    if problem is not None:
        table = _table("Names in " + problem.title, "type", "shown as", "shape", "stands for")
        for each in names(problem):
            table.add_row(
                escape("  ".join(each.typed)),
                escape(maths(each.latex)),
                each.shape,
                escape(maths(each.stands)) if each.stands else "",
            )
        out.print(table)
    for heading, lines in sheet_sections().items():
        table = _table(heading, "type", "shown as", "")
        for line in lines:
            table.add_row(escape("   ".join(line.typed)), escape(maths(line.latex)), escape(line.says))
        out.print(table)
    out.print("Names of NumPy and torch may have np., np.linalg., torch. or F. in front.")


def notation_page(problem: Problem | None = None) -> str:
    """Return the notation as an HTML page."""
    return (
        environment()
        .get_template("notation.html")
        .render(
            title=problem.title if problem else None,
            names=names(problem) if problem else (),
            sections=sheet_sections(),
            assets=EMBEDDED,
        )
    )


def _table(title: str, *columns: str) -> Table:
    table = Table(title=escape(title), title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, header_style="dim", overflow="fold")
    return table
