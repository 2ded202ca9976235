"""The students of an exam on a running service: found, counted, each with their points, and their marks in one table."""

from __future__ import annotations

import csv
import json
import re
import shutil

import pytest
from support.exam_factory import PROGRAM, REFERENCE
from support.staff_client import upload, words

from grader.web.domain.accounts import people
from grader.web.domain.exams import enrolments, exams
from grader.web.pages.staff.pagination import paginate

pytestmark = pytest.mark.process

LIST = "/staff/exams/many/students"


@pytest.fixture(scope="module")
def many(site, tiny):
    exam = site.open("many", tiny, attempts=2)
    with site.service.database.writing() as connection:
        for number in range(130):
            name = f"Zoë <b>Nr {number}" if number % 2 else None
            enrolments.enrol(connection, exam, people.get_or_create_student(connection, f"m{number:03}", name))
    site.answered(exam, m001="canary", m002="canery", m003="sparrow")
    return exam


def logins(page):
    return re.findall(r'students/([^"/]+)">', page.text)


@pytest.mark.parametrize(
    ("query", "first", "last", "says"),
    [
        ("", "m000", "m049", "132 students."),
        ("?page=2", "m050", "m099", "132 students."),
        ("?page=3", "m100", "s2", "132 students."),
        ("?page=99", "m100", "s2", "132 students."),
        ("?page=x", "m000", "m049", "132 students."),
        ("?q=M12", "m120", "m129", "10 of 132 students."),
        ("?q=nr+12", "m012", "m129", None),
        ("?q=zo%C3%AB+m005", "m005", "m005", "1 of 132 students."),
        ("?state=graded", "m001", "m003", "2 of 132 students."),
        ("?state=to+review", "m002", "m002", "1 of 132 students."),
        ("?state=graded&q=m003", "m003", "m003", "1 of 132 students."),
        ("?state=nothing+handed+in&page=2", "m053", "m102", "129 of 132 students."),
    ],
)
def test_students_are_found_a_page_at_a_time(site, many, query, first, last, says):
    page = site.browser("tutor").get(LIST + query)
    found = logins(page)
    if says is None:  # Only those whose name is known.
        assert found == ["m121", "m123", "m125", "m127", "m129"]
        return
    assert (found[0], found[-1]) == (first, last)
    assert len(found) <= 50
    assert says in words(page.text)


@pytest.mark.parametrize("query", ["?q=nobody", "?state=lost", "?q=%00", "?q=%3Cscript%3E"])
def test_nobody_is_found(site, many, query):
    page = site.browser("tutor").get(LIST + query)
    assert (page.status_code, logins(page)) == (200, [])
    assert "0 of 132 students." in words(page.text)
    assert "Show all" in words(page.text)


def test_the_pages_keep_what_was_searched(site, many):
    page = site.browser("tutor").get(f"{LIST}?q=m0&state=nothing+handed+in")
    (link,) = re.findall(r'href="([^"]+)" rel="next"', page.text)
    after = site.browser("tutor").get(link.replace("&amp;", "&"))
    assert logins(after)[0] == "m053"
    assert 'value="m0"' in after.text
    assert "<option selected>nothing handed in</option>" in after.text


def test_the_form_that_adds_students_stands_above_them(site, many):
    page = site.browser("prof").get(LIST).text
    assert page.index('id="file"') < page.index('aria-label="Students"')
    assert 'id="file"' not in site.browser("tutor").get(LIST).text


@pytest.mark.parametrize(
    ("many", "asked", "shown"),
    [(0, "1", (0, 0, 1)), (1, "1", (1, 1, 1)), (50, "2", (1, 50, 1)), (51, "2", (51, 51, 2)), (120, "-1", (1, 50, 3)), (120, "²", (1, 50, 3)),
     (120, "9" * 40, (1, 50, 3))],
)  # fmt: skip
def test_pages_are_counted(many, asked, shown):
    page = paginate(range(many), asked, 50)
    assert (page.first, page.last, page.pages) == shown


def test_a_student_has_points_state_and_answers_at_each_problem(site, tiny, tmp_path):
    other = tmp_path / "program"
    other.mkdir()
    (other / "problem.yaml").write_text(PROGRAM, encoding="utf-8")
    (other / "reference.py").write_text(REFERENCE, encoding="utf-8")
    exam = site.open("points", tiny, other)
    site.submit("s1", exam, "tiny", c="sparrow", a="5.86")
    site.graded(exam)
    site.submit("s1", exam, "tiny", c="canary")
    site.graded(exam)
    told = words(site.browser("tutor").get("/staff/exams/points/students/s1").text)
    assert "Tiny 3 of 6 graded 3 Program 0 of 1 nothing handed in 0" in told
    sheet = words(site.browser("tutor").get("/staff/exams/points/tiny/students/s1").text)
    assert re.search(r"sparrow .* Incorrect 0 / 1 Decide on this answer, attempt 1 at c canary .* Correct 1 / 1", sheet)
    table = site.browser("tutor").get("/staff/exams/points/marks.csv")
    assert table.text == ("student,name,tiny,program,total,out_of,status\ns1,S1,3,0,3,7,final\ns2,S2,0,0,0,7,final\n")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert "points-marks.csv" in table.headers["content-disposition"]
    overview = site.browser("tutor").get("/staff/exams/points").text
    assert 'href="/staff/exams/points/marks.csv" download' in overview


