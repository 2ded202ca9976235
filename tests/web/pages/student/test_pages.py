"""The students' pages in a real service: by plain forms, by htmx's requests, and in a browser, by keyboard alone too."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import httpx2
import pytest
from support.live_server import CANARIES, Browser, Server, canary, crawl, server
from support.paths import PROBLEMS
from support.timing import at_most

from grader.web.domain.accounts import people
from grader.web.domain.attempts import attempts
from grader.web.domain.exams import exams, schedule
from grader.web.domain.exams.exams import Exam
from grader.web.domain.review import decisions, queue

pytestmark = pytest.mark.process

ALL = """\
title: All
intro: 'Let $$\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}$$ be.'
sizes: {n: 2, m: 3}
symbols:
  a: {shape: [n, 1]}
  B: {shape: [n, n], also: [β]}
parts:
  - {id: d, ask: Its shape?, blanks: {one: {kind: dimensions, label: $A$, shape: [n, m], points: 1}, two: {kind: dimensions, label: $C$, shape: [m, n], points: 1}}}
  - {id: f, ask: A formula?, kind: formula, points: 3, symbols: [a, B], reference: B.T @ a, solution: It is $B^\\top a$.}
  - id: o
    ask: Which?
    kind: choices
    points: 2
    options: {i: {says: One., correct: true}, j: {says: Two $x$., correct: false}, k: {says: Three., correct: true}}
  - {id: w, ask: A word?, kind: word, points: 1, accept: [softmax]}
  - {id: n, ask: A number?, kind: number, points: 2, value: 41/7, accept: {decimals: 2}}
  - {id: p, ask: A program?, kind: function, points: 1, name: twice, parameters: [a], reference: twice, checks: [{says: it is twice}]}
