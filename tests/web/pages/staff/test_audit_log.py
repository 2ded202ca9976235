"""The audit log on a running service: paged, searched, and one line for a list of students."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from support.exam_factory import NOON
from support.staff_client import running, tiny_in, words

from grader.web.domain import audit_log
from grader.web.domain.accounts import people
from grader.web.domain.audit_log import AuditEvent
from grader.web.pages.staff.routes.audit_log import group_events

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running(tmp_path_factory.mktemp("staff")) as running_site:
        exam = running_site.open("log", tiny_in(tmp_path_factory.mktemp("problems")))
        table = "id\n" + "".join(f"many{n}\n" for n in range(150))
        running_site.browser("prof").post(
            "/staff/exams/log/students/import", files={"file": ("a.csv", table)}, codes="1"
        )
        with running_site.service.database.writing() as connection:  # As uploads note each student who is new.
            prof = people.by_login(connection, "prof")
            for number in range(150):
                who = people.by_login(connection, f"many{number}")
                audit_log.record(connection, prof.id, "person-added", who.id, role="student")
                audit_log.record(connection, prof.id, "code-made", who.id)
        running_site.answered(exam, s1="canery")
        tutor = running_site.browser("tutor")
        page = tutor.get("/staff/exams/log/review").text
        name = re.search(r'name="group" value="(\w+)"', page)[1]
        tutor.post("/staff/exams/log/review", group=name, answer="", seen="", points="1")
        running_site.browser("prof").post("/staff/exams/log/extend/s2", until="2101-02-03T04:05")
        yield running_site


def rows(page):
    return page.text.count("<tr>") - 1


def test_a_list_of_students_is_one_line(site):
    page = site.browser("prof").get("/staff/audit")
    told = words(page.text)
    assert "prof person-added × 150, code-made × 150 150 people" in told
    assert rows(page) < 20
    link = re.search(r'href="([^"]+)">Show nos\. (\d+) to (\d+) one by one', page.text)
    assert int(link[3]) - int(link[2]) == 299
    one = site.browser("prof").get(link[1].replace("&amp;", "&"))
    assert rows(one) == 100
    assert words(one.text).count("code-made") == 51  # One of them in the list of acts.


def test_the_log_is_paged(site):
    prof = site.browser("prof")
    page, seen = prof.get("/staff/audit?each=1"), []
    while True:
        seen += re.findall(r'class="n">(\d+)<', page.text)
        older = re.search(r'href="([^"]+)">Older', page.text)
        if older is None:
            break
        page = prof.get(older[1].replace("&amp;", "&"))
        assert ">Newest<" in page.text
    assert [int(each) for each in seen] == list(range(int(seen[0]), 0, -1))


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ("action=decided", {"decided"}),
        ("action=extended", {"extended"}),
        ("action=nothing", set()),
        ("who=tutor", {"person-added", "decided"}),
        ("who=s2", {"person-added", "extended"}),
        ("who=s2&action=extended", {"extended"}),
        ("who=many7", {"person-added", "code-made"}),
        ("who=nobody", set()),
        ("who=%00", set()),
    ],
)
def test_the_log_is_searched_by_act_and_person(site, query, actions):
    page = site.browser("tutor").get(f"/staff/audit?{query}")
    assert page.status_code == 200
    body = page.text[page.text.find("<tbody") :] if actions else ""
    assert set(re.findall(r"</td>\s*<td>([a-z-]+)</td><td>", body)) == actions
    assert rows(page) == len(actions) if actions else "<table" not in page.text


@pytest.mark.parametrize(
    ("query", "says"),
    [("who=nobody", "Nobody has this login."), ("action=nothing", "No such action has been recorded.")],
)
def test_nothing_is_found(site, query, says):
    assert says in words(site.browser("tutor").get(f"/staff/audit?{query}").text)


def test_a_decision_is_linked(site):
    tutor = site.browser("tutor")
    page = tutor.get("/staff/audit?action=decided")
    (link,) = re.findall(r'href="(/staff/exams/log/review\?decision=\w+)"', page.text)
    assert "Decided 1 of 1 point, Tutor" in words(tutor.get(link).text)
    assert 'href="/staff/exams/log"' in page.text


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "²"])
def test_odd_pages_are_shown_as_the_first(site, before):
    assert site.browser("prof").get(f"/staff/audit?before={before}").status_code == 200


def act(id, action="person-added", seconds=0, actor="p"):
    return AuditEvent(id, NOON + timedelta(seconds=seconds), actor, action, f"s{id}", {})


@pytest.mark.parametrize(
    ("acts", "lines"),
    [
        ([], []),
        ([act(1)], [1]),
        ([act(4), act(3), act(2), act(1)], [4]),
        ([act(3), act(2), act(1)], [1, 1, 1]),
        ([act(5, "decided"), act(4), act(3, "code-made"), act(2), act(1, "code-made"), act(0, "erased")], [1, 4, 1]),
        ([act(5, seconds=9), act(4), act(3), act(2), act(1)], [1, 4]),
        ([act(5, actor=None), act(4), act(3), act(2), act(1)], [1, 4]),
        ([act(n, "decided") for n in range(6, 0, -1)], [1] * 6),
    ],
)  # fmt: skip
def test_which_acts_are_one_line(acts, lines):
    assert [len(line.events) for line in group_events(acts)] == lines
