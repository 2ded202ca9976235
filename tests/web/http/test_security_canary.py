"""Before its release an exam tells nothing of its keys, nor right from wrong, in whatever a student reaches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from support.live_server import (
    CANARIES,
    RIGHT,
    SHAPE,
    UNREADABLE,
    WRONG,
    Browser,
    Server,
    canary,
    crawl,
    server,
)

from grader.web.domain.exams import exams, schedule

pytestmark = pytest.mark.process

EXAM = "/exams/final/problems/birds"
PAGE = "/exams/final/birds"
ERRORS = (
    "/exams/final/none",
    "/exams/none",
    "/static/x/y",
    "/staff",
    "/enter/none",
    f"{PAGE}/blanks/z",
    "/api/v1/attempts/none",
)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("canary")
    with server(folder) as made:
        for login in ("right", "wrong", "guess"):
            made.add(login, "Somebody")
        made.add("prof", "Prof", "instructor")
        made.open("final", canary(folder), mode="exam", attempts=20, everyone=True)
        yield made


def everything(browser: Browser, answers: dict[str, Any]) -> list[httpx2.Response]:
    """Do all that a student can do with these answers, and return all that was said."""
    said = [browser.api("GET", path) for path in ("/me", "/exams", "/exams/final", EXAM)]
    for blank, written in answers.items():
        body, path = {"answer": written}, f"{EXAM}/blanks/{blank}"
        said.append(browser.api("POST", f"{path}/preview", body))
        said.append(browser.api("PUT", f"{path}/draft", body))
        made = browser.hand_in("final", "birds", blank, written, f"key-{blank}")
        said += [made, browser.hand_in("final", "birds", blank, written, f"key-{blank}")]
        said.append(browser.api("GET", f"/attempts/{made.json()['id']}"))
        form = fields(blank, written) | {f"key:{blank}": "0123456789", "blank": blank}
        said += [browser.post(f"{PAGE}/{act}", **form) for act in ("preview", "draft", "submit")]
        htmx = {"hx-request": "true", "x-csrf-token": browser.csrf}
        said += [browser.http.post(f"{PAGE}/{act}", data=form, headers=htmx) for act in ("preview", "draft", "submit")]
    said.append(browser.post(f"{PAGE}/submit-all", **{"key:all": "0123456789"}))
    return said


def fields(blank: str, written: Any) -> dict[str, Any]:
    if blank == "o":
        return {"tick:o": written}
    if blank == "d":
        rows, _, columns = str(written).partition("x")
        return {"rows:d": rows, "columns:d": columns}
    return {f"text:{blank}": written}


def after(hall: Server, browser: Browser) -> list[httpx2.Response]:
    """Look at everything once all is graded, and ask for a person."""
    hall.graded()
    attempts = browser.api("GET", f"{EXAM}/attempts")
    said = [attempts, browser.api("GET", EXAM)]
    for each in attempts.json():
        said += [
            browser.api("GET", f"/attempts/{each['id']}"),
            browser.api("POST", f"/attempts/{each['id']}/misread"),
        ]
        said.append(browser.post(f"{PAGE}/ask", attempt=each["id"]))
    said += [browser.http.get(f"{PAGE}/blanks/{blank}") for blank in RIGHT]
    return [*said, *crawl(browser, "/", PAGE, f"{PAGE}/receipt", *ERRORS).values()]


def leaks(text: str) -> list[str]:
    return [each for each in CANARIES if each in text] + SHAPE.findall(text)


def test_no_response_log_or_figure_holds_a_key_and_right_looks_like_wrong(hall: Server) -> None:
    said: dict[str, list[httpx2.Response]] = {}
    for login, answers in (("right", RIGHT), ("wrong", WRONG), ("guess", UNREADABLE)):
        browser = hall.browser(login)
        said[login] = everything(browser, answers)
        said[login] += after(hall, browser)
    for login, answers in said.items():
        assert len(answers) > 100
        for each in answers:
            assert each.status_code < 500, each.text
            if login == "right":  # Their own answer is their own.
                text = each.text.replace("37x41", "").replace("37 x 41", "")
                assert not [one for one in CANARIES if one in text], each.request.url
            else:
                assert leaks(each.text + str(each.headers)) == [], each.request.url
    for path in ("/metrics", "/health", "/ready", "/api/v1/openapi.json"):
        assert leaks(hall.browser().http.get(path).text) == [], path
    assert leaks(hall.log()) == [] and "graded" in hall.log()
    assert hall.people["right"].id not in hall.log() and "918273" not in hall.log()
    pairs = list(zip(said["right"], said["wrong"], strict=True))
    for right, wrong in pairs:
        assert (right.status_code, alike(right)) == (wrong.status_code, alike(wrong)), right.request.url
    assert any("918273" in each.text for each in said["right"])  # They do see what they wrote.


SAME = re.compile(
    "|".join(
        (
            r"[0-9a-f]{24,64}",
            r"[\w-]{43}",
            r"key:\w+. value=\"[^\"]+\"",
            r"\d{4}-\d\d-\d\d[T ][\d:.]+(Z|\+00:00)?",
            r"\d?\d [A-Z][a-z]+ \d{4}[^<]*",
            r"<time.*?</time>",
            r"<dd.*?</dd>",
            r"<textarea.*?</textarea>",
            r'"(answer|read_as|shape|symbolic_shape|draft)":("(\\.|[^"\\])*"|\[[^]]*\]|null)',
            r'value="[^"]*"',
            r"<math.*?</math>",
            r"<bdi>.*?</bdi>",
            r'class="(raw|echo)[^<]*<',
            r'id="[^"]*"',
            r"\b(right|wrong)\b(?=[\"<])",
        )
    ),
    re.DOTALL,
)
"""What is a student's own: ids, tokens, times, what was written and how it was read."""