"""
PAGE = "/exams/practice/all"
HTMX = {"hx-request": "true"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "all").mkdir()
    (folder / "all" / "problem.yaml").write_text(ALL, encoding="utf-8")
    (folder / "all" / "reference.py").write_text("def twice(a):\n    return 2 * a\n", encoding="utf-8")
    with server(folder, workers=2) as running_site:
        running_site.add("prof", "Prof", "instructor")
        running_site.open("practice", folder / "all", everyone=True, attempts=3, credits=(Fraction(1), Fraction(1, 2)))
        running_site.open("final", canary(folder), mode="exam", attempts=3, everyone=True)
        running_site.open("other", folder / "all")
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        running_site.open("early", folder / "all", everyone=True, opens_at=tomorrow)
        yield running_site


_count = iter(range(10_000))


@pytest.fixture
def ada(site: Server) -> Browser:
    return somebody(site)


def somebody(site: Server) -> Browser:
    login = f"ada{next(_count)}"
    site.add(login, "Ada")
    return site.browser(login)


def found(site: Server, slug: str) -> Exam:
    with site.service.database.reading() as connection:
        return exams.find(connection, slug)


def own(site: Server, slug: str = "practice", problem: str = "all") -> list[Any]:
    """All attempts of whoever was added last."""
    with site.service.database.reading() as connection:
        person = list(site.people.values())[-1]
        return attempts.attempts_of(connection, found(site, slug), person, problem)


def key(html: str, blank: str = "all") -> dict[str, str]:
    return {f"key:{blank}": re.findall(rf'name="key:{re.escape(blank)}" value="([^"]+)"', html)[0]}


def piece(html: str, blank: str) -> str:
    """What stands in one blank of the page."""
    return html.split(f'id="blank-{blank}"')[1].split('class="blank"')[0]


def handed_in(site: Server, ada: Browser, blank: str, **fields: str) -> str:
    """Hand in one blank by a plain form, and return the page once it is graded."""
    page = ada.http.get(PAGE).text
    answer = ada.post(f"{PAGE}/submit", **fields, **key(page, blank), blank=blank)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"{PAGE}#blank-{blank.replace('.', '-')}",
    )
    site.graded()
    return ada.http.get(PAGE).text


def test_the_start_lists_exams_with_their_state(site: Server, ada: Browser) -> None:
    html = ada.http.get("/").text
    assert "Practice" in html and "Early" in html and "Opens" in html and "Other" not in html
    assert "10 points" not in html and "11 points" in html
    early = ada.http.get("/exams/early")
    assert early.status_code == 200 and "once the exam is open" in early.text and "/exams/early/all" not in early.text
    assert ada.http.get("/exams/early/all").status_code == 409


def test_a_journey_by_plain_forms(site: Server, ada: Browser) -> None:
    html = handed_in(site, ada, "f", **{"text:f": "B a"})
    assert "Incorrect" in piece(html, "f") and "counts as attempt 1 of 3</span>" in piece(html, "f")
    assert "1 of 3 attempts used: 2 are left. The next one earns half of what it improves." in html
    html = handed_in(site, ada, "f", **{"text:f": "B^T a"})
    assert "Correct" in piece(html, "f") and "Earlier answers" in html
    assert "counts as attempt 2 of 3, earns half</span>" in html
    assert "<strong>1.5</strong> of 11 points so far" in html  # The second attempt pays half of three points.
    assert "So far <b>1.5</b> of 3 points" in html and "B^T a</textarea>" in html
    assert "1.5</b> of 11 points" in ada.http.get("/exams/practice").text
    assert "1.5</b> of 11 points" in ada.http.get("/").text


ANSWERS = {
    "rows:d.one": "2", "columns:d.one": "m", "rows:d.two": "3x2", "text:f": "B.T @ a", "tick:o": ["A", "C"], "text:w": "softmax",
    "text:n": "5.86", "text:p": "def twice(a):\r\n    return a + a\r\n",
}  # fmt: skip


def test_all_is_handed_in_at_once_and_twice_is_once(site: Server, ada: Browser) -> None:
    page = key(ada.http.get(PAGE).text)
    for _ in range(2):
        assert ada.post(f"{PAGE}/submit-all", **ANSWERS, **page).status_code in (303, 200)
    site.graded()
    kept = {each.blank: each for each in own(site)}
    assert len(own(site)) == 7 and {each.outcome for each in kept.values()} <= {"correct", "ungraded"}
    assert kept["d.one"].written == "2 x m" and kept["o"].written == "A, C"
    assert kept["p"].written == "def twice(a):\n    return a + a\n"
    again = ada.post(f"{PAGE}/submit-all", **ANSWERS, **page)
    assert again.status_code == 303
    assert "You have already submitted all of these answers." in ada.http.get(again.headers["location"]).text
    html = ada.http.get(PAGE).text
    assert 'value="2"' in piece(html, "d-one") and 'value="m"' in piece(html, "d-one")
    assert 'value="3"' in piece(html, "d-two") and html.count(" checked") == 2


def test_a_double_click_hands_in_once(site: Server, ada: Browser) -> None:
    sent = {"text:n": "5.86", "blank": "n", **key(ada.http.get(PAGE).text, "n")}
    for headers in ({}, HTMX, {}):
        data = {"csrf": ada.csrf, **sent}
        assert ada.http.post(f"{PAGE}/submit", data=data, headers=headers).status_code in (200, 303)
    assert len(own(site)) == 1
    other = ada.post(f"{PAGE}/submit", **(sent | {"text:n": "6"}))  # Typed anew on a page that lay there.
    assert other.status_code == 303 and len(own(site)) == 2
    assert ada.post(f"{PAGE}/submit", **{"text:n": "7", "blank": "n"}).status_code == 422
    assert len(own(site)) == 2


def test_what_is_refused_is_said_beside_the_blank_and_nothing_typed_is_lost(site: Server, ada: Browser) -> None:
    page = ada.http.get(PAGE).text
    long = ada.post(f"{PAGE}/submit", **{"text:w": "w" * 20_001, "text:f": "B a B", "blank": "w", **key(page, "w")})
    assert long.status_code == 413 and "at most 20,000" in piece(long.text, "w")
    assert "B a B</textarea>" in long.text
    assert "1 answer was not submitted: (w). The reason is shown below it." in long.text
    both = ada.post(f"{PAGE}/submit-all", **{"tick:o": ["A"], "none:o": "1", "text:w": "relu", **key(page)})
    assert both.status_code == 422 and "Untick one or the other" in piece(both.text, "o")
    assert "1 answer was submitted." in both.text and "1 answer was not submitted: (o)." in both.text
    site.graded()
    assert [each.written for each in own(site)] == ["relu"]
    empty = ada.http.post(
        f"{PAGE}/submit", data={"csrf": ada.csrf, "text:n": " ", "blank": "n", **key(page, "n")}, headers=HTMX
    )
    assert empty.status_code == 422 and "Nothing was written" in empty.text and "<html" not in empty.text


def test_no_attempts_left_and_closed_in_words(site: Server, ada: Browser) -> None:
    for number in ("1", "2", "3"):
        html = handed_in(site, ada, "n", **{"text:n": number})
    assert "You have used all 3 attempts here and cannot submit again." in html
    assert 'id="blank-n-text" disabled' in html and 'disabled aria-describedby="blank-n-attempts-left"' in html
    page = ada.post(f"{PAGE}/submit", **{"text:n": "4", "blank": "n", **key(html, "n")})
    assert page.status_code == 409 and "all 3 attempts" in piece(page.text, "n")
    exam = site.open("brief", site.folder / "all", everyone=True)
    brief = ada.http.get("/exams/brief/all").text
    with site.service.database.writing() as connection:
        schedule.close(connection, exam)
    late = ada.post("/exams/brief/all/submit", **{"text:w": "x", "blank": "w", **key(brief, "w")})
    assert late.status_code == 409 and "closed" in piece(late.text, "w") and "<textarea" not in late.text
    assert "closed" in ada.post("/exams/brief/all/draft", **{"text:w": "x"}).text


def test_a_preview_reads_and_keeps_nothing(site: Server, ada: Browser) -> None:
    def preview(blank: str, **fields: str) -> str:
        answer = ada.http.post(f"{PAGE}/preview", data={"csrf": ada.csrf, "blank": blank, **fields}, headers=HTMX)
        assert answer.status_code == 200, answer.text
        return answer.text

    assert "(2×1) = (2×2)(2×1)" in preview("f", **{"text:f": "B^T a"}) and "<math" in preview("f", **{"text:f": "B a"})
    assert "do not fit" in preview("f", **{"text:f": "a B"}) and "<mark>" in preview("f", **{"text:f": "a B"})
    assert "not known" in preview("f", **{"text:f": "X"}) and preview("f", **{"text:f": " "}).strip() == ""
    assert "<math" in preview("d.one", **{"rows:d.one": "2", "columns:d.one": "m"})
    assert "There is no function twice(a) here. Did you mean thrice?" in preview(
        "p", **{"text:p": "def thrice(a): pass"}
    )
    assert "5.86" in preview("n", **{"text:n": "5.86"}) and "&lt;b&gt;" in preview("w", **{"text:w": "x<b>"})
    assert own(site) == []
    assert ada.http.post(f"{PAGE}/preview", data={"csrf": ada.csrf, "blank": "z"}).status_code == 404


@pytest.mark.bench
def test_the_preview_is_quick(site: Server, ada: Browser) -> None:
    fields = {"csrf": ada.csrf, "blank": "f", "text:f": "B^T a"}
    with at_most(30 * 0.05, time.perf_counter):  # 5 ms each where nothing else runs.
        for _ in range(30):
            assert ada.http.post(f"{PAGE}/preview", data=fields, headers=HTMX).status_code == 200


def test_drafts_survive_and_end_when_handed_in(site: Server, ada: Browser) -> None:
    data = {"csrf": ada.csrf, "blank": "f", "text:f": "B^T"}
    said = ada.http.post(f"{PAGE}/draft", data=data, headers=HTMX)
    assert (said.status_code, said.text.strip()) == (200, "Saved as a draft, not submitted.")
    html = ada.http.get(PAGE).text
    assert "B^T</textarea>" in html and "Saved as a draft, not submitted." in piece(html, "f")
    plain = ada.post(f"{PAGE}/draft", **{"text:f": "B^T", "text:w": "soft", "tick:o": ["B"]})
    assert plain.status_code == 303
    html = ada.http.get(PAGE).text
    assert 'value="soft"' in html and html.count(" checked") == 1
    html = handed_in(site, ada, "w", **{"text:w": "softmax"})
    assert 'value="softmax"' in html and "a draft" not in piece(html, "w") and own(site)[0].outcome == "correct"


def test_none_of_these(site: Server, ada: Browser) -> None:
    html = handed_in(site, ada, "o", **{"none:o": "1"})
    assert own(site)[0].written == "none" and re.search(r'name="none:o" value="1" checked', html)


def test_what_waits_is_asked_for_until_it_is_graded(site: Server, ada: Browser) -> None:
    page = ada.http.get(PAGE).text
    data = {"csrf": ada.csrf, "blank": "f", "text:f": "B B B a", **key(page, "f")}
    sent = ada.http.post(f"{PAGE}/submit", data=data, headers=HTMX).text
    assert "<html" not in sent and 'hx-swap-oob="true"' in sent and key(sent, "f") != key(page, "f")
    for _ in range(100):
        answer = ada.http.get(f"{PAGE}/blanks/f", headers=HTMX)
        if answer.status_code != 204:
            break
        assert answer.text == ""
        time.sleep(0.05)
    assert "Incorrect" in answer.text and "hx-trigger" not in answer.text.replace("hx-post", "")


def test_you_misread_me_and_what_a_person_decides(site: Server, ada: Browser) -> None:
    html = handed_in(site, ada, "w", **{"text:w": "hardmax"})
    [one] = own(site)
    assert one.outcome == "incorrect" and "You misread me" in piece(html, "w")
    assert ada.post(f"{PAGE}/ask", attempt=one.id).status_code == 303
    html = piece(ada.http.get(PAGE).text, "w")
    assert "You asked a person" in html and "You misread me" not in html
    exam, prof = found(site, "practice"), site.people["prof"]
    with site.service.database.writing() as connection:
        [group] = [each for each in queue.pending_groups(connection, exam) if one.person in each.people]
        said = (Fraction(1, 2), "Half, for the <idea>.")
        decisions.decide(connection, exam, "all", "w", group.group_key, *said, prof)
    html = piece(ada.http.get(PAGE).text, "w")
    assert "Half, for the &lt;idea&gt;." in html and "A person has decided" in html and "0.5 / 1" in html
    again = ada.http.post(f"{PAGE}/ask", data={"csrf": ada.csrf, "attempt": one.id}, headers=HTMX)
    assert again.status_code == 409 and "looked at this answer already" in again.text


def test_what_belongs_to_others_looks_like_nothing(site: Server, ada: Browser) -> None:
    handed_in(site, ada, "w", **{"text:w": "theirs"})
    [theirs] = own(site)
    bob = somebody(site)
    nothing = bob.http.get("/nothing/here")
    same = (nothing.status_code, plain(nothing))
    answers = [bob.post(f"{PAGE}/ask", attempt=each) for each in (theirs.id, "none", "\x00")]
    answers += [
        bob.http.get(path)
        for path in ("/exams/other", "/exams/other/all", "/exams/none", f"{PAGE}x", f"{PAGE}/blanks/z")
    ]
    answers += [
        bob.post(f"/exams/other/all/{act}", blank="w") for act in ("preview", "draft", "submit", "submit-all", "ask")
    ]
    assert [(each.status_code, plain(each)) for each in answers] == [same] * len(answers)
    assert ada.post("/exams/final/birds/ask", attempt=theirs.id).status_code == 404
    assert "theirs" not in bob.http.get(f"{PAGE}/receipt").text


def plain(answer: httpx2.Response) -> str:
    return re.sub(r'"x-csrf-token": "\w+"|name="csrf" value="\w+"', "", answer.text)


def test_forged_and_unknown(site: Server, ada: Browser) -> None:
    sent = {"text:w": "x", "blank": "w", "key:w": "0123456789"}
    assert ada.http.post(f"{PAGE}/submit", data=sent).status_code == 403
    assert (
        ada.http.post(
            f"{PAGE}/submit", data=sent | {"csrf": ada.csrf}, headers={"origin": "http://else.where"}
        ).status_code
        == 403
    )
    stranger = site.browser()
    assert [stranger.http.get(each).headers["location"] for each in ("/", PAGE, f"{PAGE}/receipt")] == ["/enter"] * 3
    assert own(site) == []


def test_the_receipt(site: Server, ada: Browser) -> None:
    handed_in(site, ada, "f", **{"text:f": "B a"})
    first = ada.http.get(f"{PAGE}/receipt").text
    handed_in(site, ada, "f", **{"text:f": "(("})
    html = ada.http.get(f"{PAGE}/receipt").text
    digests = [re.search(r"<code>(\w{4}(?:-\w{4}){3})</code>", each)[1] for each in (first, html)]  # type: ignore[index]
    assert len(set(digests)) == 2 and digests[1] in ada.http.get(f"{PAGE}/receipt").text
    assert "Answer 1" in html and "Answer 2" in html and "B a" in html and "could not be read" in html
    assert html.count("Nothing was submitted.") == 6 and "Ada" in html


def test_an_exam_tells_nothing_before_its_release_and_all_after_it(site: Server, ada: Browser) -> None:
    there = "/exams/final/birds"
    page = ada.http.get(there).text
    sent = {
        "text:f": "2 a",
        "text:n": "7",
        "text:w": "crow",
        "tick:o": ["A"],
        "rows:d": "2",
        "columns:d": "2",
        "text:p": "def scaled(a): return a",
    }
    assert ada.post(f"{there}/submit-all", **sent, **key(page)).status_code == 303
    site.graded()
    seen = crawl(ada, "/", there)
    [one, *_] = own(site, "final", "birds")
    html = seen[there].text
    said = [each.text for each in seen.values()] + [ada.post(f"{there}/ask", attempt=one.id).text]
    said += [ada.http.get(f"{there}/blanks/{blank}").text for blank in "fnwodp"]
    assert len(said) > 12 and not [each for each in CANARIES if any(each in text for text in said)]
    assert html.count("Your answer was received.") == 6 and "Read as" in html and "none is left" not in html
    assert not re.search(r"Correct|Incorrect|Partly|So far|points so far|misread me", html)
    assert html.count("counts as attempt 1 of 3") == 5 and "counts unless it cannot be read" in piece(html, "p")
    with site.service.database.writing() as connection:
        schedule.close(connection, found(site, "final"))
        schedule.release(connection, found(site, "final"))
    html = ada.http.get(there).text
    assert "Incorrect" in html and "CANARY-one" in html and "You misread me" in html and "<textarea" not in html
    assert "results have been released" in ada.http.get("/").text


def test_no_page_has_a_style_or_a_script_inside(site: Server, ada: Browser) -> None:
    handed_in(site, ada, "f", **{"text:f": "B a"})
    for path, answer in crawl(ada, PAGE).items():
        if path.startswith("/static"):
            continue
        assert not re.search(r'<[^>]+ style="|<style|<script(?! src="/static/)|<[^>]+ on\w+=', answer.text), path
    assert 'class="tex-' in ada.http.get(PAGE).text


def test_the_whole_bank_can_be_shown(site: Server, ada: Browser) -> None:
    root = PROBLEMS
    folders = sorted(each.parent for each in root.glob("*/problem.yaml"))
    for folder in folders[::3]:
        site.open(f"bank-{folder.name.replace('_', '-')}", folder, everyone=True)
        answer = ada.http.get(f"/exams/bank-{folder.name.replace('_', '-')}/{folder.name}")
        assert answer.status_code == 200 and not re.search(r'<m[^>]+ style="', answer.text)


def test_staff_look_at_the_pages_too(site: Server) -> None:
    prof = site.browser("prof")
    assert prof.http.get("/").headers["location"] == "/staff" and prof.http.get(PAGE).status_code == 200
    with site.service.database.reading() as connection:
        assert people.by_login(connection, "prof")
