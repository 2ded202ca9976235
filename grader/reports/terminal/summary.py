"""Print what an instructor reads in the terminal: a progress bar, the marks table, and what needs a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from grader.core.errors import Complaint
from grader.core.points import format_points
from grader.core.printable import terminal_safe
from grader.grading.problem import Problem
from grader.grading.results import Result
from grader.grading.statistics import OUTCOMES

MAX_STUDENT_ROWS = 50
"""Students that are listed one by one; a larger class is summed up."""
MAX_LISTED_LINES = 12


@contextmanager
def progress_bar(total: int, quiet: bool, activity: str = "Grading") -> Iterator[Callable[[], None]]:
    """Show a bar on the standard error of a terminal while something long runs; yields the step to call."""
    console = Console(stderr=True, emoji=False)
    if quiet or not console.is_terminal:
        yield lambda: None
        return
    columns = (TextColumn(activity), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


def print_remarks(broken: Sequence[Complaint], notes: Sequence[Complaint]) -> None:
    """Print what could not be read, and what is worth knowing about the rest, on the standard error."""
    console = Console(stderr=True, soft_wrap=True, emoji=False)
    for title, style, lines in (("Not read", "bold red", broken), ("Note", "yellow", notes)):
        for line in lines[:MAX_LISTED_LINES]:
            console.print(f"[{style}]{title}:[/] {escape(terminal_safe(str(line)))}", highlight=False)
        if len(lines) > MAX_LISTED_LINES:
            console.print(f"[{style}]{title}:[/] and {len(lines) - MAX_LISTED_LINES} more, listed in index.html")


def print_summary(problem: Problem, results: Sequence[Result], out: Path) -> None:
    """Print the marks, the outcomes of each part, what a person should look at, and where the files are."""
    console = Console(highlight=False, emoji=False)
    if len(results) <= MAX_STUDENT_ROWS:
        console.print(marks_table(problem, results))
    console.print(outcomes_table(problem, results))
    needing_person = [result for result in results if result.status != "final"]
    for result in needing_person[:MAX_LISTED_LINES]:
        name = escape(terminal_safe(result.student.id))
        console.print(
            f"[yellow]{result.status}[/] {name}: {escape(terminal_safe(result.reasons or ''))}", soft_wrap=True
        )
    if len(needing_person) > MAX_LISTED_LINES:
        console.print(
            f"… and {len(needing_person) - MAX_LISTED_LINES} more that a person should look at, listed in index.html"
        )
    graded = [result.points for result in results if result.points is not None]
    mean = format_points(sum(graded, Fraction(0)) / len(graded)) if graded else "–"
    need = "1 needs" if len(needing_person) == 1 else f"{len(needing_person)} need"
    console.print(
        f"\n{len(graded)} of {len(results)} graded, mean {mean} of {format_points(problem.out_of)}; {need} a person."
    )
    console.print(f"Class page: {escape(str(out / 'index.html'))}", soft_wrap=True)
    console.print(f"Marks: {escape(str(out / 'marks.csv'))}; pages: {escape(str(out / 'students'))}", soft_wrap=True)


def marks_table(problem: Problem, results: Sequence[Result]) -> Table:
    """Return one row for each student: points by part, the total and whether it stands."""
    table = Table(title=escape(problem.title), title_justify="left")
    table.add_column("Student", overflow="ellipsis", max_width=24, no_wrap=True)
    for part in problem.parts:
        table.add_column(f"({part.id})", justify="right", min_width=4, no_wrap=True)
    table.add_column(f"of {format_points(problem.out_of)}", justify="right", style="bold", min_width=5, no_wrap=True)
    table.add_column("", no_wrap=True)
    for result in results:
        status = "" if result.status == "final" else f"[yellow]{result.status}[/]"
        points = [format_points(part.points) for part in result.parts]
        table.add_row(escape(terminal_safe(result.student.id)), *points, format_points(result.points), status)
    return table


def outcomes_table(problem: Problem, results: Sequence[Result]) -> Table:
    """Return one row for each part: how many answers had each outcome."""
    table = Table(title="Outcomes by part", title_justify="left")
    table.add_column("Part")
    for outcome in OUTCOMES:
        table.add_column(outcome, justify="right")
    for number, part in enumerate(problem.parts):
        counts = Counter(result.parts[number].outcome for result in results)
        table.add_row(f"({part.id})", *(str(counts[outcome]) if counts[outcome] else "·" for outcome in OUTCOMES))
    return table
