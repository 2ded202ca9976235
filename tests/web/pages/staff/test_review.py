"""Deciding on a running service: once for all that is alike, told, listed, and changed by whoever knows what stands."""

from __future__ import annotations

import json
import re
from fractions import Fraction

import pytest
from support.staff_client import upload, words

from grader.web.domain.accounts import people
from grader.web.domain.attempts import attempts
from grader.web.domain.review import queue
from grader.web.errors import ValidationFailed
from grader.web.pages.staff.routes.review import parse_credit

pytestmark = pytest.mark.process


def hidden(page, field):
    return re.search(rf'name="{field}" value="(\w*)"', page.text)[1]


def decide(who, page, points="", **more):
    """Send the form of a page."""
    sent = {name: hidden(page, name) for name in ("group", "answer", "seen")}
    return who.post(str(page.url.path), **(sent | {"points": points} | more))


def marks(who, slug):
    rows = who.get(f"/staff/exams/{slug}/tiny/marks.csv").text.splitlines()
    return {each.split(",")[0]: each.split(",")[4] for each in rows if each.startswith("r")}


def test_a_decision_holds_for_all_alike_and_is_told(site, tiny):
    exam = site.open("review", tiny)
    site.answered(exam, r0="canery", r1="canery", r2="canery", r3="sparow")
    tutor = site.browser("tutor")
    page = tutor.get("/staff/exams/review/review")
    assert "3 students" in words(page.text)
    wrong = decide(tutor, page, "2", comment="<b>kept</b>")
    assert (wrong.status_code, "You can give at most 1 here." in wrong.text) == (422, True)
    assert "&lt;b&gt;kept" in wrong.text
    done = decide(tutor, page, "1/2", comment="Near enough.")
    assert done.status_code == 303
    after = tutor.get(done.headers["location"])
    told = words(after.text)
    assert "You gave 0.5 of 1 point to 3 students · Change" in told
    assert "Written sparow" in told
    assert "0.5 of 1 Near enough. Tutor" in told
    rows = marks(tutor, "review")
    assert [rows[f"r{n}"] for n in range(4)] == ["0.5", "0.5", "0.5", "0"]
    (act,) = site.acts("decided", exam)
    assert (act.actor, act.details["attempts"], act.details["credit"]) == (site.people["tutor"].id, 3, "1/2")
    done = decide(tutor, after, share="0")
    last = words(tutor.get(done.headers["location"]).text)
    assert "You gave 0 of 1 point to 1 student · Change" in last
    assert "Nothing to review." in last
    assert last.count("Change the decision on") == 2


def test_what_was_decided_is_shown_and_may_be_changed(site, tiny):
    exam = site.open("change", tiny)
    site.answered(exam, r0="canery", r1="sparow")
    tutor, prof = site.browser("tutor"), site.browser("prof")
    page = tutor.get("/staff/exams/change/review")
    done = decide(tutor, page, "1/3", comment="Near enough.")
    link = re.search(r'· <a href="([^"]+)">Change', tutor.get(done.headers["location"]).text)[1]
    opened = prof.get(link)
    told = words(opened.text)
    assert re.search(r"Before Incorrect 0 / 1 Decided 0\.33 of 1 point, Tutor, \S+ \S+ \S+ \S+ \S+ Near enough\.", told)
    assert 'name="points" value="1/3"' in opened.text
    assert ">Near enough.</textarea>" in opened.text
    assert "Decide again" in told
    again = decide(prof, opened, "1", comment="It is right.")
    assert again.status_code == 303
    name = hidden(opened, "group")
    told = words(prof.get(f"/staff/exams/change/review?group={name}").text)
    assert re.search(r"First decided 0\.33 of 1 point.*Decided 1 of 1 point, Prof.*It is right\.", told)
    assert sorted(marks(tutor, "change").values()) == ["0", "1"]
    last, first = site.acts("decided", exam)
    assert (last.details["before"], "before" in first.details) == ("1/3", False)
    decided = prof.get(f"/staff/exams/change/review?decision={first.subject}")
    assert hidden(decided, "group") == name


def test_a_students_page_tells_who_decided_when_and_what_stood_before(site, tiny):
    exam = site.open("sheet", tiny)
    site.answered(exam, r0="canery")
    tutor, prof = site.browser("tutor"), site.browser("prof")
    decide(tutor, tutor.get("/staff/exams/sheet/review"), "1/2", comment="Near <i>enough</i>.")
    sheet = prof.get("/staff/exams/sheet/tiny/students/r0")
    assert re.search(
        r"Incorrect 0 / 1 Change the decision, attempt 1 at c Tutor gave 0\.5 of 1 point, \S+ \S+ \S+ \S+ \S+; before, it was 0\."
        r" Comment: Near <i>enough</i>\.",
        words(sheet.text),
    )
    (link,) = re.findall(r'href="([^"]+answer=\w+)"', sheet.text)
    decide(prof, prof.get(link), "1")
    told = words(prof.get("/staff/exams/sheet/tiny/students/r0").text)
    assert re.search(r"Prof gave 1 of 1 point, \S+ \S+ \S+ \S+ \S+; before, it was 0\.5\. ", told)
    assert "Comment:" not in told
    (line,) = [
        json.loads(each)
        for each in prof.get("/staff/exams/sheet/tiny/results.jsonl").text.splitlines()
        if '"r0"' in each
    ]
    assert line["parts"][2]["blanks"][0]["reason"] == "A person has decided on this answer."


