"""The pages in a real browser: no network, no accessibility violation, no sideways scrolling, stretching brackets."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from support.browser_pages import (
    assert_accessible,
    assert_no_sideways_scrolling,
    assert_other_colours_accessible,
    open_page,
)
from support.paths import ROOT

from grader.authoring.loader import load_problem
from grader.core.submission import Student
from grader.grading.readers import read
from grader.reports.batch import Batch, run
from grader.reports.pages import notation

pytestmark = pytest.mark.browser
LONG = {
    "a": {"W_ss": "Q" * 150, "W_sx": "2x1", "W_o": "2x2 or 2x4"},
    "b": "W_ss " * 60 + "W_sx^T W_o^T dLdz2",
    "d": "<script>alert(1)</script>" * 12,
    "e": "x2 = " + "p1 + " * 40 + "p1",
    "f": "Z" * 200,
    "w" * 60: "stray",
}


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    problem = load_problem(ROOT / "problems" / "we_recur")
    (folder / "long.json").write_text(
        json.dumps({"student": {"id": "long", "name": "<script>x</script>" * 9}, "answers": LONG})
    )
    reading = read(ROOT / "submissions" / "we_recur", problem)
    more = read(folder / "long.json", problem)
    held = replace(reading.submissions[0], student=Student("held"), held_reason="Two different submissions of held.")
    everyone = type(reading)((*reading.submissions, *more.submissions, held), more.remarks, ())
    run(Batch(problem, everyone, folder / "alone"))
    run(Batch(problem, everyone, folder / "beside", shared_assets=True))
    (folder / "notation.html").write_text(notation.notation_page(problem), encoding="utf-8")
    return folder


PAGES = [
    "alone/index.html",
    "alone/students/long.html",
    "alone/students/s005.html",
    "alone/students/s037.html",
    "alone/students/held.html",
    "beside/students/s005.html",
    "beside/assets/question.html",
    "notation.html",
]


def opened(browser, out, name, **how):
    return open_page(browser, (out / name).as_uri(), **how)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_asked_of_a_network_and_nothing_complains(browser, out, name):
    page = opened(browser, out, name)
    assert all(url.startswith(("file://", "data:")) for url in page.asked)
    assert name.startswith("beside") or len([url for url in page.asked if url.startswith("file://")]) == 1
    assert page.said == []
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_no_page_scrolls_sideways(browser, out, name):
    page = opened(browser, out, name)
    assert_accessible(page)
    assert_other_colours_accessible(page)
    assert_no_sideways_scrolling(page, 360, 390, 600, 1280)
    page.close()


def test_brackets_stretch_and_the_maths_font_is_used(browser, out):
    page = opened(browser, out, "alone/students/s005.html")
    tall = page.evaluate(
        "Math.max(...[...document.querySelectorAll('mo')].map(mo => mo.getBoundingClientRect().height))"
    )
    assert tall > 35
    assert page.evaluate("document.fonts.check('16px \"Grader Maths\"')")
    page.close()


def test_on_paper_the_question_is_open_and_black_on_white(browser, out):
    page = opened(browser, out, "alone/students/s005.html", scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") != "rgb(230, 232, 234)"
    assert page.locator("details .ask").bounding_box()["height"] > 100
    assert len(page.pdf(format="A4")) > 20_000
    page.close()


def test_sizes(out):
    alone = [path.stat().st_size for path in (out / "alone" / "students").iterdir()]
    beside = [path.stat().st_size for path in (out / "beside" / "students").iterdir()]
    assert max(alone) <= 100_000
    assert sum(beside) / len(beside) <= 12_000
