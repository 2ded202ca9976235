"""One student's page for one problem: what was asked, written and read, and what it earned and why."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from markupsafe import Markup

from grader import figures
from grader.blank import Option, Public
from grader.grading import BlankResult, PartResult, Result
from grader.points import shown
from grader.problem import Problem
from grader.reports import typeset
from grader.reports.page import EMBEDDED, Assets, environment
from grader.submission import Written
from grader.verdict import Options, Reveal, Verdict

WORDS = {
    "correct": "Correct",
    "partial": "Partly correct",
    "incorrect": "Incorrect",
    "blank": "Nothing written",
    "unreadable": "Could not be read",
    "ungraded": "Not graded yet",
}
ICONS = {"correct": "✓", "partial": "◐", "incorrect": "✗", "blank": "○", "unreadable": "?", "ungraded": "…"}
STATUS = {
    "final": "",
    "provisional": "These marks are provisional: a person will look at this submission again.",
    "ungraded": "There is no total yet: a person has to grade part of this submission.",
}
CUT = 2_000


@dataclass(frozen=True)
class Ticked:
    """An option on the page; ``right`` is None where the page does not tell."""

    option: Option
    chosen: bool
    right: bool | None


@dataclass(frozen=True)
class Answered:
    """One blank on the page."""

    result: BlankResult
    verdict: Verdict
    public: Public
    written: Markup
    options: tuple[Ticked, ...]
    key: str | None

    @property
    def arithmetic(self) -> str:
        """How the points of a partly correct answer come about."""
        if self.verdict.outcome != "partial":
            return ""
        credit, points = self.verdict.credit, self.result.points
        return f"{credit} of {shown(self.result.out_of)} = {shown(points)}"


def student_page(
    result: Result, keys: Mapping[str, str], assets: Assets = EMBEDDED, reveal: Reveal | None = None
) -> str:
    """Return the page as HTML.

    ``keys`` are the official answers by blank address, shown only where ``reveal`` (by default the problem's) is
    ``full`` and the author wrote no solution.
    """
    level = reveal or result.problem.reveal
    parts = [(part, tuple(_answered(blank, result.problem, keys, level)
              for blank in part.blanks)) for part in result.parts]  # fmt: skip
    return environment().get_template("student.html").render(
        result=result, parts=parts, assets=assets, level=level, words=WORDS, icons=ICONS, status=STATUS[result.status],
        text=lambda markdown: prose(result.problem, markdown), solution=lambda part: _solution(part, level),
        typed=read_as, written=written,
    )  # fmt: skip


def _answered(blank: BlankResult, problem: Problem, keys: Mapping[str, str], level: Reveal) -> Answered:
    public = problem.public(blank.blank)
    verdict = blank.verdict.at(level)
    key = keys.get(blank.blank.address) if level == "full" and blank.verdict.outcome != "correct" else None
    if blank.blank.spec.solution and level == "full":
        key = blank.blank.spec.solution
    marked = written(blank.written, _span(verdict))
    return Answered(blank, verdict, public, marked, tuple(_ticked(public, blank.verdict, level)), key)


def _ticked(public: Public, verdict: Verdict, level: Reveal) -> Iterator[Ticked]:
    found = next((finding for finding in verdict.findings if isinstance(finding, Options)), None)
    if found is None:
        return
    for option in public.options:
        chosen = option.id in found.chosen
        wrong = option.id in (*found.missing, *found.extra)
        yield Ticked(option, chosen, not wrong if level == "full" else None)


def _solution(part: PartResult, level: Reveal) -> str | None:
    return part.part.solution if level == "full" else None


def _span(verdict: Verdict) -> tuple[int, int] | None:
    """Return the first place in the student's text that a finding points at."""
    spans: list[Any] = [getattr(finding, "span", None) for finding in verdict.findings]
    return next((span for span in spans if span), None)


def written(answer: Written | None, span: tuple[int, int] | None = None) -> Markup:
    """Return what a student wrote, letter by letter, with the characters of ``span`` marked; a list by commas."""
    if answer is None:
        return Markup("")
    if isinstance(answer, tuple):
        return typeset.raw(", ".join(answer) or "[ ]", CUT)
    if span is None or not 0 <= span[0] < span[1] <= min(len(answer), CUT):
        return typeset.raw(answer, CUT)
    before, at, after = answer[: span[0]], answer[span[0] : span[1]], answer[span[1] :]
    rest = CUT - span[1]
    tail = (
        typeset.raw(after, rest)
        if len(after) <= rest
        else typeset.raw(after[:rest]) + f"… ({len(answer):,} characters in all)"
    )
    return typeset.raw(before) + Markup("<mark>{}</mark>").format(typeset.raw(at)) + tail


def read_as(verdict: Verdict) -> Markup | None:
    """Return how an answer was read, typeset where it is maths; None where it could not be read."""
    return None if verdict.read_as is None else read_as_text(verdict.read_as)


def read_as_text(text: str) -> Markup:
    """Return the text of ``read_as`` as HTML: LaTeX between dollar signs, or plain text."""
    if text.startswith("$") and text.endswith("$") and len(text) > 2:
        return typeset.maths(text[1:-1])
    return typeset.raw(text)


@lru_cache(maxsize=256)
def _prose(markdown: str, pictures: tuple[tuple[str, bytes], ...]) -> Markup:
    for name, data in pictures:
        kind = figures.TYPES[PurePosixPath(name).suffix.lower()]
        address = f"data:{kind};base64,{base64.b64encode(data).decode()}"
        markdown = markdown.replace(f"]({name}", f"]({address}")
    return typeset.prose(markdown)


def prose(problem: Problem, markdown: str) -> Markup:
    """Return an author's text as HTML, with the problem's pictures inside."""
    return _prose(markdown, tuple(sorted(problem.figures.items())))
