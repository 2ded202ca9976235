"""Print a problem and the verdicts on answers to it, for someone who practises in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.padding import Padding

from grader.core.points import format_points
from grader.core.printable import terminal_safe
from grader.core.verdict import (
    Checks,
    Counterexample,
    Evidence,
    Finding,
    Mistake,
    Note,
    Options,
    PublicExample,
    Shape,
    Verdict,
)
from grader.formula.symbols import format_shape
from grader.grading.problem import Blank, Part, Problem
from grader.grading.results import BlankResult
from grader.kinds.base.public import Public
from grader.reports.terminal.plain_maths import maths, prose, read_as

OUTCOME_LABELS = {
    "correct": "[bold green]✓ correct[/]",
    "partial": "[bold yellow]◐ partly correct[/]",
    "incorrect": "[bold red]✗ incorrect[/]",
    "unreadable": "[bold yellow]? could not be read[/]",
    "ungraded": "[bold yellow]… not decided[/]",
    "blank": "[dim]– nothing written[/]",
}
MAX_COLUMNS = 100
"""Columns that prose fills at most."""


def console() -> Console:
    """Return the standard output, not wider than prose can be read."""
    out = Console(highlight=False, emoji=False)
    out.width = min(out.width, MAX_COLUMNS)
    return out


def print_title(out: Console, problem: Problem) -> None:
    """Print the problem's title and what stands before its parts."""
    out.print(f"\n[bold]{escape(problem.title)}[/]  {format_points(problem.out_of)} points\n")
    if problem.intro:
        out.print(Markdown(prose(problem.intro)))


def print_question(out: Console, part: Part) -> None:
    """Print what a part asks."""
    points = format_points(part.out_of)
    out.print(f"\n[bold cyan]({part.id})[/] [dim]{points} point{'s' * (points != '1')}[/]")
    out.print(Markdown(prose(part.ask)))


def print_blank(out: Console, blank: Blank, public: Public) -> None:
    """Print what one blank takes: its label, its options, the names that may be used."""
    if public.label:
        out.print(f"  {escape(_inline(public.label))}  [dim]{blank.address}[/]")
    for option in public.options:
        out.print(f"  [bold]{option.letter}[/]  {escape(_inline(option.says))}")
    if blank.spec.function_name and public.kind == "function":
        out.print(Padding(f"[dim]{escape(public.instructions)} ? says how to end it.[/]", (0, 0, 0, 2)))
    if public.symbols:
        names = ", ".join(
            f"{name} {format_shape(symbol.shape) if symbol.shape else ''}".strip()
            for name, symbol in public.symbols.items()
        )
        out.print(Padding(f"[dim]You may use {escape(names)}.[/]", (0, 0, 0, 2)))
    for name, value in public.definitions.items():
        out.print(Padding(f"[dim]{escape(name)} stands for {escape(maths(value))}.[/]", (0, 0, 0, 2)))


def print_verdict(out: Console, result: BlankResult, read: str | None) -> None:
    """Print how an answer was read, with its shape, and then what it earned and why; ``read`` is None if it was not."""
    verdict = result.verdict
    lines = [("read as", read_as(read))] if read else []
    lines += [("shape", check) for check in _shapes(verdict)]
    for name, text in lines:
        out.print(f"  [dim]{name:8}[/] {escape(terminal_safe(text))}", soft_wrap=True)
    _print_marker(out, result)
    if verdict.review and verdict.outcome not in ("unreadable", "blank"):
        out.print(
            f"  {OUTCOME_LABELS['ungraded']}: a person will look at this. {escape(terminal_safe(verdict.review))}",
            soft_wrap=True,
        )
        return
    points = (
        f", {format_points(result.points)} of {format_points(result.out_of)}"
        if verdict.outcome in ("correct", "partial")
        else ""
    )
    out.print(f"  {OUTCOME_LABELS[verdict.outcome]}{points}")
    for line in _explanation(verdict):
        out.print(Padding(escape(terminal_safe(line)), (0, 0, 0, 4)))


def _inline(markdown: str) -> str:
    return prose(markdown).replace("\\", "").strip()


def _shapes(verdict: Verdict) -> Iterator[str]:
    for finding in verdict.findings:
        if isinstance(finding, Shape) and (finding.check or finding.got):
            general = f", in general {finding.letters}" if finding.letters else ""
            yield f"{finding.check or finding.got}{general}"


def _print_marker(out: Console, result: BlankResult) -> None:
    """Mark the place in the answer that a finding is about."""
    spans = (getattr(finding, "span", None) for finding in result.verdict.findings)
    span = next((span for span in spans if span), None)
    text = result.written if isinstance(result.written, str) else ""
    if span is None:
        return
    begin = text.rfind("\n", 0, span[0]) + 1
    span, text = (span[0] - begin, span[1] - begin), text[begin:].partition("\n")[0]
    if not text.isprintable() or len(text) > MAX_COLUMNS:
        return
    out.print(f"  [dim]{'at':8}[/] {escape(text)}", soft_wrap=True)
    out.print(f"  {'':8} {' ' * span[0]}[red]{'^' * max(span[1] - span[0], 1)}[/]", soft_wrap=True)


def _explanation(verdict: Verdict) -> Iterator[str]:
    if verdict.reason:
        yield verdict.reason
    for finding in verdict.findings:
        yield from filter(None, _finding_lines(finding))


def _finding_lines(finding: Finding) -> Iterator[str]:
    if isinstance(finding, Counterexample):
        inputs = ", ".join(f"{maths(name)} = {maths(value)}" for name, value in finding.inputs)
        expected = f", and should be {maths(finding.expected)}" if finding.expected else ""
        yield f"Try {inputs}: your answer gives {maths(finding.yours)}{expected}."
        yield finding.sentence
    elif isinstance(finding, PublicExample):
        inputs = ", ".join(f"{maths(name)} = {maths(value)}" for name, value in finding.inputs)
        got = finding.sentence if finding.yours is None else f"your function gives {maths(finding.yours)}"
        should = "" if finding.right else f", and should give {maths(finding.expected)}"
        yield f"{'✓' if finding.right else '✗'} The example, {inputs}: {got}{should}."
        yield f"It printed: {finding.printed.strip()}" if finding.printed.strip() else ""
    elif isinstance(finding, Checks):
        for check in finding.checks:
            why = f": {check.why}{check.asked}" if check.why else ""
            yield f"{'✓' if check.passed else '✗'} {_inline(check.says)}{why}"
    elif isinstance(finding, Note) and finding.span:
        return
    elif isinstance(finding, Shape | Mistake | Options | Note | Evidence):
        yield _inline(finding.sentence)
