"""The pages of staff, on a running service: who gets in, what is taken and told, what one decision does."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from support.staff_client import SUBMISSIONS, WE_RECUR, as_json_lines, body, upload, words

from grader.authoring.loader import load_problem
from grader.grading.readers import read
from grader.reports.batch import Batch, run
from grader.web.domain import audit_log
from grader.web.domain.exams import exams
from grader.web.pages.staff.routes import home

pytestmark = pytest.mark.process

EXAM = "/staff/exams/small"
PATHS = [
    ("GET", "/staff"), ("GET", "/staff/audit"), ("GET", EXAM), ("GET", f"{EXAM}/progress"), ("GET", f"{EXAM}/students"),
    ("GET", f"{EXAM}/students/s1"), ("GET", f"{EXAM}/uploads"), ("GET", f"{EXAM}/uploads/progress"), ("GET", f"{EXAM}/uploads/x"),
    ("GET", f"{EXAM}/review"), ("GET", f"{EXAM}/tiny/class"), ("GET", f"{EXAM}/tiny/students/s1"), ("GET", f"{EXAM}/tiny/marks.csv"),
    ("GET", f"{EXAM}/tiny/results.jsonl"), ("GET", f"{EXAM}/marks.csv"), ("POST", f"{EXAM}/closes"), ("GET", f"{EXAM}/acts/close"), ("GET", "/staff/people/s1/erase"),
    ("POST", f"{EXAM}/acts/close"), ("POST", f"{EXAM}/acts/release"), ("POST", f"{EXAM}/students/import"), ("POST", f"{EXAM}/extend/s1"),
    ("POST", f"{EXAM}/code/s1"), ("POST", f"{EXAM}/uploads"), ("POST", f"{EXAM}/review"), ("POST", "/staff/people/s1/erase"),
]  # fmt: skip
FOR_INSTRUCTORS = [
    f"{EXAM}/acts/close",
    f"{EXAM}/closes",
    f"{EXAM}/students/import",
    f"{EXAM}/extend/s1",
    f"{EXAM}/code/s1",
    f"{EXAM}/uploads",
]
NOWHERE = "/there/is/no/such/page"


@pytest.fixture(scope="module")
def small(site, tiny):
    return site.open("small", tiny)


# Who gets in


def test_every_route_is_in_the_list_above():
    routes = [route for module in home.MODULES for route in module.router.routes]
    shaped = {re.sub(r"\{[^}]*\}", "*", route.path) for route in routes} | {"/staff"}
    known = {re.sub(r"(?<=uploads/)x|(?<=/)(s1|small|tiny|close|release)(?=/|$)", "*", path) for _, path in PATHS}
    assert shaped == known


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_for_a_student_nothing_of_it_is_there(site, small, method, path):
    student = site.browser("s1")
    nowhere = student.get(NOWHERE)
    found = student.get(path) if method == "GET" else student.post(path)
    assert (found.status_code, body(found.text)) == (404, body(nowhere.text))


@pytest.mark.parametrize("path", ["/staff/exams/none", f"{EXAM}/none/class", "/staff/none", "/staff/a/b/c"])
def test_what_is_not_there_looks_the_same_to_everybody(site, small, path):
    for who in map(site.browser, ["s1", "root"]):
        assert body(who.get(path).text) == body(who.get(NOWHERE).text)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", ["/staff", EXAM, f"{EXAM}/code/s1", "/staff/none"])
def test_no_method_tells_which_addresses_there_are(site, small, method, path):
    assert site.browser("s1").client.request(method, path).status_code == 404


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_stranger_is_led_to_the_entrance(site, small, method, path):
    found = site.browser().client.request(method, path, follow_redirects=False)
    assert (found.status_code, found.headers["location"]) == (303, "/enter")


@pytest.mark.parametrize("path", FOR_INSTRUCTORS)
def test_a_grader_may_look_and_review_but_not_act(site, small, path):
    assert site.browser("tutor").post(path).status_code == 404


def test_only_an_admin_erases(site, small):
    for login in ("tutor", "prof"):
        assert site.browser(login).post("/staff/people/s1/erase", typed="s1").status_code == 404


@pytest.mark.parametrize("path", [path for method, path in PATHS if method == "POST"])
def test_every_form_is_refused_without_its_token(site, small, path):
    root = site.browser("root")
    root.csrf = "0" * 64
    with_files = [("files", ("a.jsonl", b"x"))] if path.endswith(("uploads", "import")) else None
    assert root.post(path, with_files).status_code == 403
    assert exams_state(site, "small") == ("open", None)


def exams_state(site, slug):
    with site.service.database.reading() as connection:
        exam = exams.find(connection, slug)
    return exam.state, exam.released_at


# Uploads


def test_marks_are_those_of_a_batch(site, tmp_path):
    exam = site.open("marks", WE_RECUR, mode="exam", attempts=1)
    with site.service.database.writing() as connection:  # Only those of the file.
        connection.exec_driver_sql("DELETE FROM enrolments WHERE exam = ?", (exam.id,))
    prof = site.browser("prof")
    sent = upload(prof, "marks", "all.jsonl", as_json_lines(), "we_recur")
    assert sent.status_code == 303
    site.graded(exam)
    problem = load_problem(WE_RECUR)
    run(Batch(problem, read(SUBMISSIONS, problem), tmp_path, site.service.settings.grading_secret))
    found = prof.get("/staff/exams/marks/we_recur/marks.csv")
    assert found.text == (tmp_path / "marks.csv").read_text(encoding="utf-8")
    assert "marks-we_recur-marks.csv" in found.headers["content-disposition"]
    lines = prof.get("/staff/exams/marks/we_recur/results.jsonl").text.splitlines()
    batch = (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert [parts(each) for each in lines] == [parts(each) for each in batch]


def parts(line):
    """What a line says of the parts; whether nothing was written or nothing but white space is the same here."""
    found = json.loads(line)["parts"]
    for blank in (blank for part in found for blank in part["blanks"] if blank["outcome"] == "blank"):
        blank["written"] = None
    return found


def test_several_files_are_read_as_a_folder(site):
    exam = site.open("folder", WE_RECUR)
    files = [("files", (path.name, path.read_bytes())) for path in sorted(SUBMISSIONS.iterdir())]
    sent = upload(site.browser("prof"), "folder", "", files, "we_recur")
    assert "44 submissions with 381 new answers" in site.browser("tutor").get(sent.headers["location"]).text
    again = upload(site.browser("prof"), "folder", "", files, "we_recur")
    page = site.browser("tutor").get(again.headers["location"]).text
    assert "with 0 new answers" in page
    assert "are here already" in page
    site.graded(exam)


def test_everything_broken_or_unknown_in_an_upload_is_told(site, tiny):
    exam = site.open("odd", tiny)
    lines = [
        {"student": "new1", "answers": {"a": "5.86", "c": "canary"}},
        "no JSON",
        {"answers": {"a": "1"}},
        {"student": "s1", "answers": {"a": "x" * 30_000, "c": "sparrow"}},
        {"student": "prof", "answers": {"a": "1"}},
        {"student": "s2", "answers": {"a": "1", "z": "stray"}},
        {"student": "s3", "problem": "other", "answers": {"a": "1"}},
        {"student": "l\u0000ng", "answers": {"a": "1"}},
    ]
    text = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
    files = [
        ("files", ("odd.jsonl", text)),
        ("files", ("photo.jpg", b"\xff")),
        ("files", ("../../evil.yaml", "student: [")),
        ("files", ("odd.jsonl", "again")),
    ]
    sent = upload(site.browser("prof"), "odd", "", files)
    page = site.browser("tutor").get(sent.headers["location"]).text
    for told in [
        "odd.jsonl:2",
        "no student is named",
        "at most 20,000 characters",
        "prof is one of the staff",
        "&#39;z&#39;",
        "other",
        "photo.jpg",
        "evil.yaml",
        "several files of this name",
        "new1",
    ]:
        assert told in page, told
    assert "/tmp/" not in page
    site.graded(exam)
    rows = site.browser("tutor").get("/staff/exams/odd/tiny/marks.csv").text
    assert "new1" in rows
    assert "\ns1,S1,0,0," in rows
    (act,) = [each for each in site.acts("upload-read") if each.details["exam"] == exam.id]
    assert act.details["broken"] >= 4


def test_an_upload_of_which_nothing_can_be_read_says_why(site, small):
    prof = site.browser("prof")
    for name, data, told in [
        ("a.jsonl", "nonsense", "a.jsonl:1"),
        ("a.txt", "x", "is none of"),
        ("empty.csv", "", "is empty"),
    ]:
        found = upload(prof, "small", name, data)
        assert found.status_code == 422, name
        assert told in found.text, name
    assert prof.post(f"{EXAM}/uploads", problem="tiny").status_code == 422
    assert upload(prof, "small", "a.jsonl", "x", "other").status_code == 404


def test_sixty_megabytes_are_refused(site, small):
    assert upload(site.browser("prof"), "small", "all.jsonl", b" " * 60_000_000).status_code == 413


def test_cells_are_safe_in_a_spreadsheet(site, tiny):
    exam = site.open("cells", tiny)
    row = {"student": {"id": "=1+1", "name": "@SUM(A1)"}, "answers": {"a": "5.86"}}
    upload(site.browser("prof"), "cells", "a.jsonl", json.dumps(row))
    site.graded(exam)
    assert "\n'=1+1,'@SUM(A1)," in site.browser("prof").get("/staff/exams/cells/tiny/marks.csv").text
    assert site.browser("prof").get("/staff/exams/cells/students/%3D1%2B1").status_code == 200


# Students


def test_a_roster_is_taken_with_codes_that_are_shown_once(site, tiny):
    site.open("roster", tiny)
    prof = site.browser("prof")
    table = "id;name\nn1;New One\n;Nobody\nn1;Twice\nprof;Prof\n'=n2;Formula\n"
    found = prof.post("/staff/exams/roster/students/import", files={"file": ("class.csv", table)}, codes="1")
    assert "2 students, 2 of them new" in found.text
    for told in ["class.csv:3", "class.csv:4", "one of the staff"]:
        assert told in found.text
    codes = re.findall(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", found.text)
    assert len(codes) == 2
    assert codes[0] not in prof.get("/staff/exams/roster/students").text
    assert site.browser("tutor").get("/staff/exams/roster/students/n1").status_code == 200
    for name, data in [("class.csv", "name\nA"), ("class.csv", b"\xff\xfe"), ("", "")]:
        files = {"file": (name, data)} if name else None
        assert prof.post("/staff/exams/roster/students/import", files=files).status_code == 422


def test_a_new_code_makes_the_old_one_worthless(site, small):
    prof = site.browser("prof")
    first, second = (
        re.search(r'class="code">([A-Z0-9-]{14})<', prof.post(f"{EXAM}/code/s1").text)[1] for _ in range(2)
    )
    assert first not in prof.get(f"{EXAM}/students/s1").text
    assert enter(site, first) == 403
    assert enter(site, second) == 303
    assert enter(site, second) == 403


def test_a_new_code_ends_every_session_of_that_student_alone(site, small):
    student, other, prof = site.browser("s1"), site.browser("s2"), site.browser("prof")
    assert "the student is signed out everywhere" in prof.get(f"{EXAM}/students/s1").text
    assert [each.get("/exams/small").status_code for each in (student, other)] == [200, 200]
    told = prof.post(f"{EXAM}/code/s1").text
    assert "this student has been signed out everywhere" in told
    assert [each.get("/exams/small").status_code for each in (student, other)] == [303, 200]
    assert student.get("/exams/small").headers["location"] == "/enter"


def enter(site, code):
    someone = site.browser()
    page = someone.get("/enter").text
    someone.csrf = re.search(r'name="csrf" value="(\w+)"', page)[1]
    return someone.post("/enter", code=code).status_code


def test_an_extension_is_set_and_taken_back(site, small):
    prof = site.browser("prof")
    assert prof.post(f"{EXAM}/extend/s2", until="2031-01-02T03:04").status_code == 303
    assert 'value="2031-01-02T03:04"' in prof.get(f"{EXAM}/students/s2").text
    assert "extended" in prof.get(f"{EXAM}/students").text
    assert prof.post(f"{EXAM}/extend/s2", until="tomorrow").status_code == 422
    assert prof.post(f"{EXAM}/extend/s2", until="").status_code == 303
    assert "extended" not in prof.get(f"{EXAM}/students").text
    assert [each.details["until"] is None for each in site.acts("extended")] == [True, False]
    assert prof.post(f"{EXAM}/extend/nobody", until="").status_code == 404


# Release and erasure


def test_release_asks_first_and_shows_verdicts(site, tiny):
    exam = site.open("release", tiny, mode="exam", attempts=1)
    site.submit("s1", exam, "tiny", a="5.86")
    site.graded(exam)
    prof, student = site.browser("prof"), site.browser("s1")
    before = student.get("/exams/release/tiny").text
    assert "Correct" not in before
    early = prof.post("/staff/exams/release/acts/release")
    assert (early.status_code, "close the exam first" in early.text) == (409, True)
    for act in ("close", "reopen", "close", "release"):
        assert prof.get(f"/staff/exams/release/acts/{act}").status_code == 200
        assert prof.post(f"/staff/exams/release/acts/{act}").status_code == 303
    assert prof.post("/staff/exams/release/acts/reopen").status_code == 409
    assert prof.get("/staff/exams/release/acts/other").status_code == 404
    after = student.get("/exams/release/tiny").text
    assert "Correct" in after
    told = [each.action for each in audit_of(site, exam)]
    assert told == ["exam-released", "exam-closed", "exam-reopened", "exam-closed", "exam-opened"]


def audit_of(site, exam):
    with site.service.database.reading() as connection:
        return audit_log.events(connection, exam.id)


def test_erasure_asks_for_the_login_and_removes_name_and_answers(site, tiny):
    exam = site.open("erasure", tiny)
    row = {"student": {"id": "gone", "name": "Greta Gone"}, "answers": {"c": "a canary, I believe"}}
    sent = upload(site.browser("prof"), "erasure", "gone.json", json.dumps(row))
    site.graded(exam)
    root = site.browser("root")
    told = sent.headers["location"].removeprefix("/staff/exams/erasure/")
    assert "gone" in root.get(f"/staff/exams/erasure/{told}").text
    assert "Greta Gone" in root.get("/staff/people/gone/erase").text
    assert root.post("/staff/people/gone/erase", typed="someone").status_code == 422
    assert "I believe" in root.get("/staff/exams/erasure/tiny/results.jsonl").text
    assert root.post("/staff/people/gone/erase", typed="gone").status_code == 303
    for path in ["students", "tiny/class", "tiny/marks.csv", "tiny/results.jsonl", "review", "uploads", told]:
        page = root.get(f"/staff/exams/erasure/{path}")
        assert page.status_code == 200
        assert "Greta" not in page.text
        assert "I believe" not in page.text
        assert not re.search(r"\bgone\b", page.text)
    assert root.get("/staff/people/gone/erase").status_code == 404
    assert root.get("/staff/people/prof/erase").status_code == 404
    assert site.acts("erased")


def test_no_page_holds_a_style_or_a_script(site, small):
    root = site.browser("root")
    for path in [path for method, path in PATHS if method == "GET" and "jsonl" not in path and "csv" not in path]:
        text = root.get(path).text
        assert not re.search(r"<style|<[^>]* style=|<script(?! src=)|<[^>]* on\w+=", text), path


# Closing


def test_release_is_barred_while_students_may_answer(site, tiny):
    site.open("barred", tiny, mode="exam", attempts=1)
    prof = site.browser("prof")
    page = prof.get("/staff/exams/barred")
    assert re.search(r'<button type="button" disabled aria-describedby="why-release">Release …</button>', page.text)
    assert "Release … Students may still answer: close the exam first. Students see" in words(page.text)
    asked = prof.get("/staff/exams/barred/acts/release")
    assert (asked.status_code, "Students may still answer: close the exam first." in asked.text) == (
        409,
        True,
    )
    assert prof.post("/staff/exams/barred/acts/close").status_code == 303
    page = prof.get("/staff/exams/barred")
    assert "disabled" not in page.text
    assert 'href="/staff/exams/barred/acts/release"' in page.text


@pytest.mark.parametrize(
    ("closes", "status", "says"),
    [
        ("2101-02-03T04:05", 303, None),
        ("", 303, None),
        ("2001-02-03T04:05", 422, "This time has passed. To close the exam at once, use Close."),
        ("2030-01-01T00:00", 422, "An exam closes after it opens."),
        ("soon", 422, "Enter a date and time such as 2027-01-15 12:00."),
    ],
)
def test_the_closing_time_is_changed_for_everyone(site, tiny, closes, status, says):
    slug = f"closing-{closes[:4].lower()}"
    exam = site.open(slug, tiny, opens_at=datetime(2031, 1, 1, tzinfo=UTC), closes_at=datetime(2032, 1, 1, tzinfo=UTC))
    found = site.browser("prof").post(f"/staff/exams/{slug}/closes", closes=closes)
    assert found.status_code == status
    done = site.acts("exam-rescheduled", exam)
    if says:
        assert (says in words(found.text), f'value="{closes}"' in found.text, done) == (True, True, [])
        return
    (act,) = done
    assert (act.actor, act.details["was"]) == (site.people["prof"].id, "2032-01-01T00:00:00+00:00")
    assert (act.details["closes"] or "")[:10] == closes[:10]
    assert f'value="{closes}"' in site.browser("prof").get(f"/staff/exams/{slug}").text
    assert 'id="closes"' not in site.browser("tutor").get(f"/staff/exams/{slug}").text
