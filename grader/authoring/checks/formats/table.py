"""The findings for people: a table of the problems, every finding with its place, and with ``verbose`` every claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.authoring.checks.findings import CHECKS, Report, Status, Summary, blanks
from grader.reports.rendering.typeset import printable

STATUSES: Sequence[tuple[Status, str]] = (
    ("proven", "green"), ("refuted", "bold red"), ("unproven", "yellow"), ("convention", "cyan"),
)  # fmt: skip


FEW = 4
"""Blanks that are named in a cell; of more their number is given."""


def show(reports: Sequence[Report], verbose: bool) -> None:
    """Print everything that was found."""
    console = Console(highlight=False, emoji=False)
    console.print(_table(reports))
    for report in reports:
        for finding in report.findings:
            style = "bold red" if finding.level == "error" else "yellow"
            where = escape(printable(_indented(str(finding.complaint))))
            console.print(f"[{style}]{finding.level}[/] [dim]{finding.check}[/] {where}", soft_wrap=True)
    for report in reports:
        _keys(console, report, verbose)
    console.print(f"\n{Summary.of(reports).sentence}", soft_wrap=True)


def _indented(text: str) -> str:
    """Set the later lines of a message in: at the beginning of a line some runners of CI take a text for a command."""
    return text.replace("\n", "\n    ")


def _table(reports: Sequence[Report]) -> Table:
    table = Table()
    table.add_column("Problem", overflow="fold")
    table.add_column("Findings")
    for status, style in STATUSES:
        table.add_column(status.capitalize(), style=style)
    for report in reports:
        known = blanks(report)
        cells = [_named([each for each, its in known.items() if its == status]) for status, _ in STATUSES]
        table.add_row(escape(printable(report.problem)), _found(report), *map(escape, cells))
    return table


def _named(addresses: Sequence[str]) -> str:
    return " ".join(addresses) if len(addresses) <= FEW else str(len(addresses))


def _found(report: Report) -> str:
    counts = Counter(finding.check for finding in report.findings)
    if not counts:
        return "[green]✓[/]"
    style = "bold red" if any(each.level == "error" for each in report.findings) else "yellow"
    return f"[{style}]✗ {', '.join(f'{counts[check]} {check}' for check in CHECKS if counts[check])}[/]"


def _keys(console: Console, report: Report, verbose: bool) -> None:
    """Print the conventions with their reasons, which nobody has proved; and if wanted the rest."""
    for proof in report.proofs:
        if verbose or proof.status == "convention":
            style = dict(STATUSES)[proof.status]
            claim = f" {proof.claim}:" if proof.claim else ""
            text = escape(printable(f"{report.problem} {proof.blank}{claim} {' '.join(proof.evidence.split())}"))
            console.print(f"[{style}]{proof.status}[/] {text}", soft_wrap=True)
    for note in report.notes if verbose else ():
        console.print(f"[dim]note[/] {escape(printable(f'{report.problem} {note}'))}", soft_wrap=True)
