"""Handing in: once, whole, and no more than is allowed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select
from support.exam_factory import NOON

from grader.core.verdict import Verdict
from grader.web.db import tables
from grader.web.domain.accounts import people
from grader.web.domain.attempts import attempts, drafts
from grader.web.domain.attempts.attempts import Attempt
from grader.web.domain.exams import exams, schedule
from grader.web.domain.grading import job_queue, submit
from grader.web.errors import (
    Closed,
    NoAttemptsLeft,
    NotFound,
    RateLimited,
    RequestReused,
    ServiceError,
    StillGrading,
    TooLarge,
    ValidationFailed,
)
from grader.web.settings import ServiceLimits

WRONG = Verdict.incorrect("x", "That is wrong.")
RIGHT = Verdict.correct("x")


def rows(hall, table):
    with hall.database.reading() as connection:
        return connection.execute(select(table)).all()


def test_an_attempt_and_its_work_are_kept_together(hall):
    attempt = hall.submit("5.86")
    assert (attempt.state, attempt.number, attempt.written) == ("waiting", 1, "5.86")
    assert [row.attempt for row in rows(hall, tables.jobs)] == [attempt.id]
    assert hall.again(attempt) == attempt


@pytest.mark.parametrize("written", ["x", ("a", "b"), (), "\0", "\ud800", "∂L/∂x ᵀ"])
def test_what_was_written_comes_back(hall, written):
    assert hall.submit(written).written == written


def test_one_request_is_one_attempt(hall):
    first = hall.submit("1", key="k")
    assert hall.submit("1", key="k") == first
    assert hall.submit("1", key="k", blank="b").id != first.id
    assert hall.submit("1", key="k", who=hall.bob).id != first.id
    with pytest.raises(RequestReused) as error:
        hall.submit("2", key="k")
    assert error.value.message == "This request was already sent with another answer."
    with hall.database.writing() as connection:
        schedule.close(connection, hall.exam)
        closed = exams.by_id(connection, hall.exam.id)
    assert hall.submit("1", key="k", exam=closed) == first  # It was acknowledged, and still is.
    with pytest.raises(Closed):
        hall.submit("1", key="other", exam=closed)


def test_one_request_many_times_at_once(hall):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: hall.submit("1", key="k").id, range(24)))
    assert len(set(found)) == 1
    assert len(rows(hall, tables.attempts)) == len(rows(hall, tables.jobs)) == 1


def test_many_requests_at_once_have_numbers_of_their_own(hall):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: hall.submit(str(n)).number, range(24)))
    assert sorted(found) == list(range(1, 25))


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_request_keys_that_are_refused(hall, key):
    with hall.database.writing() as connection, pytest.raises(ValidationFailed) as error:
        submit.submit(connection, hall.ada, hall.exam, "tiny", "a", "1", key)
    assert error.value.message == "A request key has 1 to 200 characters."


@pytest.mark.parametrize(
    ("written", "refusal", "says"),
    [
        ("", ValidationFailed, "Nothing was written here."),
        (" \u200b\n", ValidationFailed, "Nothing was written here."),
        (("",), ValidationFailed, "Nothing was written here."),
        ("x" * 20_001, TooLarge, "An answer has at most 20,000 characters."),
        (("x",) * 201, TooLarge, "An answer has at most 20,000 characters."),
    ],
)
def test_answers_that_are_not_taken(hall, written, refusal, says):
    with pytest.raises(refusal) as error:
        hall.submit(written)
    assert error.value.message == says
    assert rows(hall, tables.attempts) == []


@pytest.mark.parametrize(("problem", "blank"), [("none", "a"), ("tiny", "z"), ("tiny", "a\0"), ("a\0", "a")])
def test_blanks_that_are_not_there(hall, problem, blank):
    with hall.database.writing() as connection, pytest.raises(NotFound):
        submit.submit(connection, hall.ada, hall.exam, problem, blank, "1", "k")


def test_somebody_elses_attempt_looks_like_none(hall):
    attempt = hall.submit("1")
    with hall.database.reading() as connection:
        assert attempts.by_id(connection, attempt.id, hall.ada) == attempt
        for id, person in [(attempt.id, hall.bob), ("none", hall.ada), ("a\0b", None)]:
            with pytest.raises(NotFound) as error:
                attempts.by_id(connection, id, person)
            assert error.value.message == "There is nothing here."


@pytest.mark.parametrize(
    ("verdict", "costs"),
    [
        (RIGHT, True),
        (WRONG, True),
        (Verdict.partial(Fraction(1, 2), "x", "Half."), True),
        (Verdict.unreadable("What is this?"), False),
        (Verdict.ungraded("Equality was not decided."), False),
        (Verdict.incorrect("x", "Perhaps.", review="It is misspelt."), False),
        (Verdict.correct("x", "Perhaps.", review="It is misspelt."), False),
    ],
)
def test_what_costs_an_attempt(hall, verdict, costs):
    exam = hall.open("limited", attempts=1)
    hall.mark(hall.submit("1", exam=exam), verdict)
    if costs:
        with pytest.raises(NoAttemptsLeft) as error:
            hall.submit("2", exam=exam)
        assert error.value.message == "You have used your one attempt at this question."
    else:
        assert hall.submit("2", exam=exam).number == 2


def test_an_equal_answer_costs_nothing(hall):
    exam = hall.open("limited", attempts=2)
    same = Verdict("incorrect", Fraction(0), meaning="seven")
    for written in ("7", "7", "7.0"):
        hall.mark(hall.submit(written, exam=exam), same)
    with hall.database.reading() as connection:
        found = attempts.attempts_of(connection, exam, hall.ada)
    assert [each.uses_attempt for each in found] == [True, False, False]
    assert attempts.used_attempts(found, "a") == 1
    hall.mark(hall.submit("8", exam=exam), WRONG)
    with pytest.raises(NoAttemptsLeft) as error:
        hall.submit("9", exam=exam)
    assert error.value.message == "You have used all 2 attempts at this question."
    assert hall.submit("9", exam=exam, who=hall.bob).number == 1
    assert hall.submit("9", exam=exam, blank="b").number == 1


def test_the_order_of_grading_does_not_matter(hall):
    first, second = hall.submit("7"), hall.submit("7.0")
    same = Verdict("incorrect", Fraction(0), meaning="seven")
    hall.mark(second, same)
    hall.mark(first, same)
    assert (hall.again(first).uses_attempt, hall.again(second).uses_attempt) == (True, False)


def test_answers_in_hand_may_use_up_the_rest(hall):
    exam = hall.open("limited", attempts=2)
    first = hall.submit("1", exam=exam)
    hall.submit("2", exam=exam)
    with pytest.raises(StillGrading) as error:
        hall.submit("3", exam=exam)
    assert error.value.message == "Your earlier answers are still being graded. Please try again in a moment."
    hall.mark(first, Verdict.unreadable("What is this?"))
    assert hall.submit("3", exam=exam).number == 3


def test_a_minute_has_so_many_answers(hall):
    for number in range(3):
        hall.submit(str(number), attempts_per_minute=3, now=NOON + timedelta(seconds=number))
    with pytest.raises(RateLimited) as error:
        hall.submit("x", attempts_per_minute=3, now=NOON + timedelta(seconds=10))
    assert error.value.retry_after == 50
    assert error.value.message == "That is more than 3 answers in a minute. Please wait 50 seconds."
    assert hall.submit("x", attempts_per_minute=3, who=hall.bob)
    assert hall.submit("x", attempts_per_minute=3, now=NOON + timedelta(seconds=61))


def test_a_blank_has_so_many_answers(hall):
    for number in range(5):
        hall.submit(str(number), attempts_per_blank=5, now=NOON + timedelta(hours=number))
    with pytest.raises(RateLimited) as error:
        hall.submit("x", attempts_per_blank=5, now=NOON + timedelta(days=1))
    assert error.value.message == "You have handed in 5 answers here; no more are taken."
    assert error.value.retry_after is None


@pytest.mark.parametrize("many", [1_000, pytest.param(10_000, marks=pytest.mark.soak)])
@pytest.mark.parametrize(("limits", "kept"), [(ServiceLimits(), 40), (ServiceLimits(ungraded_attempts=100), 60)])
def test_ten_thousand_attempts_of_one_student(hall, many, limits, kept):
    refused = 0
    with hall.database.writing() as connection:
        for number in range(many):
            try:
                submit.submit(connection, hall.ada, hall.exam, "tiny", "a", str(number), str(number), limits, NOON)
            except RateLimited:
                refused += 1
    assert refused == many - kept
    assert len(rows(hall, tables.attempts)) == len(rows(hall, tables.jobs)) == kept


def test_a_page_is_handed_in_blank_by_blank(hall):
    exam = hall.open("limited", attempts=1)
    hall.mark(hall.submit("1", exam=exam), WRONG)
    answers = {"a": "2", "b": "B", "c": " ", "z": "?"}
    with hall.database.writing() as connection:
        done = submit.submit_all(connection, hall.ada, exam, "tiny", answers, "k", now=NOON)
        again = submit.submit_all(connection, hall.ada, exam, "tiny", answers, "k2", now=NOON)
    assert {blank: type(each) for blank, each in done.items()} == {
        "a": NoAttemptsLeft,
        "b": Attempt,
        "z": NotFound,
    }
    assert again["b"] == done["b"]  # As it was handed in last.
    assert isinstance(done["a"], ServiceError)


def test_drafts_are_kept_until_they_are_handed_in(hall):
    with hall.database.writing() as connection:
        drafts.save_draft(connection, hall.ada, hall.exam, "tiny", "a", "4")
        drafts.save_draft(connection, hall.ada, hall.exam, "tiny", "a", "41")
        drafts.save_draft(connection, hall.ada, hall.exam, "tiny", "b", ("x", "y"))
        drafts.save_draft(connection, hall.bob, hall.exam, "tiny", "a", "")
        assert drafts.drafts_of(connection, hall.ada, hall.exam, "tiny") == {"a": "41", "b": ("x", "y")}
    hall.submit("41/7")
    with hall.database.reading() as connection:
        assert drafts.drafts_of(connection, hall.ada, hall.exam, "tiny") == {"b": ("x", "y")}
        assert drafts.drafts_of(connection, hall.bob, hall.exam, "tiny") == {"a": ""}


def test_drafts_that_are_not_taken(hall):
    with hall.database.writing() as connection:
        eve = people.add(connection, "eve")
        for person, blank, written, refusal in [
            (hall.ada, "z", "x", NotFound),
            (eve, "a", "x", NotFound),
            (hall.ada, "a", "x" * 20_001, TooLarge),
        ]:
            with pytest.raises(refusal):
                drafts.save_draft(connection, person, hall.exam, "tiny", blank, written)


def test_drafts_at_once(hall):
    def save(number):
        with hall.database.writing() as connection:
            drafts.save_draft(connection, hall.ada, hall.exam, "tiny", "a", str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(save, range(24)))
    assert len(rows(hall, tables.drafts)) == 1


def test_what_waits_is_counted(hall):
    for number in range(3):
        hall.submit(str(number), now=NOON + timedelta(seconds=number))
    with hall.database.writing() as connection:
        assert job_queue.claim(connection, "w", now=NOON)
        assert job_queue.backlog(connection, NOON + timedelta(seconds=9)) == job_queue.Backlog(3, 1, 9.0)


def used(hall, exam) -> int:
    with hall.database.reading() as connection:
        return attempts.used_attempts(attempts.attempts_of(connection, exam, hall.ada), "a")


SEVEN = Verdict("incorrect", Fraction(0), meaning="seven")
HIDDEN = {"right": RIGHT, "wrong": SEVEN, "doubtful": Verdict.correct("x", "Perhaps.", review="It is misspelt."),
          "undecided": Verdict.ungraded("Equality was not decided.")}  # fmt: skip


@pytest.mark.parametrize("verdict", HIDDEN.values(), ids=HIDDEN)
def test_before_the_release_attempts_tell_nothing_of_verdicts(hall, verdict):
    exam = hall.open("midterm", mode="exam", attempts=2)
    for written in ("7", "7.0"):
        hall.mark(hall.submit(written, exam=exam), verdict)
    assert used(hall, exam) == 2
    with pytest.raises(NoAttemptsLeft):
        hall.submit("8", exam=exam)


def test_before_the_release_an_equal_text_and_an_unreadable_one_cost_nothing(hall):
    exam = hall.open("midterm", mode="exam", attempts=2)
    for written, verdict in (("7", SEVEN), ("7", SEVEN), ("?", Verdict.unreadable("What is this?"))):
        hall.mark(hall.submit(written, exam=exam), verdict)
    assert used(hall, exam) == 1


def test_with_the_release_attempts_are_counted_by_what_they_mean(hall):
    exam = hall.open("midterm", mode="exam", attempts=3)
    for written, meaning in (("7", "seven"), ("7.0", "seven"), ("8", "eight")):
        hall.mark(hall.submit(written, exam=exam), Verdict("incorrect", Fraction(0), meaning=meaning))
    assert used(hall, exam) == 3
    with hall.database.writing() as connection:
        schedule.close(connection, exam)
        schedule.release(connection, exam)
    assert used(hall, exam) == 2
