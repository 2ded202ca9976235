"""``index.html``: the class at a glance, with what needs a person first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from grader.core.errors import Complaint
from grader.grading.answer_groups import option_counts, review_items, wrong_answer_groups
from grader.grading.problem import Problem
from grader.grading.results import Result
from grader.grading.statistics import FEW, OUTCOMES, analyse
from grader.reports.pages.feedback_page import WORDS, read_as_text
from grader.reports.rendering import charts
from grader.reports.rendering.templates import EMBEDDED, Assets, environment

MAX_LISTED_ROWS = 500
"""Students, and what needs a person, that are listed; the rest is in marks.csv."""
SHOWN_GROUPS, MAX_GROUPS = 6, 60
"""Groups of wrong answers that are shown for a part, and with those that are folded."""
MAX_OPEN_ROWS = 15
"""Rows that need a person up to which they stand open; a longer list is folded."""
MAX_LINKED_STUDENTS = 12
"""Students that are linked from one group of answers."""


def class_page(
    results: Sequence[Result],
    problem: Problem,
    remarks: Sequence[Complaint],
    links: Mapping[str, str],
    assets: Assets = EMBEDDED,
    broken: Sequence[Complaint] = (),
    absent: int = 0,
) -> str:
    """Return the page as HTML; see ``main_content``."""
    main = main_content(results, problem, remarks, links, broken, absent)
    return environment().get_template("class.html").render(problem=problem, main=main, assets=assets)


def main_content(
    results: Sequence[Result],
    problem: Problem,
    remarks: Sequence[Complaint],
    links: Mapping[str, str],
    broken: Sequence[Complaint] = (),
    absent: int = 0,
) -> Markup:
    """Return what stands in ``main`` of the page, for a page that has its own head.

    ``links`` are the students' pages by id, ``broken`` what could not be read, and ``absent`` counts the students who submitted
    nothing: their points are none, and they count in no figure of the class.
    """
    statistics = analyse(results)
    parts = [
        (
            part,
            part_statistics,
            charts.stacked_bar(part_statistics.outcomes, f"Part {part.id}"),
            wrong_answer_groups(results, number),
            _option_counts(problem, results, number),
        )
        for number, (part, part_statistics) in enumerate(zip(problem.parts, statistics.parts, strict=False))
    ]
    html = (
        environment()
        .get_template("_class_main.html")
        .render(
            problem=problem,
            results=results[:MAX_LISTED_ROWS],
            statistics=statistics,
            parts=parts,
            remarks=remarks,
            broken=broken,
            need_person=sum(result.status != "final" for result in results),
            review_items=review_items(results),
            links=links,
            chart=charts.histogram(statistics.bins),
            label=charts.label,
            words=WORDS,
            outcomes=OUTCOMES,
            few=FEW,
            shown_groups=SHOWN_GROUPS,
            max_groups=MAX_GROUPS,
            max_open_rows=MAX_OPEN_ROWS,
            max_rows=MAX_LISTED_ROWS,
            max_links=MAX_LINKED_STUDENTS,
            read_as=read_as_text,
            unlisted=max(0, len(results) - MAX_LISTED_ROWS),
            absent=absent,
        )
    )
    return Markup(html)


def _option_counts(problem: Problem, results: Sequence[Result], part: int) -> list[tuple[str, str, int]]:
    """Return letter, sentence and count of each option of a part's choices."""
    rows = []
    for blank in problem.parts[part].blanks:
        options = problem.public(blank).options
        counts = option_counts(results, blank.address) if options else {}
        rows += [(option.letter, option.says, counts.get(option.id, 0)) for option in options]
    return rows