def test_a_stale_page_is_told_and_may_decide_knowingly(site, tiny):
    exam = site.open("stale", tiny)
    site.answered(exam, r0="canery", r1="sparow")
    tutor, prof = site.browser("tutor"), site.browser("prof")
    first, second = tutor.get("/staff/exams/stale/review"), prof.get("/staff/exams/stale/review")
    assert decide(tutor, first, "1", comment="Tutor says so.").status_code == 303
    late = decide(prof, second, "0.5", comment="Prof says so.")
    assert late.status_code == 409
    told = words(late.text)
    assert "Tutor has decided on these answers in the meantime. Decide again only if you want to replace that." in told
    assert "Decided 1 of 1 point, Tutor," in told
    assert 'name="points" value="0.5"' in late.text
    assert ">Prof says so.</textarea>" in late.text
    assert hidden(late, "group") == hidden(first, "group")
    assert sorted(marks(prof, "stale").values()) == ["0", "1"]
    assert decide(prof, late, "0.5").status_code == 303
    assert sorted(marks(prof, "stale").values()) == ["0", "0.5"]


@pytest.fixture(scope="module")
def waiting(site, tiny):
    exam = site.open("waiting", tiny)
    site.answered(exam, r0="canery")
    return exam


@pytest.mark.parametrize("query", ["group=0123456789abcdef", "group=é", "answer=none", "decision=none", "gave=none"])
def test_no_other_group_is_shown_for_one_that_is_not_there(site, waiting, query):
    assert site.browser("tutor").get(f"/staff/exams/waiting/review?{query}").status_code == 404


def test_why_an_answer_could_not_be_read_is_told(site, tiny):
    exam = site.open("unread", tiny)
    upload(site.browser("prof"), "unread", "a.jsonl", '{"student": "r1", "answers": {"b": "B.T @ \u0430"}}')
    site.graded(exam)
    told = words(site.browser("tutor").get("/staff/exams/unread/review").text)
    assert (
        "Why This answer could not be read. “а” in “а” is the Cyrillic small letter a, which only looks like “a”."
        in told
    )


def test_staff_decide_on_an_answer_that_nobody_asked_about(site, tiny):
    exam = site.open("unasked", tiny)
    site.answered(exam, r0="sparrow", r1="sparrow", r2="canary")
    tutor = site.browser("tutor")
    assert "Nothing to review." in words(tutor.get("/staff/exams/unasked/review").text)
    sheet = tutor.get("/staff/exams/unasked/tiny/students/r0").text
    (link,) = re.findall(r'href="([^"]+answer=\w+)"', sheet)
    page = tutor.get(link)
    told = words(page.text)
    assert "Why The grader had no doubt about this answer; one of the staff opened it." in told
    assert "It applies to everybody who has written the same here until now." in told
    assert "Nothing to review." in words(tutor.get("/staff/exams/unasked/review").text)
    done = decide(tutor, page, "1/2", comment="A bird is a bird.")
    assert "You gave 0.5 of 1 point to 2 students" in words(tutor.get(done.headers["location"]).text)
    assert marks(tutor, "unasked") == {"r0": "0.5", "r1": "0.5", "r2": "1"}
    back = decide(tutor, tutor.get(link), "0")
    assert back.status_code == 303
    assert marks(tutor, "unasked")["r1"] == "0"
    stale = decide(tutor, page, "1")
    assert stale.status_code == 409
    assert len(site.acts("decided", exam)) == 2


def test_staff_lower_an_answer_whose_equal_a_student_asked_about(site, tiny):
    exam = site.open("equals", tiny)
    site.answered(exam, r0="canary", r1="canary")
    with site.service.database.writing() as connection:
        r0, r1 = (people.by_login(connection, login) for login in ("r0", "r1"))
        (asked,), (other,) = (attempts.attempts_of(connection, exam, who) for who in (r0, r1))
        queue.request_review(connection, r0, asked.id)
    tutor = site.browser("tutor")
    page = tutor.get("/staff/exams/equals/review")
    assert (
        "It applies to those who asked for a review; equal answers of others can gain points by it, but never lose any."
        in words(page.text)
    )
    decide(tutor, page, "0.5")
    assert marks(tutor, "equals") == {"r0": "0.5", "r1": "1"}
    page = tutor.get(f"/staff/exams/equals/review?answer={other.id}")
    assert "Decided 0.5 of 1 point, Tutor" in words(page.text)
    assert decide(tutor, page, "0").status_code == 303
    assert marks(tutor, "equals") == {"r0": "0", "r1": "0"}


@pytest.mark.parametrize(
    ("text", "credit"),
    [("3", 1), ("1.5", "1/2"), ("1,5", "1/2"), ("1/3", "1/9"), (" 50 % ", "1/2"), ("0", 0)],
)
def test_points_are_read_as_people_write_them(text, credit):
    assert parse_credit(text, Fraction(3)) == Fraction(credit)


@pytest.mark.parametrize("text", ["", "4", "-1", "1/0", "all", "101%", "nan", "1e3", "9" * 99])
def test_other_points_are_refused(text):
    with pytest.raises(ValidationFailed):
        parse_credit(text, Fraction(3))
