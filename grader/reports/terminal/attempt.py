"""What someone who tries a problem reads in the terminal: the question, how an answer was read, and the verdict on it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.padding import Padding

from grader.core.points import format_points
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
from grader.reports.terminal.summary import printable

WORDS = {
    "correct": "[bold green]✓ correct[/]",
    "partial": "[bold yellow]◐ partly correct[/]",
    "incorrect": "[bold red]✗ incorrect[/]",
    "unreadable": "[bold yellow]? could not be read[/]",
    "ungraded": "[bold yellow]… not decided[/]",
    "blank": "[dim]– nothing written[/]",
}
WIDTH = 100
"""Columns that prose fills at most."""


def console() -> Console:
    """Return the standard output, not wider than prose can be read."""
    made = Console(highlight=False, emoji=False)
    made.width = min(made.width, WIDTH)
    return made


def title(out: Console, problem: Problem) -> None:
    """Print the problem's title and what stands before its parts."""
    out.print(f"\n[bold]{escape(problem.title)}[/]  {format_points(problem.out_of)} points\n")
    if problem.intro:
        out.print(Markdown(prose(problem.intro)))


def question(out: Console, part: Part) -> None:
    """Print what a part asks."""
    points = format_points(part.out_of)
    out.print(f"\n[bold cyan]({part.id})[/] [dim]{points} point{'s' * (points != '1')}[/]")
    out.print(Markdown(prose(part.ask)))


def blank(out: Console, each: Blank, public: Public) -> None:
    """Print what one blank takes: its label, its options, the names that may be used."""
    if public.label:
        out.print(f"  {escape(_inline(public.label))}  [dim]{each.address}[/]")
    for option in public.options:
        out.print(f"  [bold]{option.letter}[/]  {escape(_inline(option.says))}")
    if each.spec.program and public.kind == "function":
        out.print(Padding(f"[dim]{escape(public.how)} ? says how to end it.[/]", (0, 0, 0, 2)))
    if public.symbols:
        names = ", ".join(
            f"{name} {format_shape(symbol.shape) if symbol.shape else ''}".strip()
            for name, symbol in public.symbols.items()
        )
        out.print(Padding(f"[dim]You may use {escape(names)}.[/]", (0, 0, 0, 2)))
    for name, value in public.definitions.items():
        out.print(Padding(f"[dim]{escape(name)} stands for {escape(maths(value))}.[/]", (0, 0, 0, 2)))


def verdict(out: Console, result: BlankResult, read: str | None) -> None:
    """Print how an answer was read, with its shape, and then what it earned and why; ``read`` is None if it was not."""
    given = result.verdict
    lines = [("read as", read_as(read))] if read else []
    lines += [("shape", check) for check in _shapes(given)]
    for name, text in lines:
        out.print(f"  [dim]{name:8}[/] {escape(printable(text))}", soft_wrap=True)
    _marked(out, result)
    if given.review and given.outcome not in ("unreadable", "blank"):
        out.print(
            f"  {WORDS['ungraded']}: a person will look at this. {escape(printable(given.review))}",
            soft_wrap=True,
        )
        return
    points = (
        f", {format_points(result.points)} of {format_points(result.out_of)}"
        if given.outcome in ("correct", "partial")
        else ""
    )
    out.print(f"  {WORDS[given.outcome]}{points}")
    for line in _reasons(given):
        out.print(Padding(escape(printable(line)), (0, 0, 0, 4)))


def _inline(markdown: str) -> str:
    return prose(markdown).replace("\\", "").strip()


def _shapes(given: Verdict) -> Iterator[str]:
    for finding in given.findings:
        if isinstance(finding, Shape) and (finding.check or finding.got):
            general = f", in general {finding.letters}" if finding.letters else ""
            yield f"{finding.check or finding.got}{general}"


def _marked(out: Console, result: BlankResult) -> None:
    """Mark the place in the answer that a finding is about."""
    spans = (getattr(finding, "span", None) for finding in result.verdict.findings)
    span = next((span for span in spans if span), None)
    text = result.written if isinstance(result.written, str) else ""
    if span is None:
        return
    begin = text.rfind("\n", 0, span[0]) + 1
    span, text = (span[0] - begin, span[1] - begin), text[begin:].partition("\n")[0]
    if not text.isprintable() or len(text) > WIDTH:
        return
    out.print(f"  [dim]{'at':8}[/] {escape(text)}", soft_wrap=True)
    out.print(f"  {'':8} {' ' * span[0]}[red]{'^' * max(span[1] - span[0], 1)}[/]", soft_wrap=True)


def _reasons(given: Verdict) -> Iterator[str]:
    if given.reason:
        yield given.reason
    for finding in given.findings:
        yield from filter(None, _told(finding))


def _told(finding: Finding) -> Iterator[str]:
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
