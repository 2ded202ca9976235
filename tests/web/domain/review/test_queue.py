"""What a person decides: once for equal answers, and for those that come later."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from support.exam_factory import NOON

from grader.core.verdict import Verdict
from grader.web.domain import audit_log
from grader.web.domain.accounts import people
from grader.web.domain.attempts import attempts
from grader.web.domain.exams import enrolments
from grader.web.domain.review import decisions, review_groups
from grader.web.domain.review import queue as reviews
from grader.web.errors import Conflict, NotFound, ValidationFailed

DOUBT = Verdict.incorrect("q", "It is near.", review="It is misspelt.")
HALF = Fraction(1, 2)


def queue(hall):
    with hall.database.reading() as connection:
        return reviews.pending_groups(connection, hall.exam)


def decide(hall, group, credit=HALF, comment="Fair enough."):
    with hall.database.writing() as connection:
        return decisions.decide(
            connection, hall.exam, group.problem, group.blank, group.group_key, credit, comment, hall.staff
        )


def ask(hall, attempt, who=None):
    with hall.database.writing() as connection:
        return reviews.request_review(connection, who or hall.ada, attempt.id)


def test_doubtful_answers_are_grouped_by_what_they_mean(hall):
    meant = replace(DOUBT, meaning="canary")
    answers = [
        ("canery", hall.ada, meant),
        ("a canery", hall.bob, meant),
        ("canery", hall.bob, meant),
        ("sparow", hall.ada, DOUBT),
        ("lost", hall.ada, Verdict.ungraded("It crashed.")),
        ("fine", hall.bob, Verdict.correct("x")),
    ]
    for second, (written, who, verdict) in enumerate(answers):  # At one moment they would be in no order.
        hall.mark(hall.submit(written, "c", who, now=NOON + timedelta(seconds=second)), verdict)
    groups = queue(hall)
    assert [(each.spellings, len(each.people), each.credit, each.why) for each in groups] == [
        (("lost",), 1, None, ("It crashed.",)),
        (("canery", "a canery"), 2, Fraction(0), ("It is misspelt.",)),
        (("sparow",), 1, Fraction(0), ("It is misspelt.",)),
    ]
    assert groups[1].group_key.startswith("meaning:")
    assert groups[2].group_key.startswith("text:")


def test_one_decision_holds_for_all_of_a_group_and_for_later_ones(hall):
    first = [hall.mark(hall.submit("canery", "c", who), DOUBT) for who in (hall.ada, hall.bob)]
    other = hall.mark(hall.submit("sparow", "c"), DOUBT)
    (group,) = [each for each in queue(hall) if "canery" in each.spellings]
    decision = decide(hall, group)
    for each in map(hall.again, first):
        assert (each.decision, each.score, each.uses_attempt) == (decision, HALF, False)
    assert hall.again(other).decision is None
    assert [each.spellings for each in queue(hall)] == [("sparow",)]
    later = hall.mark(hall.submit("canery", "c"), DOUBT)
    assert later.decision == decision
    assert [each.spellings for each in queue(hall)] == [("sparow",)]
    with hall.database.reading() as connection:
        act = audit_log.events(connection)[0]
    assert (act.action, act.actor, act.details["credit"], act.details["attempts"]) == (
        "decided",
        hall.staff.id,
        "1/2",
        2,
    )


def test_a_decision_may_be_replaced(hall):
    attempt = hall.mark(hall.submit("canery", "c"), DOUBT)
    (group,) = queue(hall)
    decide(hall, group, HALF)
    again = decide(hall, group, Fraction(1), "On second thoughts.")
    assert hall.again(attempt).decision == again


def test_you_misread_me(hall):
    wrong = Verdict.incorrect("x", "That is wrong.", ())
    mine, theirs = (hall.mark(hall.submit("x", "b", who), wrong) for who in (hall.ada, hall.bob))
    assert ask(hall, mine).review_requested
    assert ask(hall, mine).review_requested
    (group,) = queue(hall)
    assert (group.why, group.asked, group.people) == ((review_groups.ASKED,), True, (hall.ada.id,))
    decide(hall, group, HALF)
    assert hall.again(mine).score == hall.again(theirs).score == HALF
    assert not hall.again(mine).uses_attempt  # It was set right: the attempt is given back.
    with pytest.raises(Conflict) as error:
        ask(hall, mine)
    assert error.value.message == "A person has looked at this answer already."


def test_who_did_not_ask_loses_nothing(hall):
    half = Verdict.partial(HALF, "x", "Half.")
    mine, theirs = (hall.mark(hall.submit("x", "b", who), half) for who in (hall.ada, hall.bob))
    ask(hall, mine)
    decide(hall, queue(hall)[0], Fraction(0))
    assert (hall.again(mine).score, hall.again(theirs).score) == (0, HALF)


def test_an_upheld_verdict_still_counts(hall):
    mine = hall.mark(hall.submit("x", "b"), Verdict.incorrect("x", "That is wrong."))
    ask(hall, mine)
    decide(hall, queue(hall)[0], Fraction(0), "It was read as it stands.")
    assert hall.again(mine).uses_attempt


def test_what_cannot_be_asked(hall):
    waiting = hall.submit("x")
    with pytest.raises(Conflict) as error:
        ask(hall, waiting)
    assert error.value.message == "This answer has not been graded yet."
    with pytest.raises(NotFound):
        ask(hall, waiting, hall.bob)


@pytest.mark.parametrize("credit", [Fraction(-1), Fraction(3, 2)])
def test_points_out_of_range(hall, credit):
    hall.mark(hall.submit("canery", "c"), DOUBT)
    with pytest.raises(ValidationFailed) as error:
        decide(hall, queue(hall)[0], credit)
    assert error.value.message == "The points must be between none and all of them."


def test_a_group_that_is_not_there(hall):
    hall.submit("x", "c")
    hall.mark(hall.submit("canery", "c"), DOUBT)
    group = replace(queue(hall)[0], group_key="text:" + "0" * 64)
    with pytest.raises(NotFound):
        decide(hall, group)


def test_a_comment_may_hold_anything(hall):
    hall.mark(hall.submit("canery", "c"), DOUBT)
    assert decide(hall, queue(hall)[0], comment="a\0b\ud800").comment == "a\ufffdb?"


def test_answers_that_are_graded_while_their_group_is_decided(hall):
    hall.mark(hall.submit("canery", "c", hall.bob), DOUBT)
    (group,) = queue(hall)
    made = [hall.submit("canery", "c") for _ in range(12)]

    def act(attempt):
        return decide(hall, group) if attempt is None else hall.mark(attempt, DOUBT)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(act, [*made[:6], None, *made[6:]]))
    assert queue(hall) == []
    with hall.database.reading() as connection:
        assert all(each.decision for each in attempts.attempts_at(connection, hall.exam, "tiny"))


def test_a_decision_that_is_replaced_frees_equal_answers_that_it_had_raised(hall):
    wrong = Verdict.incorrect("x", "That is wrong.")
    mine, theirs = (hall.mark(hall.submit("x", "b", who), wrong) for who in (hall.ada, hall.bob))
    ask(hall, mine)
    (group,) = queue(hall)
    for credit, left in [(Fraction(1), 1), (HALF, HALF), (Fraction(0), 0), (HALF, HALF)]:
        decide(hall, group, credit)
        assert (hall.again(mine).score, hall.again(theirs).score) == (credit, left)
    decide(hall, group, Fraction(0))
    assert hall.again(theirs).decision is None
    assert hall.again(theirs).uses_attempt


def test_what_is_decided_is_listed_with_what_holds_the_latest_first(hall):
    for written in ("canery", "sparow"):
        hall.mark(hall.submit(written, "c"), DOUBT)
    first, second = queue(hall)
    for group, credit in [(first, HALF), (second, Fraction(1)), (first, Fraction(0))]:
        last = decide(hall, group, credit)
    with hall.database.reading() as connection:
        found = reviews.decided_groups(connection, hall.exam)
        past = decisions.history(connection, hall.exam, first.problem, first.blank, first.group_key)
        replaced = decisions.replaced(connection, hall.exam, first.problem, first.blank)
        made = decisions.find(connection, hall.exam, last.id)
        with pytest.raises(NotFound):
            decisions.find(connection, hall.open("other"), last.id)
    assert [(each.spellings, each.decision.credit) for each in found] == [
        (first.spellings, 0),
        (second.spellings, 1),
    ]
    assert [each.credit for each in past] == [0, HALF]
    assert {id: each.credit for id, each in replaced.items()} == {last.id: HALF}
    assert (made.group_key, made.students) == (first.group_key, 1)


@pytest.mark.parametrize(
    ("verdict", "why"),
    [
        (DOUBT, "It is misspelt."),
        (Verdict.unreadable("“а” is Cyrillic.", review="It could not be read."), "It could not be read. “а” is Cyrillic."),
        (Verdict.ungraded("It crashed."), "It crashed."),
    ],
)  # fmt: skip
def test_why_a_person_is_asked(hall, verdict, why):
    hall.mark(hall.submit("q", "c"), verdict)
    assert queue(hall)[0].why == (why,)


def of_answer(hall, attempt):
    with hall.database.reading() as connection:
        return review_groups.group_of_answer(connection, hall.exam, attempt.id)


def test_an_answer_that_nobody_asked_about_is_decided_with_its_equals(hall):
    mine, theirs = (
        hall.mark(hall.submit("x", "b", who, now=NOON + timedelta(seconds=second)), Verdict.correct("x"))
        for second, who in enumerate((hall.ada, hall.bob))
    )
    other = hall.mark(hall.submit("y", "b"), Verdict.correct("y"))
    group = of_answer(hall, mine)
    assert (group.why, group.people, group.credit) == ((review_groups.OPENED,), (hall.ada.id, hall.bob.id), 1)
    assert queue(hall) == []
    with pytest.raises(NotFound):
        decide(hall, group)
    for credit in (HALF, Fraction(0)):
        with hall.database.writing() as connection:
            reviews.enqueue_written_alike(connection, hall.exam, group)
        decide(hall, group, credit)
        assert [hall.again(each).score for each in (mine, theirs, other)] == [credit, credit, 1]
    assert of_answer(hall, theirs).decision.credit == 0
    assert not hall.again(mine).review_requested
    assert not hall.again(mine).needs_review


def test_an_answer_is_decided_on_in_the_group_that_it_is_in(hall):
    doubtful = hall.mark(hall.submit("canery", "c"), replace(DOUBT, meaning="canary"))
    assert of_answer(hall, doubtful).group_key.startswith("meaning:")
    ask(hall, doubtful)
    assert of_answer(hall, doubtful).group_key.startswith("text:")
    decide(hall, next(each for each in queue(hall) if each.group_key.startswith("meaning:")))
    assert of_answer(hall, doubtful).group_key.startswith("meaning:")
    with pytest.raises(NotFound):
        of_answer(hall, hall.submit("waits", "c"))


def test_acts_are_found_by_action_and_by_whom_they_concern(hall):
    mine = hall.mark(hall.submit("x", "b"), Verdict.incorrect("x", "That is wrong."))
    ask(hall, mine)
    decide(hall, queue(hall)[0])
    with hall.database.writing() as connection:
        enrolments.extend(connection, hall.exam, hall.bob, NOON, hall.staff.id)
    with hall.database.reading() as connection:
        for person, action, found in [
            (hall.ada, None, ["review-asked", "person-added"]),
            (hall.bob, None, ["extended", "person-added"]),
            (hall.bob, "extended", ["extended"]),
            (hall.staff, None, ["extended", "decided", "person-added"]),
            (hall.ada, "extended", []),
        ]:
            acts = audit_log.events(connection, person=person.id, action=action)
            assert [each.action for each in acts] == found
        assert audit_log.actions(connection) == sorted(
            {"decided", "exam-opened", "extended", "person-added", "review-asked"}
        )


def test_a_guest_asks_nobody(hall):
    """Nothing counts there, and anybody could fill the queue of the staff."""
    exam = hall.open("open", everyone=True)
    with hall.database.writing() as connection:
        guest = people.get_or_create_student(connection, people.GUEST + "1", "Guest")
    attempt = hall.mark(hall.submit("6", exam=exam, who=guest), DOUBT)
    with pytest.raises(Conflict) as error:
        ask(hall, attempt, guest)
    assert error.value.message == "Nothing counts here, so nobody looks: say it otherwise, and try again."
    mine = hall.mark(hall.submit("6", exam=exam), DOUBT)
    assert ask(hall, mine).review_requested
