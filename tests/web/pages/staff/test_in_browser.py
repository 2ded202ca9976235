"""The journey of staff in a real browser: upload, watch, review, release, download; readable everywhere and by everybody."""

from __future__ import annotations

import re

import pytest
from support.browser_pages import assert_accessible, assert_no_sideways_scrolling, assert_other_colours_accessible
from support.exam_factory import TINY
from support.staff_client import WE_RECUR, as_json_lines, running, served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running(tmp_path_factory.mktemp("staff")) as running_site:
        folder = tmp_path_factory.mktemp("problems") / "tiny"
        folder.mkdir()
        (folder / "problem.yaml").write_text(TINY, encoding="utf-8")
        running_site.open("midterm", WE_RECUR, folder, mode="exam", attempts=1)
        yield running_site


@pytest.fixture(scope="module")
def base(site):
    with served(site) as address:
        yield address


@pytest.fixture
def entered(browser, site, base):
    """Make a page for somebody who has entered; what the browser complains of is kept in ``said``."""
    contexts = []

    def enter(login, **options):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        context.add_cookies([{"name": "grader", "value": site.token(login), "url": base}])
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        return page

    yield enter
    for each in contexts:
        each.close()


def is_fine(page):
    """Nothing that axe finds, no sideways scrolling on a phone, no complaint about our own policy."""
    assert_accessible(page)
    assert_no_sideways_scrolling(page, 390, 1280)
    assert not [each for each in page.said if "Content Security Policy" in each or "Error" in each], page.said


def test_staff_upload_watch_review_release_and_download(entered, site, base, tmp_path):
    page = entered("root")
    page.goto(f"{base}/")
    assert page.url == f"{base}/staff"
    is_fine(page)
    page.click("text=Midterm")
    is_fine(page)
    page.click("nav >> text=Uploads")
    page.select_option("#problem", "we_recur")
    (tmp_path / "class.jsonl").write_bytes(as_json_lines())
    page.set_input_files("#files", tmp_path / "class.jsonl")
    page.click("text=Upload and grade")
    page.wait_for_selector("text=are not on the roster: s001")
    is_fine(page)
    page.select_option("#problem", "we_recur")
    page.set_input_files("#files", tmp_path / "class.jsonl")
    page.check("input[name=enrol]")
    page.click("text=Upload and grade")
    page.wait_for_selector("#t-report")
    page.wait_for_selector("text=all 381", timeout=60_000)  # Nobody loads the page anew.
    is_fine(page)
    page.click("nav >> text=Review")
    decide(page)
    for path in (
        "students",
        "students?q=s0&state=to+review",
        "students/s005",
        "we_recur/class",
        "we_recur/students/s005",
        "tiny/class",
        "uploads",
    ):
        page.goto(f"{base}/staff/exams/midterm/{path}")
        is_fine(page)
    with page.expect_download() as download:
        page.goto(f"{base}/staff/exams/midterm")
        page.click("a:has-text('marks.csv') >> nth=0")
    assert download.value.suggested_filename == "midterm-we_recur-marks.csv"
    release(page, site, base)
    page.goto(f"{base}/staff/people/s044/erase")
    is_fine(page)
    page.fill("#typed", "s044")
    page.click("text=Erase for good")
    page.wait_for_url("**/staff/audit")
    assert "erased" in page.text_content("tbody tr")
    is_fine(page)


def decide(page):
    """By keyboard alone: the points are typed where the cursor is, Enter decides, and the next group is there."""
    many = int(page.text_content(".tabs .badge"))
    is_fine(page)
    before = page.get_attribute("input[name=group]", "value")
    assert page.evaluate("document.activeElement.id") == "points"
    page.keyboard.type("9999")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    is_fine(page)
    page.fill("#points", "50 %")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"group="))
    assert page.get_attribute("input[name=group]", "value") != before
    assert int(page.text_content(".tabs .badge")) == many - 1
    assert page.evaluate("document.activeElement.id") == "points"
    change(page, before)


def change(page, name):
    """What was decided is a link away, is shown, and is decided again."""
    assert "You gave" in page.text_content(".notice")
    is_fine(page)
    page.click(".notice a")
    page.wait_for_url(re.compile(f"group={name}"))
    assert page.text_content("button.main").strip() == "Decide again"
    is_fine(page)
    page.click("button:text-is('None')")
    page.wait_for_url(re.compile("gave="))
    page.click(f"#t-decided ~ .scroll a[href$='{name}']")
    assert "First decided" in page.text_content(".decision-section")
    page.click("summary:text('Who wrote this')")
    page.click(".decision-section details a >> nth=0")
    page.wait_for_selector(".attempts .decided")
    is_fine(page)


def release(page, site, base):
    """Close, then release; each asks first."""
    for act in ("Close", "Release"):
        page.goto(f"{base}/staff/exams/midterm")
        page.click(f"text={act} …")
        is_fine(page)
        page.click(f"button:text-is('{act}')")
        page.wait_for_url("**/staff/exams/midterm")
    assert "released" in page.text_content(".tabs")


def test_everything_works_without_javascript(entered, site, base, tmp_path):
    site.open("plain", WE_RECUR)
    page = entered("prof", java_script_enabled=False)
    page.goto(f"{base}/staff/exams/plain/uploads")
    (tmp_path / "one.csv").write_text("student,d\ns9,softmx\n", encoding="utf-8")
    page.set_input_files("#files", tmp_path / "one.csv")
    page.click("text=Upload and grade")
    assert "1 of 1 is not on the roster: s9" in page.text_content("#t-report >> xpath=..")
    page.set_input_files("#files", tmp_path / "one.csv")
    page.check("input[name=enrol]")
    page.click("text=Upload and grade")
    page.wait_for_selector("#t-report")
    for _ in range(100):
        page.goto(f"{base}/staff/exams/plain/review")
        if page.query_selector("#points"):
            break
    page.click("button:text-is('Half')")
    assert "Nothing to review" in page.text_content("main")
    page.goto(f"{base}/staff/exams/plain/students/s9")
    page.click("text=Create a new code")
    assert re.fullmatch(r"\s*[A-Z0-9]{4}(-[A-Z0-9]{4}){2}\s*", page.text_content("p.code"))


def test_bars_are_drawn_and_dark_pages_are_readable(entered, site, base):
    exam = site.open("bars", WE_RECUR)
    site.browser("prof").post(
        "/staff/exams/bars/uploads",
        files=[("files", ("all.jsonl", as_json_lines()))],
        problem="we_recur",
        enrol="1",
    )
    site.graded(exam)
    page = entered("tutor", color_scheme="dark")
    page.goto(f"{base}/staff/exams/bars/we_recur/class")
    widths = page.evaluate(
        "[...document.querySelectorAll('.stacked')].map(bar => [...bar.children].map(e => e.getBoundingClientRect().width))"
    )
    assert len(widths) == 6
    assert all(max(each) > 2 * min(each) for each in widths)
    is_fine(page)
    assert_other_colours_accessible(page)
    page.goto(f"{base}/staff/exams/bars/review")
    is_fine(page)
    assert_other_colours_accessible(page)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('.tabs')).display") == "none"
