"""Practice is no oracle for an exam: a problem of an exam whose results are not out is shut at every door of practice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.live_server import PROBLEM, RIGHT, Browser, Server, canary, server

from grader.web.domain.exams import enrolments, exams, schedule

pytestmark = pytest.mark.process

SHUT = "This problem cannot be practised at the moment."


def copied(folder: Path, name: str, text: str = PROBLEM) -> Path:
    made = folder / name
    shutil.copytree(folder / "birds", made)
    (made / "problem.yaml").write_text(text, encoding="utf-8")
    return made


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Server]:
    """A problem in practice for everyone, as it is and with another title, and a student who practised before the exam."""
    with server(tmp_path) as made:
        birds = canary(tmp_path)
        cages = copied(tmp_path, "cages", PROBLEM.replace("title: Birds", "title: Cages"))
        free = copied(tmp_path, "free", PROBLEM.replace("7319.482917", "1.5").replace("CANARY_scaled", "other"))
        (free / "reference.py").write_text("def other(a):\n    return 3.25 * a\n", encoding="utf-8")
        for login in ("listed", "stranger"):
            made.add(login)
        made.add("prof", role="instructor")
        exams.open_exam(made.service.database, "drill", "Drill", [birds, cages, free], exams.Policy(everyone=True))
        yield made


def open_exam(hall: Server, **policy: object) -> exams.Exam:
    exam = hall.open("final", hall.folder / "birds", mode="exam", attempts=2, **policy)
    with hall.service.database.writing() as connection:
        enrolments.enrol(connection, exam, hall.people["listed"])
    return exam


def doors(browser: Browser, problem: str, attempt: str | None = None) -> dict[str, tuple[int, str]]:
    """Knock at every door of a problem in practice; return the status and what was said."""
    api, page = f"/exams/drill/problems/{problem}", f"/exams/drill/{problem}"
    blank, body = f"{api}/blanks/f", {"answer": RIGHT["f"]}
    fields = {"blank": "f", "text:f": RIGHT["f"], "key:f": f"key-{problem}"}
    answers = {
        "problem": browser.api("GET", api),
        "preview": browser.api("POST", f"{blank}/preview", body),
        "draft": browser.api("PUT", f"{blank}/draft", body),
        "attempt": browser.hand_in("drill", problem, "f", RIGHT["f"], f"oracle-{problem}"),
        "attempts": browser.api("GET", f"{api}/attempts"),
        "attempts at a blank": browser.api("GET", f"{blank}/attempts"),
        "page": browser.http.get(page),
        "receipt": browser.http.get(f"{page}/receipt"),
        "notation": browser.http.get(f"{page}/notation"),
        "preview on the page": browser.post(f"{page}/preview", **fields),
        "draft on the page": browser.post(f"{page}/draft", **fields),
        "answer on the page": browser.post(f"{page}/submit", **fields),
        "all answers on the page": browser.post(
            f"{page}/submit-all", **{**fields, "text:f": "2 a", "key:all": f"all-{problem}"}
        ),
        "answer as it is now": browser.http.get(f"{page}/blanks/f"),
    }
    if attempt is not None:
        answers["earlier attempt"] = browser.api("GET", f"/attempts/{attempt}")
        answers["review of an earlier attempt"] = browser.api("POST", f"/attempts/{attempt}/misread")
    return {name: (answer.status_code, answer.text) for name, answer in answers.items()}


def shut(found: dict[str, tuple[int, str]]) -> set[str]:
    """Return the doors that are shut; 404 and 405 would mean that a door is not where the test knocks."""
    assert not {name for name, (status, _) in found.items() if status in (404, 405)}
    return {name for name, (status, text) in found.items() if status == 409 and SHUT in text}


def test_the_control_every_door_is_open_without_an_exam(hall: Server) -> None:
    found = doors(hall.browser("listed"), "birds")
    assert shut(found) == set()
    assert {name for name, (status, _) in found.items() if status not in (200, 201, 204, 303)} == set()


@pytest.mark.parametrize("problem", ["birds", "cages"])
def test_a_student_on_the_list_finds_every_door_shut(hall: Server, problem: str) -> None:
    listed = hall.browser("listed")
    made = listed.hand_in("drill", problem, "f", RIGHT["f"], "before")
    attempt = made.json()["id"]
    exam = open_exam(hall)
    found = doors(listed, problem, attempt)
    assert shut(found) == set(found)
    with hall.service.database.writing() as connection:
        schedule.close(connection, exam)
    found = doors(listed, problem, attempt)
    assert shut(found) == set(found)
    with hall.service.database.writing() as connection:
        schedule.release(connection, exam)
    assert shut(doors(listed, problem, attempt)) == set()


def test_the_page_says_so_in_a_student_s_words(hall: Server) -> None:
    open_exam(hall)
    page = hall.browser("listed").http.get("/exams/drill/birds").text
    assert "<h1>Not possible now</h1>" in page
    assert f"<p>{SHUT}</p>" in page


def test_other_problems_other_people_and_staff_go_on(hall: Server) -> None:
    open_exam(hall)
    assert shut(doors(hall.browser("listed"), "free")) == set()
    assert shut(doors(hall.browser("stranger"), "birds")) == set()
    assert hall.browser("prof").api("GET", "/exams/drill/problems/birds").status_code == 200


def test_an_exam_that_is_still_to_open_shuts_too(hall: Server) -> None:
    open_exam(hall, opens_at=datetime(2099, 1, 1, tzinfo=UTC))
    found = doors(hall.browser("listed"), "birds")
    assert shut(found) == set(found)


@pytest.mark.parametrize("allowed", [False, True])
def test_guests_are_shut_out_unless_staff_allow_them(hall: Server, allowed: bool) -> None:
    open_exam(hall, guests_may_practise=allowed)
    hall.add("guest-1")
    found = doors(hall.browser("guest-1"), "birds")
    assert shut(found) == (set() if allowed else set(found))


def test_an_exam_for_everyone_shuts_for_everyone(hall: Server) -> None:
    open_exam(hall, everyone=True)
    found = doors(hall.browser("stranger"), "birds")
    assert shut(found) == set(found)


def test_staff_are_told(hall: Server) -> None:
    open_exam(hall)
    with hall.service.database.reading() as connection:
        told = [str(each) for each in hall.service.practice_lock.overlaps(connection, "final")]
        assert told == [str(each) for each in hall.service.practice_lock.overlaps(connection, "drill")]
    assert told == [
        f"{problem} of drill is shut in practice until final is released: its problem birds is the same."
        for problem in ("birds", "cages")
    ]
