"""The exam on paper in a real browser: nothing overflows, axe finds nothing, and it prints black on white."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.browser_pages import (
    assert_accessible,
    assert_no_sideways_scrolling,
    assert_other_colours_accessible,
    open_page,
)
from support.paths import ROOT

from grader.authoring.loader import load_problem
from grader.core.errors import Complaint
from grader.reports.pages.exam_paper import exam_page, mistakes_page

pytestmark = pytest.mark.browser
WIDE = "$" + " + ".join(f"x_{{{number}}}" for number in range(60)) + "$"
FOLDERS = ["problems/we_recur", "problems/rnn_step", "tests/problems/layer"]
REAL = [f"{Path(folder).name}{ending}" for folder in FOLDERS for ending in ("", "-solved")]
PAGES = [*REAL, "long", "long-solved", "mistaken"]


def stretched(problem):
    """The problem with texts and labels that are too long for a phone."""
    parts = []
    for part in problem.parts:
        blanks = []
        for blank in part.blanks:
            more = {"label": WIDE + " " + "Q" * 200}
            if options := getattr(blank.spec, "options", None):
                more["options"] = {
                    id_: each.model_copy(update={"says": WIDE, "why": "W" * 200}) for id_, each in options.items()
                }
            blanks.append(replace(blank, spec=blank.spec.model_copy(update=more)))
        parts.append(replace(part, ask=WIDE + "\n\n" + "A" * 300, solution=f"$${WIDE[1:-1]}$$", blanks=tuple(blanks)))
    return replace(problem, title="T" * 200, intro=WIDE, parts=tuple(parts))


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("papers")
    problems = {Path(each).name: load_problem(ROOT / each) for each in FOLDERS}
    keys = {
        name: {address: ready.key() for address, ready in problem.prepare().prepared_blanks.items()}
        for name, problem in problems.items()
    }
    problems["long"] = stretched(problems["we_recur"])
    keys["long"] = dict.fromkeys(keys["we_recur"], WIDE)
    for name, problem in problems.items():
        (folder / f"{name}.html").write_text(exam_page(problem), encoding="utf-8")
        (folder / f"{name}-solved.html").write_text(exam_page(problem, keys[name]), encoding="utf-8")
    wrong = [Complaint("a/" * 100 + "problem.yaml", "M" * 300, 3, 7), Complaint("b.yaml", "is wrong", 1, 1)]
    (folder / "mistaken.html").write_text(mistakes_page("N" * 200, wrong), encoding="utf-8")
    return folder


def opened(browser, out, name, **how):
    return open_page(browser, (out / f"{name}.html").as_uri(), **how)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_overflows_and_nothing_is_asked_of_a_network(browser, out, name):
    page = opened(browser, out, name)
    for width in (360, 390, 1280):
        assert_no_sideways_scrolling(page, width)
        beyond = page.evaluate(
            "[...document.querySelectorAll('header *, .area, .room, .tick, .tag, .note, .mistakes li')]"
            ".filter(each => each.getBoundingClientRect().right > innerWidth).map(each => each.outerHTML)"
        )
        assert beyond == []
    assert all(url.startswith(("file://", "data:")) for url in page.asked)
    assert page.said == []
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", REAL)
def test_axe_finds_nothing(browser, out, name, width):
    page = opened(browser, out, name, width=width)
    assert_accessible(page)
    assert_other_colours_accessible(page)
    page.close()


def test_it_prints_black_on_white_with_room_to_write(browser, out):
    page = opened(browser, out, "we_recur", scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    millimetre = 96 / 25.4 - 0.02
    assert page.locator(".formula .room").first.bounding_box()["height"] >= 20 * millimetre
    assert page.locator(".sides .room").first.bounding_box()["height"] >= 11 * millimetre
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 2
    page.close()
