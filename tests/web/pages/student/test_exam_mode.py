"""An exam as its student sees it: what is handed in and what is not, what counts, and what was earned in the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from html import unescape
from typing import Any

import httpx2
import pytest
from support.live_server import Browser, Server, server
from web.pages.student.test_pages import ALL, HTMX, key, piece

from grader.web.domain.attempts import attempts
from grader.web.domain.exams import enrolments, schedule
from grader.web.domain.exams.enrolments import enrol
from grader.web.domain.exams.exams import Exam, Policy, open_exam
from grader.web.domain.review import decisions, queue

pytestmark = pytest.mark.process

TWO = {"everyone": True, "attempts": 2, "credits": (Fraction(1), Fraction(1, 2))}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("exam")
    for name in ("all", "next"):
        (folder / name).mkdir()
        text = ALL.replace("title: All", f"title: {name.title()} <b>")
        (folder / name / "problem.yaml").write_text(text, encoding="utf-8")
        (folder / name / "reference.py").write_text("def twice(a):\n    return 2 * a\n", encoding="utf-8")
    with server(folder, workers=2) as running_site:
        running_site.add("prof", "Prof", "instructor")
        yield running_site


_count = iter(range(10_000))


class Sitting:
    """One student in an exam of their own."""

    def __init__(self, site: Server, **policy: Any) -> None:
        number = next(_count)
        self.site = site
        self.person = site.add(f"eve{number}", "Eve")
        self.browser: Browser = site.browser(f"eve{number}")
        slug = f"exam-{number}"
        both = [site.folder / "all", site.folder / "next"]
        # An exam for everyone would shut the problems in the practice of all the other tests.
        told = TWO | {"mode": "exam"} | policy
        told |= {"everyone": told["mode"] == "practice", "guests_may_practise": True}
        self.exam: Exam = open_exam(site.service.database, slug, slug.title(), both, Policy(**told))
        with site.service.database.writing() as connection:
            enrol(connection, self.exam, self.person)
        self.page = f"/exams/{slug}/all"

    def html(self, more: str = "") -> str:
        return self.browser.http.get(self.page + more).text

    def send(self, blank: str, graded: bool = True, **fields: str) -> httpx2.Response:
        answer = self.browser.post(f"{self.page}/submit", **fields, **key(self.html(), blank), blank=blank)
        if graded:
            self.site.graded()
        return answer

    def all(self, **fields: Any) -> str:
        answer = self.browser.post(f"{self.page}/submit-all", **fields, **key(self.html()))
        assert answer.status_code == 303, answer.text
        return self.browser.http.get(answer.headers["location"]).text

    def act(self, *what: Any) -> None:
        with self.site.service.database.writing() as connection:
            for each in what:
                each(connection, self.exam)

    def own(self) -> list[Any]:
        with self.site.service.database.reading() as connection:
            return attempts.attempts_of(connection, self.exam, self.person, "all")


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_a_draft_is_not_handed_in_and_is_not_lost_from_sight(site: Server) -> None:
    eve = Sitting(site)
    data = {"csrf": eve.browser.csrf, "blank": "w", "text:w": "softm"}
    said = eve.browser.http.post(f"{eve.page}/draft", data=data, headers=HTMX)
    assert said.text.strip() == "Saved as a draft, not submitted."
    eve.send("n", **{"text:n": "5"})
    again = {"csrf": eve.browser.csrf, "blank": "n", "text:n": "5"}
    assert eve.browser.http.post(f"{eve.page}/draft", data=again, headers=HTMX).text.strip() == "Saved."
    receipt = text(eve.html("/receipt"))
    assert "Not submitted : this was only saved as a draft and is not graded. Written softm" in receipt
    for change in ((), (schedule.close,), (schedule.release,)):
        eve.act(*change)
        html = eve.html()
        if change:
            said_now = text(piece(html, "w"))
            assert "Not submitted : this was only saved as a draft and is not graded. You wrote softm" in said_now
            assert "Nothing was submitted · 0 of 1 point" in said_now
        assert "1 of 7 answered · 1 draft not submitted" in text(eve.browser.http.get(eve.page.rpartition("/")[0]).text)
        assert "Not submitted" not in piece(html, "n") and "softm" in eve.html("/receipt")


def test_the_time_that_is_left_is_said(site: Server) -> None:
    assert 'id="left"' not in Sitting(site).html()
    far = Sitting(site, closes_at=datetime.now(UTC) + timedelta(hours=2, minutes=30))
    assert "2 hours 30 minutes left." in text(far.html()) and "Submit now" not in far.html()
    assert "Open until <time" in far.html()
    near = Sitting(site, closes_at=datetime.now(UTC) + timedelta(seconds=200))
    for path in (near.page, near.page.rpartition("/")[0]):
        html = near.browser.http.get(path).text
        assert "4 minutes left. Submit now what you want graded." in text(html)
    with site.service.database.writing() as connection:
        enrolments.extend(connection, near.exam, near.person, datetime.now(UTC) + timedelta(minutes=59, seconds=30))
    assert "1 hour left." in text(near.html()) and "Submit now" not in near.html()


def test_an_answer_that_cannot_be_read_is_told_from_the_preview_alone(site: Server) -> None:
    eve = Sitting(site)
    for _ in range(2):  # Before it is graded and after.
        eve.send("f", graded=False, **{"text:f": "B^T z"})
        said = text(piece(eve.html(), "f"))
        assert (
            "Your answer was received, but it could not be read; it uses up no attempt. The name “z” is not known in this question."
            in said
        )
        assert "not counted" in said and "0 of 2 attempts used: 2 are left." in said
        site.graded()
    eve.send("p", graded=False, **{"text:p": "def twice(a)\n    return a"})
    said = text(piece(eve.html(), "p"))
    assert "it uses up no attempt. This is not Python, at line 1: expected ':'." in said


def test_what_counts_is_said_before_the_release_from_what_is_written_alone(site: Server) -> None:
    eve = Sitting(site)
    eve.send("f", graded=False, **{"text:f": "B a"})
    before = text(piece(eve.html(), "f"))
    site.graded()
    assert text(piece(eve.html(), "f")) == before
    assert "counts as attempt 1 of 2" in before
    assert "1 of 2 attempts used: one is left. The next one earns half of what it improves." in before
    eve.send("f", **{"text:f": "(("})
    eve.send("f", **{"text:f": "B a"})
    assert "1 of 2 attempts used: one is left." in eve.html()
    eve.send("f", **{"text:f": "B^T a"})
    html = piece(eve.html(), "f")
    assert [re.findall(r"Answer (\d)", html), re.findall(r"· ([^<]+)</span>", html)] == [
        ["4", "3", "2", "1"],
        ["counts as attempt 2 of 2, earns half", "not counted", "not counted", "counts as attempt 1 of 2"],
    ]
    assert "You have used all 2 attempts here and cannot submit again." in html
    assert 'id="blank-f-text" disabled' in html and "palette" not in html
    assert re.search(r'check-one" disabled aria-describedby="blank-f-attempts-left"', html)


def test_a_program_may_yet_turn_out_not_to_count(site: Server) -> None:
    eve = Sitting(site)
    for number in (1, 2):
        eve.send("p", **{"text:p": f"import nothing{number}\ndef twice(a):\n    return a\n"})
    said = text(piece(eve.html(), "p"))
    assert "counts unless it cannot be read" in said and "0 to 2 of 2 attempts used." in said
    assert "disabled" not in piece(eve.html(), "p")
    eve.act(schedule.close, schedule.release)
    assert text(piece(eve.html(), "p")).count("not counted") == 2


def test_the_line_that_stands_in_a_program_from_the_start_is_no_answer(site: Server) -> None:
    eve = Sitting(site)
    assert "\ndef twice(a):\n    </textarea>" in piece(eve.html(), "p")
    said = eve.all(**{"text:p": "def twice(a):\r\n    ", "text:w": "relu"})
    assert "1 answer was submitted." in said and [each.blank for each in eve.own()] == ["w"]
    assert eve.browser.post(f"{eve.page}/draft", **{"text:p": "def twice(a):\r\n    "}).status_code == 303
    assert "draft" not in piece(eve.html(), "p").replace("/draft", "")


def test_handing_in_all_leaves_out_what_is_used_up_and_says_so(site: Server) -> None:
    eve = Sitting(site, mode="practice")
    old = key(eve.html())
    for number in ("1", "2"):
        eve.send("n", **{"text:n": number})
    answer = eve.browser.post(f"{eve.page}/submit-all", **{"text:n": "3", "text:w": "softmax", "text:f": "B a", **old})
    assert answer.status_code == 303 and answer.headers["location"].startswith(eve.page + "?done=")
    html = eve.browser.http.get(answer.headers["location"]).text
    assert "2 answers were submitted." in html
    assert "1 answer was not submitted: (n). The reason is shown below it." in html
    assert "You have used all 2 attempts at this question." in piece(html, "n")
    assert "You wrote 3" in text(piece(html, "n")) and "Not submitted" in piece(html, "n")
    assert len(eve.own()) == 4
    html = eve.all(**{"text:w": "softmax", "text:f": "B^T a"})  # The draft that is left is in nobody's way.
    assert "1 answer was submitted." in html and "not submitted:" not in html
    html = eve.all(**{"text:w": "softmax", "text:f": "B^T a"})
    assert "You have already submitted all of these answers." in html
    bob = Sitting(site)
    assert "submitted." not in bob.browser.http.get(answer.headers["location"]).text


def test_saving_all_changes_nothing_that_is_used_up(site: Server) -> None:
    eve = Sitting(site, mode="practice", attempts=1)
    eve.send("n", **{"text:n": "1"})
    assert eve.browser.post(f"{eve.page}/draft", **{"text:w": "relu"}).status_code == 303
    assert 'value="1"' in piece(eve.html(), "n")


def test_what_earned_the_points_leads_after_the_release(site: Server) -> None:
    eve = Sitting(site)
    eve.send("f", **{"text:f": "B^T a"})
    eve.send("f", **{"text:f": "B a"})
    eve.act(schedule.close)
    html = piece(eve.html(), "f")
    assert re.findall(r"Answer (\d)", html) == ["2", "1"] and "Earlier answers" in html and "So far" not in html
    eve.act(schedule.release)
    html = piece(eve.html(), "f")
    assert re.findall(r"Answer (\d)", html) == ["1", "2"] and "Other answers" in html
    assert text(html).find("3 of 3 points") < text(html).find("Answer 1") < text(html).find("Incorrect 0 / 3")
    assert "o far" not in eve.html() and "so far" not in eve.html("/receipt")


def test_options_are_printed_always_and_so_is_that_nothing_was_handed_in(site: Server) -> None:
    eve = Sitting(site)
    eve.act(schedule.close)
    for change in ((), (schedule.release,)):
        eve.act(*change)
        html = eve.html()
        assert piece(html, "o").count('type="checkbox"') == piece(html, "o").count(" disabled name=") == 4
        assert "One." in html and "Nothing was submitted · 0 of 2 points" in piece(html, "o")
        assert text(html).count("Nothing was submitted ·") == 7
        assert "Nothing was submitted · 0 of 1 point" in text(piece(html, "d-two"))
    bob = Sitting(site)
    bob.send("o", **{"tick:o": "B"})
    bob.act(schedule.close)
    html = piece(bob.html(), "o")
    assert re.findall(r'value="(\w)" checked', html) == ["B"] and html.count(" disabled name=") == 4
    bob.act(schedule.release)
    assert 'type="checkbox"' not in bob.html() and "Three." in piece(bob.html(), "o")


def test_a_decision_on_what_could_not_be_read_has_no_empty_row(site: Server) -> None:
    eve = Sitting(site, mode="practice")
    eve.send("f", **{"text:f": "B^T a a a (("})
    [one] = eve.own()
    eve.browser.post(f"{eve.page}/ask", attempt=one.id)
    with site.service.database.writing() as connection:
        [group] = queue.pending_groups(connection, eve.exam)
        decisions.decide(
            connection, eve.exam, "all", "f", group.group_key, Fraction(1), "It is right.", site.people["prof"]
        )
    html = piece(eve.html(), "f")
    assert "Correct" in html and "It is right." in html and "<dt>Read as</dt>" not in html


def test_guests_are_promised_no_person_and_leave_without_a_question(site: Server) -> None:
    eve = Sitting(site, mode="practice")
    guest = site.add(f"guest-{next(_count)}", "Guest")
    browser = site.browser(guest.login)
    page = browser.http.get(eve.page).text
    browser.post(f"{eve.page}/submit", **{"text:w": "relu", "blank": "w"}, **key(page, "w"))
    eve.send("w", **{"text:w": "relu"})
    assert "Incorrect" in browser.http.get(eve.page).text and "misread" not in browser.http.get(eve.page).text
    assert "You misread me" in eve.html()
    left = browser.post("/leaving")
    assert (left.status_code, left.headers["location"]) == (307, "/leave")


def test_leaving_asks_whoever_needs_a_new_code_to_come_back(site: Server) -> None:
    eve = Sitting(site, closes_at=datetime.now(UTC) + timedelta(hours=1))
    asked = eve.browser.post("/leaving")
    assert asked.status_code == 200 and "A login code works only once" in asked.text
    assert f"{eve.exam.title} is still open for you, until" in text(asked.text)
    assert 'action="/leave"' in asked.text and eve.browser.http.get("/").status_code == 200
    assert eve.browser.post("/leave").headers["location"] == "/enter"
    assert eve.browser.http.get("/").headers["location"] == "/enter"
    staff = site.browser("prof")
    assert staff.post("/leaving").status_code == 307
    assert eve.browser.http.post("/leaving", data={}).headers["location"] == "/enter"


def test_a_lost_session_leads_to_the_way_in(site: Server) -> None:
    eve = Sitting(site)
    eve.browser.post("/leave")
    eve.browser.http.cookies.clear()
    piece_of = eve.browser.http.post(f"{eve.page}/draft", data={"blank": "w", "text:w": "x"}, headers=HTMX)
    assert piece_of.status_code == 401
    assert text(piece_of.text) == (
        "Please sign in first. Sign in again . What you typed here last may not be saved: copy it first."
    )
    assert 'href="/enter"' in piece_of.text
    whole = eve.browser.http.post("/enter", data={"code": "x"})
    assert whole.status_code == 403 and '<a href="/enter">Sign in</a>' in whole.text


def test_the_foot_leads_to_the_problems_beside(site: Server) -> None:
    eve = Sitting(site)
    there = eve.page.replace("/all", "/next")
    assert f'<a rel="next" href="{there}">Next: Next &lt;b&gt;</a>' in eve.html() and "Previous" not in eve.html()
    html = eve.browser.http.get(there).text
    assert f'<a rel="prev" href="{eve.page}">Previous: All &lt;b&gt;</a>' in html and 'rel="next"' not in html


def test_whose_page_it_is_stands_on_paper(site: Server) -> None:
    eve = Sitting(site)
    line = re.search(r'<p class="printed">(.*?)</p>', eve.html(), re.DOTALL)
    assert line and text(line[1]).startswith(f"Eve {eve.person.login} · {eve.exam.title} · ")
