"""Practice a problem in the terminal, blank by blank: an answer in, how it was read and what it earned out."""

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
from grader.reports.terminal import practice

HELP = "An empty line goes on, q ends, ? says what may be written here."
PROGRAM = "A program ends with two empty lines; @file.py takes it from a file."
ReadLine = Callable[[str], str | None]
"""Returns the next line for a prompt, None where there are no more."""


class PracticeEnded(Exception):
    """The person has ended the practice, or there are no more lines."""


@dataclass
class Practice:
    """One person with one problem; ``may_retry``: a blank is asked again until its answer is right."""

    prepared: PreparedProblem
    read_line: ReadLine
    out: Console
    reveal: Reveal = "hint"
    may_retry: bool = True

    def run(self, only_part: str | None = None) -> None:
        """Ask every part, or only one, and print the points for what was answered."""
        problem = self.prepared.problem
        practice.print_title(self.out, problem)
        if self.may_retry:
            self.out.print(f"[dim]{HELP}[/]")
        earned: list[tuple[Fraction | None, Fraction]] = []
        try:
            for part in problem.parts:
                if only_part in (None, part.id):
                    self._ask_part(part, earned)
        except PracticeEnded:
            self.out.print()
        graded = [(points, out_of) for points, out_of in earned if points is not None]
        total = sum((points for points, _ in graded), Fraction(0))
        total_out_of = sum((out_of for _, out_of in graded), Fraction(0))
        pending = len(earned) - len(graded)
        person = f"; {pending} answer{'s are' if pending > 1 else ' is'} for a person" if pending else ""
        self.out.print(
            f"\n[bold]{format_points(total)} of {format_points(total_out_of)}[/] points for what was answered{person}."
        )

    def _ask_part(self, part: Part, earned: list[tuple[Fraction | None, Fraction]]) -> None:
        practice.print_question(self.out, part)
        for blank in part.blanks:
            practice.print_blank(self.out, blank, self.prepared.problem.public(blank))
            results = list(self._ask_blank(blank))
            if results:
                last = results[-1]
                earned.append((None if last.verdict.review else last.points, blank.spec.points))

    def _ask_blank(self, blank: Blank) -> Iterator[BlankResult]:
        """Ask until the answer is right, or nothing is answered."""
        while True:
            line = self.read_line(f"{blank.address}> ")
            if line is None or line.strip() in ("q", "quit", "exit"):
                raise PracticeEnded
            if not line.strip():
                return
            if line.strip() == "?":
                self.out.print(f"  {self.prepared.problem.public(blank).instructions}", markup=False)
                if blank.spec.function_name:
                    self.out.print(f"  {PROGRAM}", markup=False)
                continue
            try:
                written = self._complete_answer(blank, line)
            except OSError as error:
                self.out.print(f"  {error.filename} cannot be read: {error.strerror}", markup=False)
                continue
            result = self._grade(blank, written)
            yield result
            if result.verdict.outcome == "correct" or not self.may_retry:
                return

    def _complete_answer(self, blank: Blank, line: str) -> str:
        """Return the answer that a line begins: itself, the file that it names, or a program up to two empty lines."""
        if blank.spec.function_name is None:
            return line
        if line.startswith("@") and line.endswith(".py"):
            return Path(line[1:]).expanduser().read_text(encoding="utf-8-sig")
        if not is_program(line):
            return line
        lines = [line]
        while lines[-2:] != ["", ""] and (more := self.read_line("... ")) is not None:
            lines.append(more.rstrip())
        return "\n".join(lines).rstrip() + "\n"

    def _grade(self, blank: Blank, written: str) -> BlankResult:
        verdict = judge(self.prepared.prepared_blanks[blank.address], written, "self-check")
        result = BlankResult(blank, written, verdict.at(self.reveal))
        practice.print_verdict(self.out, result, verdict.read_as)
        return result


def ask_at_terminal(prompt: str) -> str | None:
    """Ask a person at a terminal, with the history and the keys of readline where there is one."""
    with contextlib.suppress(ImportError):  # Windows has none.
        import readline  # noqa: F401  # Importing it is what gives input() its line editing.
    try:
        return input(prompt)
    except (EOFError, KeyboardInterrupt):
        return None


def read_piped(prompt: str) -> str | None:
    """Take the next line of standard input, and show it as if it had been typed."""
    line = sys.stdin.readline()
    if not line:
        return None
    print(prompt + line.rstrip("\n"))
    return line.rstrip("\n")
