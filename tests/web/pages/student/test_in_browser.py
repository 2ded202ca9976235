"""A student's journey in a real browser: with scripts and without, by keyboard alone, on a phone, in the dark, on paper."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.browser_pages import assert_accessible, assert_no_sideways_scrolling, assert_other_colours_accessible
from support.live_server import Server, server
from web.pages.student.test_pages import ALL, PAGE

from grader.web.domain.attempts import drafts
from grader.web.domain.exams import exams, schedule

pytestmark = pytest.mark.browser
PAGES = ("/enter", "/", "/exams/practice", PAGE, f"{PAGE}/receipt", f"{PAGE}/notation", "/exams/none")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("browser")
    (folder / "all").mkdir()
    (folder / "all" / "problem.yaml").write_text(ALL, encoding="utf-8")
    (folder / "all" / "reference.py").write_text("def twice(a):\n    return 2 * a\n", encoding="utf-8")
    with server(folder, workers=2) as running_site:
        running_site.open("practice", folder / "all", everyone=True)
        yield running_site


def enter(browser: Any, site: Server, login: str, **how: Any) -> Any:
    """A page of a student who has entered by a code, with what the browser complains of."""
    if login not in site.people:
        site.add(login, login.title())
    page = browser.new_context(viewport={"width": 1280, "height": 900}, **how).new_page()
    page.said = []
    # A font that is missing is told by its own test.
    page.on(
        "console",
        lambda each: page.said.append(each.text) if "Failed to load resource" not in each.text else None,
    )
    page.on("pageerror", lambda each: page.said.append(str(each)))
    page.goto(site.url + "/enter")
    page.get_by_label("Login code").fill(site.code(login))
    page.get_by_label("Login code").press("Enter")
    page.wait_for_url(site.url + "/")
    return page


def wait_for_draft(site: Server, login: str, written: str) -> None:
    until = time.monotonic() + 20
    while True:
        with site.service.database.reading() as connection:
            exam = exams.find(connection, "practice")
            if drafts.drafts_of(connection, site.people[login], exam, "all").get("f") == written:
                return
        assert time.monotonic() < until
        time.sleep(0.05)


def test_reading_while_typing_checking_and_drafts(browser: Any, site: Server) -> None:
    page = enter(browser, site, "ada")
    page.get_by_role("link", name="Practice").click()
    page.get_by_role("link", name="All").click()
    field, reading = page.locator('[name="text:f"]'), page.locator("#blank-f .reading")
    field.press_sequentially("a B", delay=10)
    reading.get_by_text("do not fit").wait_for()
    field.fill("B")
    page.locator("#blank-f .palette button").first.click()
    assert field.input_value() == "Bᵀ"
    field.press_sequentially(" a")
    reading.get_by_text("(2×1) = (2×2)(2×1)").wait_for()
    page.locator("#blank-f .saved").get_by_text("Saved as a draft, not submitted.").wait_for()
    wait_for_draft(site, "ada", "Bᵀ a")  # What is said above may be of the draft before.
    page.wait_for_timeout(500)  # A request that a reload breaks off is a complaint of htmx.
    page.reload()
    assert field.input_value() == "Bᵀ a" and reading.locator("math").count() == 1
    page.get_by_role("button", name="Check (f)").dblclick()
    page.locator("#blank-f-result").get_by_text("Correct").wait_for()
    page.locator("#total").get_by_text("3", exact=True).wait_for()
    assert "Answer 2" not in page.locator("#blank-f-result").inner_text()
    assert page.locator("#blank-f .saved").inner_text() == ""
    page.wait_for_timeout(1000)
    assert page.locator("#blank-f [hx-trigger^=every]").count() == 0  # It asks no more.
    assert page.said == []
    page.context.close()


def test_by_keyboard_alone(browser: Any, site: Server) -> None:
    page = enter(browser, site, "kay")
    page.goto(site.url + PAGE)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"

    def tab_to(what: str, most: int = 60) -> None:
        for _ in range(most):
            if page.evaluate(f"document.activeElement.matches({what!r})"):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{what} is not reached")

    tab_to("[name='rows:d.one']")
    page.keyboard.type("2")
    page.keyboard.press("Tab")
    page.keyboard.type("m")
    page.keyboard.press("Enter")
    page.locator("#blank-d-one-result").get_by_text("Correct").wait_for()
    assert page.evaluate("document.activeElement.name") == "columns:d.one"
    tab_to(".palette button")
    for each in ("ArrowRight", "ArrowLeft", "End"):
        page.keyboard.press(each)
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid" and page.evaluate("document.activeElement.matches('.palette button:last-child')")
    tab_to("[name='tick:o']")
    page.keyboard.press("Space")
    tab_to("[name='none:o']")
    page.keyboard.press("Space")
    assert page.locator("#blank-o input:checked").get_attribute("name") == "none:o"
    tab_to("[name='text:p']")
    page.keyboard.press("Control+End")
    page.keyboard.type("return 2 * a")
    page.keyboard.press("Tab")  # It is not trapped.
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Control+Enter")
    page.locator("#blank-p-result").get_by_text("Answer 1").wait_for()
    assert page.said == []
    page.context.close()


def test_a_pasted_shape_goes_into_both_boxes(browser: Any, site: Server) -> None:
    page = enter(browser, site, "pat")
    page.goto(site.url + PAGE)
    paste = """(text) => { const data = new DataTransfer(); data.setData("text", text);
        document.querySelector("[name='rows:d.one']").dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})) }"""
    page.evaluate(paste, "(2, m)")
    assert [page.locator(f"[name='{side}:d.one']").input_value() for side in ("rows", "columns")] == [
        "2",
        "m",
    ]
    page.locator("#blank-d-one .reading math").wait_for()
    page.context.close()


def test_what_is_refused_and_a_lost_connection_are_said(browser: Any, site: Server) -> None:
    page = enter(browser, site, "rex")
    page.goto(site.url + PAGE)
    page.get_by_role("button", name="Check (w)").click()
    page.locator("#blank-w-result").get_by_text("Nothing was written here.").wait_for()
    page.context.set_offline(True)
    page.locator('[name="text:w"]').fill("softmax")
    page.get_by_role("button", name="Check (w)").click()
    page.locator("#blank-w-result").get_by_text("Check your connection").wait_for()
    page.context.set_offline(False)
    page.get_by_role("button", name="Check (w)").click()
    page.locator("#blank-w-result").get_by_text("Correct").wait_for()
    page.context.close()


def test_without_scripts(browser: Any, site: Server) -> None:
    page = enter(browser, site, "noa", java_script_enabled=False)
    page.goto(site.url + PAGE)
    assert page.locator(".palette").first.is_hidden()
    page.locator('[name="text:f"]').fill("B a")
    page.locator('[name="text:w"]').fill("softmax")
    page.locator('[name="text:w"]').press("Enter")  # It hands nothing in: it saves, and shows how it is read.
    assert page.locator("#blank-f .reading math").count() == 1 and page.locator(".result .line").count() == 0
    page.get_by_role("button", name="Check (f)").click()
    assert page.url.endswith("#blank-f")
    site.graded()
    page.reload()
    assert "Incorrect" in page.locator("#blank-f-result").inner_text()
    page.get_by_role("button", name="Submit all").click()
    site.graded()
    page.reload()
    assert "Correct" in page.locator("#blank-w-result").inner_text()
    page.get_by_role("button", name="You misread me").click()
    assert "You asked a person" in page.locator("#blank-f-result").inner_text()
    page.context.close()


def test_the_maths_font_is_used(browser: Any, site: Server) -> None:
    page = enter(browser, site, "axe")
    with page.expect_response(lambda each: each.url.endswith(".woff2")) as font:
        page.goto(site.url + PAGE)
    assert font.value.status == 200


def test_axe_finds_nothing_and_no_page_scrolls_sideways(browser: Any, site: Server) -> None:
    page = enter(browser, site, "axe")
    page.goto(site.url + PAGE)
    for name, text in (("text:f", "B " * 60 + "a"), ("text:w", "w" * 90), ("text:n", "9")):
        page.locator(f'[name="{name}"]').fill(text)
    page.locator('[name="tick:o"]').first.check()
    page.get_by_role("button", name="Submit all").click()
    site.graded()
    page.wait_for_timeout(800)
    for path in PAGES:
        page.goto(site.url + path)
        for width in (390, 1280):
            assert_no_sideways_scrolling(page, width)
            assert_accessible(page)
        assert_other_colours_accessible(page)
    assert page.said == []
    page.context.close()


def test_the_receipt_on_paper(browser: Any, site: Server) -> None:
    page = enter(browser, site, "axe", color_scheme="dark")
    page.goto(f"{site.url}{PAGE}/receipt")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("header.top").is_visible() and page.get_by_text("Digest").is_visible()
    assert len(page.pdf(format="A4")) > 10_000
    page.context.close()


def test_the_time_that_is_left_goes_by(browser: Any, site: Server) -> None:
    ends = datetime.now(UTC) + timedelta(minutes=7)
    site.open("timed", site.folder / "all", everyone=True, mode="exam", attempts=2, closes_at=ends)
    page = enter(browser, site, "tim")
    page.clock.install()
    page.goto(site.url + "/exams/timed/all")
    line = page.locator("#left")
    assert line.inner_text().strip() == "7 minutes left."
    page.clock.run_for(61_000)
    assert line.inner_text().strip() == "6 minutes left."
    page.clock.run_for(61_000)
    assert line.inner_text().strip() == "5 minutes left. Submit now what you want graded."
    assert "soon" in line.get_attribute("class")
    page.mouse.wheel(0, 2000)
    assert line.bounding_box()["y"] >= 0  # It stays in view.
    page.clock.run_for(300_000)
    assert line.inner_text().strip() == "The time is over: you can no longer submit answers."
    assert page.said == []
    page.context.close()
    page = enter(browser, site, "tom", java_script_enabled=False)
    page.goto(site.url + "/exams/timed/all")
    assert not page.get_by_text("minutes left").is_visible() and page.get_by_text("Open until").is_visible()
    page.context.close()


def test_what_is_used_up_takes_no_more(browser: Any, site: Server) -> None:
    site.open("once", site.folder / "all", everyone=True, mode="exam", attempts=1)
    page = enter(browser, site, "una")
    page.goto(site.url + "/exams/once/all")
    page.locator('[name="text:f"]').fill("B a")
    page.get_by_role("button", name="Submit (f)").click()
    page.locator("#blank-f-result").get_by_text("You have used your only attempt").wait_for()
    page.locator('[name="text:f"]:disabled').wait_for()
    assert page.locator("#blank-f .palette").count() == 0
    button = page.get_by_role("button", name="Submit (f)")
    assert button.is_disabled() and button.get_attribute("aria-describedby") == "blank-f-attempts-left"
    page.locator('[name="text:w"]').fill("softmax")
    page.get_by_role("button", name="Submit all").click()
    page.get_by_text("1 answer was submitted.").wait_for()
    page.reload()
    assert page.get_by_text("1 answer was submitted.").count() == 0
    assert page.locator('[name="text:f"]').is_disabled() and page.locator('[name="text:w"]').is_disabled()
    assert page.locator('[name="text:n"]').is_enabled()
    page.go_back()
    assert page.locator("h1").inner_text() == "All"
    page.goto(site.url + "/exams/once/all")
    assert_accessible(page)
    page.get_by_role("button", name="Sign out").click()
    assert_accessible(page)
    page.get_by_role("link", name="Stay signed in").click()
    page.get_by_role("button", name="Sign out").click()
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(site.url + "/enter")
    assert page.said == []
    page.context.close()


def test_axe_finds_nothing_on_a_released_page(browser: Any, site: Server) -> None:
    exam = site.open("over", site.folder / "all", everyone=True, mode="exam", attempts=2)
    there = f"{site.url}/exams/over/all"
    page = enter(browser, site, "ova")
    for text in ("B^T a", "B a"):
        page.goto(there)
        page.locator('[name="text:f"]').fill(text)
        page.get_by_role("button", name="Submit (f)").click()
        page.locator("#blank-f-result").get_by_text("Your answer was received.").first.wait_for()
    page.locator('[name="text:w"]').fill("soft")
    page.get_by_text("Saved as a draft, not submitted.").wait_for()
    site.graded()
    for act in (schedule.close, schedule.release):
        with site.service.database.writing() as connection:
            act(connection, exam)
        for path in (there, f"{there}/receipt"):
            page.goto(path)
            for width in (360, 1280):
                assert_no_sideways_scrolling(page, width)
                assert_accessible(page)
            assert_other_colours_accessible(page)
    page.goto(there)
    page.emulate_media(media="print")
    assert page.locator(".printed").is_visible() and page.locator("#blank-f .answer").first.is_visible()
    assert not page.locator("#blank-f .earlier .answer").is_visible()
    assert page.locator("#blank-f .earlier .brief").inner_text() == "B a"
    assert page.locator("#blank-f .earlier .attempt").bounding_box()["height"] < 40  # One line.
    page.context.close()
