"""The feedback page of a student for one problem: what was asked, written and read, and what it earned and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from grader.core.points import format_points
from grader.core.submission import Written
from grader.core.verdict import Options, Reveal, Verdict
from grader.grading.problem import Part, Problem
from grader.grading.results import BlankResult, Result
from grader.kinds.base.public import Option, Public
from grader.reports.rendering import figures, typeset
from grader.reports.rendering.templates import EMBEDDED, Assets, environment

WORDS = {
    "correct": "Correct",
    "partial": "Partly correct",
    "incorrect": "Incorrect",
    "blank": "Nothing written",
    "unreadable": "Could not be read",
    "ungraded": "Not graded yet",
}
STATUS = {
    "final": "",
    "provisional": "These marks are provisional: a person will look at this submission again.",
    "ungraded": "There is no total yet: a person has to grade part of this submission.",
}
OPTION_REMARKS = {
    (True, False): "✓ right",
    (True, True): "✗ not true",
    (False, False): "✓ rightly not chosen",
    (False, True): "✗ true, and not chosen",
}
MAX_SHOWN_CHARACTERS = 2_000
"""Characters of an answer beyond which it is cut off on the page."""
QUESTION = "question.html"


@dataclass(frozen=True)
class OptionView:
    """An option on the page; ``remark`` says whether the choice was right, empty where the page may not say so."""

    option: Option
    chosen: bool
    is_right: bool
    remark: str


@dataclass(frozen=True)
class AnswerView:
    """What the page shows of one blank and the answer to it."""

    result: BlankResult
    verdict: Verdict
    public: Public
    written: Markup
    options: tuple[OptionView, ...]

    @property
    def is_multiline(self) -> bool:
        """True if the answer, such as a program, stands in lines of its own."""
        return isinstance(self.result.written, str) and "\n" in self.result.written.strip()

    @property
    def arithmetic(self) -> str:
        """How the points of a partly correct answer come about."""
        if self.verdict.outcome != "partial":
            return ""
        return f"{self.verdict.credit} of {format_points(self.result.out_of)} = {format_points(self.result.points)}"


class StudentPages:
    """Writes the pages of one problem's students; what equal answers look like is rendered once.

    ``keys`` are the official answers by blank address, shown only where ``reveal`` (by default the problem's) is
    ``full`` and the author wrote no solution. With assets beside the pages, the question and its solutions are beside
    them too, in ``question.html``.
    """

    def __init__(
        self,
        problem: Problem,
        keys: Mapping[str, str],
        assets: Assets = EMBEDDED,
        reveal: Reveal | None = None,
    ) -> None:
        self.problem = problem
        self.assets = assets
        self.level: Reveal = reveal or problem.reveal
        self.solutions = {part.id: solution(problem, part, keys, self.level) for part in problem.parts}
        self._rendered_answers: dict[tuple[str, Written | None, Verdict], Markup] = {}

    def page(self, result: Result) -> str:
        """Return one student's page as HTML."""
        template = environment().get_template("student.html")
        return template.render(result=result, main=self.main_content(result), assets=self.assets)

    def main_content(self, result: Result) -> Markup:
        """Return what stands in ``main`` of the page, for a page that has its own head."""
        parts = [(part, [self.answer(each, len(part.blanks) > 1) for each in part.blanks]) for part in result.parts]
        prefix = self.assets.prefix
        html = (
            environment()
            .get_template("_student_main.html")
            .render(
                result=result,
                parts=parts,
                level=self.level,
                words=WORDS,
                status=STATUS[result.status],
                beside=None if prefix is None else f"{prefix}{QUESTION}",
                text=lambda markdown: prose(self.problem, markdown),
                written=written,
                solutions=self.solutions,
            )
        )
        return Markup(html)

    def answer(self, blank: BlankResult, several: bool) -> Markup:
        """Return the piece of a page about one blank; ``several`` blanks in a part have a line of their own each."""
        key = (blank.blank.address, blank.written, blank.verdict)
        if key not in self._rendered_answers:
            view = _answer_view(blank, self.problem, self.level)
            template = environment().get_template("answer.html")
            html = template.render(view=view, several=several, words=WORDS, read_as=read_as)
            self._rendered_answers[key] = Markup(html)
        return self._rendered_answers[key]


def question_page(problem: Problem, keys: Mapping[str, str], reveal: Reveal | None = None) -> str:
    """Return the page with the question and, where ``reveal`` is ``full``, its solutions; it lies among the assets."""
    level = reveal or problem.reveal
    parts = [(part, solution(problem, part, keys, level)) for part in problem.parts]
    return (
        environment()
        .get_template("question.html")
        .render(problem=problem, parts=parts, assets=Assets(""), text=lambda markdown: prose(problem, markdown))
    )


def solution(problem: Problem, part: Part, keys: Mapping[str, str], level: Reveal) -> Markup:
    """Return the official solution of a part: what the author wrote for it and its blanks, or else the keys."""
    if level != "full":
        return Markup("")
    several = len(part.blanks) > 1
    blank_solutions = [
        (problem.public(blank).label or blank.name if several else "", text)
        for blank in part.blanks
        if (text := blank.spec.solution or (None if part.solution else keys.get(blank.address)))
    ]
    html = (
        environment()
        .get_template("solution.html")
        .render(
            part_solution=part.solution, blank_solutions=blank_solutions, text=lambda markdown: prose(problem, markdown)
        )
    )
    return Markup(html)


def _answer_view(blank: BlankResult, problem: Problem, level: Reveal) -> AnswerView:
    public = problem.public(blank.blank)
    verdict = blank.verdict.at(level)
    return AnswerView(
        blank,
        verdict,
        public,
        written(blank.written, _span(verdict)),
        tuple(_option_views(public, blank.verdict, level)),
    )


def _option_views(public: Public, verdict: Verdict, level: Reveal) -> Iterator[OptionView]:
    choice = next((finding for finding in verdict.findings if isinstance(finding, Options)), None)
    for option in public.options:
        if choice is None:
            yield OptionView(option, chosen=False, is_right=False, remark="")
            continue
        is_chosen, is_wrong = option.id in choice.chosen, option.id in (*choice.missing, *choice.extra)
        yield OptionView(
            option, is_chosen, not is_wrong, OPTION_REMARKS[is_chosen, is_wrong] if level == "full" else ""
        )


def _span(verdict: Verdict) -> tuple[int, int] | None:
    """Return the first place in the student's text that a finding points at."""
    spans: list[Any] = [getattr(finding, "span", None) for finding in verdict.findings]
    return next((span for span in spans if span), None)


def written(answer: Written | None, span: tuple[int, int] | None = None) -> Markup:
    """Return what a student wrote, letter by letter, with the characters of ``span`` marked; a list by commas."""
    if answer is None:
        return Markup("")
    if isinstance(answer, tuple):
        return typeset.raw(", ".join(answer) or "[ ]", MAX_SHOWN_CHARACTERS)
    if span is None or not 0 <= span[0] < span[1] <= min(len(answer), MAX_SHOWN_CHARACTERS):
        return typeset.raw(answer, MAX_SHOWN_CHARACTERS)
    before, at, after = answer[: span[0]], answer[span[0] : span[1]], answer[span[1] :]
    rest = MAX_SHOWN_CHARACTERS - span[1]
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
    return typeset.prose(figures.embed_pictures(markdown, dict(pictures)))


def prose(problem: Problem, markdown: str) -> Markup:
    """Return an author's text as HTML, with the problem's pictures inside."""
    return _prose(markdown, tuple(sorted(problem.figures.items())))