def alike(answer: httpx2.Response) -> str:
    """Return a response without what is a student's own."""
    kept = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("date", "content-length", "set-cookie", "location")
    }
    return f"{sorted(kept.items())}\n{SAME.sub('·', answer.text.replace(' checked', ''))}"


def test_the_comparison_would_see_a_verdict(hall: Server) -> None:
    """The control: after the release right and wrong look different, and the keys are there."""
    hall.graded()
    with hall.service.database.writing() as connection:
        exam = exams.find(connection, "final")
        schedule.close(connection, exam)
        schedule.release(connection, exam)
    found = [crawl(hall.browser(login), PAGE) for login in ("right", "wrong")]
    assert leaks(found[1][PAGE].text) and alike(found[0][PAGE]) != alike(found[1][PAGE])


ORACLES = [
    ("n", ("918273.47", "918273.470"), ("918273.48", "918273.480")),  # Equal ones, right and wrong.
    ("n", ("918273.466", "918273.47"), ("918273.476", "918273.48")),  # Near the key, and near nothing.
    ("w", ("zyqqvorm", "Zyqqvorm."), ("sparrow", "Sparrow.")),
    ("w", ("zyqqvorm", "zyqqvork"), ("sparrow", "sparrok")),  # Nearly the key, and nearly nothing.
    ("w", ("zyqqvorm?", "not zyqqvorm"), ("sparrow?", "not sparrow")),
    ("f", ("(7319 + 0.482917) * a", "a * (7319 + 0.482917)"), ("(7318 + 0.482917) * a", "a * (7318 + 0.482917)")),
    ("d", ("37x41", "37 × 41"), ("38x41", "38 × 41")),
    ("o", (["i", "k"], "A, C"), (["i", "j"], "A, B")),
]  # fmt: skip


def test_attempts_that_are_left_do_not_tell_right_from_wrong(hall: Server) -> None:
    """A third answer after two right ones is taken just when it is after two wrong ones, however they are alike."""
    for place, (blank, *both) in enumerate(ORACLES):
        hall.open(f"oracle-{place}", hall.folder / "birds", mode="exam", attempts=2, everyone=True)
        told = []
        for login, texts in zip(("right", "wrong"), both, strict=True):
            browser = hall.browser(login)
            for number, text in enumerate((*texts, UNREADABLE[blank] + "1")):
                last = browser.hand_in(f"oracle-{place}", "birds", blank, text, str(number))
                hall.graded()
            told.append((last.status_code, last.json().get("detail")))
        assert told[0] == told[1], both
