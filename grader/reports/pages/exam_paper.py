"""A problem as a paper exam: what a student gets, with room to write in, or with the official solutions instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from markupsafe import Markup

from grader.core.errors import Complaint
from grader.core.printable import printable
from grader.grading.problem import Blank, Part, Problem
from grader.kinds.base.public import Option, Public
from grader.kinds.choices.kind import ChoicesSpec
from grader.reports.pages.feedback_page import prose, solution
from grader.reports.rendering.templates import Assets, environment


@dataclass(frozen=True)
class Layout:
    """How a kind is answered on paper: a block of ``area.html``, whether ``how`` is printed, and where the key goes."""

    block: str
    shows_instructions: bool = True
    key: Literal["inside", "ticks", "below"] = "inside"


GENERIC = Layout("generic")
LAYOUTS: Mapping[str, Layout] = {
    "dimensions": Layout("dimensions", shows_instructions=False),
    "formula": Layout("formula"),
    "function": Layout("function", shows_instructions=False, key="below"),
    "choices": Layout("choices", shows_instructions=False, key="ticks"),
    "word": Layout("word"),
    "number": Layout("number"),
}
"""The kinds with an area of their own; every other kind has the generic one."""


@dataclass(frozen=True)
class PrintAssets(Assets):
    """The head of a printed page: its footer has the title, and with ``refresh`` a browser loads it anew each second."""

    title: str = ""
    refresh: bool = False

    def head(self, style: str) -> Markup:
        """The style of the page, with its footer."""
        again = Markup('<meta http-equiv="refresh" content="1">\n' if self.refresh else "")
        footer = Markup(f"<style>@page{{@bottom-left{{content:{_css_text(self.title)}}}}}</style>")
        return again + super().head(style) + footer


@dataclass(frozen=True)
class Choice:
    """An option on paper; ``true`` and ``why`` are for readers of the key."""

    option: Option
    true: bool = False
    why: str = ""


@dataclass(frozen=True)
class Area:
    """Where one blank is answered; ``worth`` and ``label`` are empty where the part says it all."""

    layout: Layout
    public: Public
    label: str
    worth: Fraction | None
    solved: bool
    key: Markup
    choices: tuple[Choice, ...]

    @property
    def signature(self) -> str:
        """The head of the function that is asked for."""
        return f"def {self.public.function_head}:" if self.public.accepts_code else ""

    @property
    def note(self) -> str:
        """How to write an answer, where the area does not show it."""
        return self.public.instructions if self.layout.shows_instructions and not self.solved else ""


def exam_page(problem: Problem, keys: Mapping[str, str] | None = None, refresh: bool = False) -> str:
    """Return the exam as HTML; ``keys``, the official answers by blank address, show the solutions in it."""
    parts = [(part, tuple(_areas(problem, part, keys)), _solution(problem, part, keys)) for part in problem.parts]
    return (
        environment()
        .get_template("paper.html")
        .render(
            problem=problem,
            parts=parts,
            solved=keys is not None,
            text=lambda markdown: prose(problem, markdown),
            assets=PrintAssets(title=problem.title, refresh=refresh),
        )
    )


def mistakes_page(name: str, complaints: Iterable[Complaint]) -> str:
    """Return the page that stands in for the exam until the author has mended the files; it loads itself anew."""
    return (
        environment()
        .get_template("mistaken.html")
        .render(name=name, complaints=[str(each) for each in complaints], assets=PrintAssets(title=name, refresh=True))
    )


def _areas(problem: Problem, part: Part, keys: Mapping[str, str] | None) -> Iterator[Area]:
    several = len(part.blanks) > 1
    for blank in part.blanks:
        public = problem.public(blank)
        layout = LAYOUTS.get(public.kind, GENERIC)
        label = public.label or (blank.name or "" if several else "")
        key = "" if keys is None else keys.get(blank.address, "")
        inside = prose(problem, _without(label, key)) if layout.key == "inside" else Markup("")
        choices = tuple(map(Choice, public.options)) if keys is None else tuple(_choices(blank, public, key))
        worth = blank.spec.points if several else None
        yield Area(layout, public, label, worth, keys is not None, inside, choices)


def _choices(blank: Blank, public: Public, key: str) -> Iterator[Choice]:
    true = re.findall(r"\w+", key)
    known = blank.spec.options if isinstance(blank.spec, ChoicesSpec) else {}
    for each in public.options:
        yield Choice(each, each.letter in true, known[each.id].why if each.id in known else "")


def _solution(problem: Problem, part: Part, keys: Mapping[str, str] | None) -> Markup:
    """Return what is told of a part below its areas; a key that stands in its area is not told again."""
    if keys is None:
        return Markup("")
    kinds = {blank.address: LAYOUTS.get(blank.spec.kind, GENERIC) for blank in part.blanks}
    below = {address: keys[address] for address, each in kinds.items() if each.key == "below" and address in keys}
    return solution(problem, part, below, "full")


def _without(label: str, key: str) -> str:
    """Return a key without the ``x =`` that its label says already."""
    head, text = label.strip("$ "), key.removeprefix("$").lstrip()
    return "$" + text.removeprefix(head).lstrip() if head.endswith("=") and text.startswith(head) else key


def _css_text(text: str) -> str:
    r"""Return a text as a string of CSS, in which all but letters and digits are escapes: nothing can end it."""
    plain = re.sub(r"[^A-Za-z0-9]", lambda sign: f"\\{ord(sign[0]):x} ", printable(text))
    return f'"{plain}"'
