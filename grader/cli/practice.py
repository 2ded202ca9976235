"""Trying a problem in the terminal, blank by blank: an answer in, how it was read and what it earned out."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from rich.console import Console

from grader.core.points import format_points
from grader.core.verdict import Reveal
from grader.grading.grade import judge
from grader.grading.problem import Blank, Part, PreparedProblem
from grader.grading.results import BlankResult
from grader.kinds.code.program import is_program
from grader.reports.terminal import attempt

HELP = "An empty line goes on, q ends, ? says what may be written here."
PROGRAM = "A program ends with two empty lines; @file.py takes it from a file."
Ask = Callable[[str], str | None]
"""Returns the next line for a prompt, None where there are no more."""


class Ended(Exception):
    """Whoever tries the problem has had enough."""


@dataclass
class Practice:
    """One person with one problem; ``again`` lets an answer that was not right be given anew."""

    prepared: PreparedProblem
    ask: Ask
    out: Console
    reveal: Reveal = "hint"
    again: bool = True

    def run(self, only: str | None = None) -> None:
        """Ask every part, or one, and tell what all earned."""
        problem = self.prepared.problem
        attempt.title(self.out, problem)
        if self.again:
            self.out.print(f"[dim]{HELP}[/]")
        earned: list[tuple[Fraction | None, Fraction]] = []
        try:
            for part in problem.parts:
                if only in (None, part.id):
                    self._part(part, earned)
        except Ended:
            self.out.print()
        done = [(got, most) for got, most in earned if got is not None]
        points, out_of = (sum(column, Fraction(0)) for column in zip((Fraction(0), Fraction(0)), *done, strict=True))
        waits = len(earned) - len(done)
        person = f"; {waits} answer{'s are' if waits > 1 else ' is'} for a person" if waits else ""
        self.out.print(
            f"\n[bold]{format_points(points)} of {format_points(out_of)}[/] points for what was answered{person}."
        )

    def _part(self, part: Part, earned: list[tuple[Fraction | None, Fraction]]) -> None:
        attempt.question(self.out, part)
        for blank in part.blanks:
            attempt.blank(self.out, blank, self.prepared.problem.public(blank))
            results = list(self._blank(blank))
            if results:
                last = results[-1]
                earned.append((None if last.verdict.review else last.points, blank.spec.points))

    def _blank(self, blank: Blank) -> Iterator[BlankResult]:
        """Ask until the answer is right, or nothing is answered."""
        while True:
            line = self.ask(f"{blank.address}> ")
            if line is None or line.strip() in ("q", "quit", "exit"):
                raise Ended
            if not line.strip():
                return
            if line.strip() == "?":
                self.out.print(f"  {self.prepared.problem.public(blank).instructions}", markup=False)
                if blank.spec.function_name:
                    self.out.print(f"  {PROGRAM}", markup=False)
                continue
            try:
                written = self._whole(blank, line)
            except OSError as error:
                self.out.print(f"  {error.filename} cannot be read: {error.strerror}", markup=False)
                continue
            result = self._answered(blank, written)
            yield result
            if result.verdict.outcome == "correct" or not self.again:
                return

    def _whole(self, blank: Blank, line: str) -> str:
        """Return the answer that a line begins: itself, the file that it names, or a program up to two empty lines."""
        if blank.spec.function_name is None:
            return line
        if line.startswith("@") and line.endswith(".py"):
            return Path(line[1:]).expanduser().read_text(encoding="utf-8-sig")
        if not is_program(line):
            return line
        lines = [line]
        while lines[-2:] != ["", ""] and (more := self.ask("... ")) is not None:
            lines.append(more.rstrip())
        return "\n".join(lines).rstrip() + "\n"

    def _answered(self, blank: Blank, line: str) -> BlankResult:
        verdict = judge(self.prepared.prepared_blanks[blank.address], line, "self-check")
        result = BlankResult(blank, line, verdict.at(self.reveal))
        attempt.verdict(self.out, result, verdict.read_as)
        return result


def asked(prompt: str) -> str | None:
    """Ask a person at a terminal, with the history and the keys of readline where there is one."""
    with contextlib.suppress(ImportError):  # Windows has none.
        import readline  # noqa: F401  # Importing it is what gives input() its line editing.
    try:
        return input(prompt)
    except (EOFError, KeyboardInterrupt):
        return None


def piped(prompt: str) -> str | None:
    """Take the next line of standard input, and show it as if it had been typed."""
    line = sys.stdin.readline()
    if not line:
        return None
    print(prompt + line.rstrip("\n"))
    return line.rstrip("\n")