def test_marks_of_an_exam_that_are_not_settled_say_so_and_run_nothing(site, tiny):
    exam = site.open("unsettled", tiny)
    rows = [
        {"student": {"id": "=1+1", "name": "@SUM(A1)"}, "answers": {"a": "5.86"}},
        {"student": {"id": "u2", "name": 'A "B", C'}, "answers": {"c": "canery"}},
    ]
    upload(site.browser("prof"), "unsettled", "a.jsonl", "\n".join(map(json.dumps, rows)))
    site.graded(exam)
    lines = site.browser("tutor").get("/staff/exams/unsettled/marks.csv").text.splitlines()
    assert "'=1+1,'@SUM(A1),2,2,6,final" in lines
    assert 'u2,"A ""B"", C",0,0,6,provisional' in lines


@pytest.mark.parametrize(
    ("until", "status", "says"),
    [
        ("2001-02-03T04:05", 422, "This time has passed. Enter one in the future, or leave the field empty for the same time as the others."),
        ("tomorrow", 422, "Enter a date and time such as 2027-01-15 12:00."),
        ("2101-02-03T04:05", 303, None),
        ("", 303, None),
    ],
)  # fmt: skip
def test_an_extension_lies_ahead(site, many, until, status, says):
    found = site.browser("prof").post("/staff/exams/many/extend/m001", until=until)
    assert found.status_code == status
    if says:
        assert says in words(found.text)
        assert f'value="{until}"' in found.text
    with site.service.database.reading() as connection:
        times = {who.login: closes for who, closes in enrolments.enrolled(connection, many)}
    assert (times["m001"] is not None) == (until.startswith("2101"))


def test_the_class_is_those_who_handed_in(site, many):
    """Those who did not are counted, and flatten no mean; in the marks they stand with nothing."""
    page = site.browser("prof").get("/staff/exams/many/tiny/class")
    told = words(page.text)
    assert "handed in 3 nothing handed in 129 graded" in told
    assert "m004" not in page.text
    table = site.browser("prof").get("/staff/exams/many/tiny/marks.csv").text
    assert table.count("\n") == 133


def test_a_receipt_is_looked_up(site, tiny):
    """Every receipt that a student had is found, with the moment up to which it names all answers; none of somebody else's is."""
    exam = site.open("receipts", tiny, everyone=True, attempts=3)
    digests = []
    for written in ("canary", "canery"):
        site.answered(exam, s1=written)
        page = site.browser("s1").get("/exams/receipts/tiny/receipt").text
        digests.append(re.search(r"<code>([0-9A-F-]{19})</code>", page)[1])
    site.answered(exam, s2="canary")
    prof, path = site.browser("prof"), "/staff/exams/receipts/students"
    for said in (*digests, digests[0].lower().replace("-", " ")):
        told = words(prof.get(f"{path}/s1?receipt={said}").text)
        assert "This receipt is genuine. It covers everything that the student submitted for Tiny until" in told
    for login, said in (("s1", digests[0][:-1] + "G"), ("s1", "-"), ("s2", digests[0])):
        told = words(prof.get(f"{path}/{login}?receipt={said}").text)
        assert "This digest matches no receipt of this student in this exam. Check every letter." in told
    assert "receipt of" not in words(prof.get(f"{path}/s1?receipt=").text)


def test_the_marks_of_an_exam_for_everyone(site, tiny, tmp_path):
    """Somebody who is on no list and answered only the second problem: every column says what stands above it."""
    other = tmp_path / "other"
    shutil.copytree(tiny, other)
    exam = exams.open_exam(site.service.database, "open", "Open", [tiny, other], exams.Policy(everyone=True))
    site.submit("s1", exam, "other", a="5.86")
    site.graded(exam)
    table = list(csv.DictReader(site.browser("prof").get("/staff/exams/open/marks.csv").text.splitlines()))
    assert [{**row, "name": ""} for row in table] == [
        {
            "student": "s1",
            "name": "",
            tiny.name: "0",
            "other": "2",
            "total": "2",
            "out_of": "12",
            "status": "final",
        }
    ]
