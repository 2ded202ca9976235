"""What a person decides: once for equal answers, and for those that come later."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction

import pytest

from grader.verdict import Verdict
from grader.web import attempts, audit, review_groups, reviews
from grader.web.refusals import Conflict, Invalid, NotFound

DOUBT = Verdict.incorrect("q", "It is near.", review="It is misspelt.")
HALF = Fraction(1, 2)


def queue(hall):
    with hall.database.reading() as connection:
        return reviews.queue(connection, hall.exam)


def decide(hall, group, credit=HALF, comment="Fair enough."):
    with hall.database.writing() as connection:
        return reviews.decide(
            connection, hall.exam, group.problem, group.blank, group.alike, credit, comment, hall.staff
        )


def ask(hall, attempt, who=None):
    with hall.database.writing() as connection:
        return reviews.ask(connection, who or hall.ada, attempt.id)


def test_doubtful_answers_are_grouped_by_what_they_mean(hall):
    meant = replace(DOUBT, meaning="canary")
    for written, who, verdict in [
        ("canery", hall.ada, meant), ("a canery", hall.bob, meant), ("canery", hall.bob, meant),
        ("sparow", hall.ada, DOUBT), ("lost", hall.ada, Verdict.undecided("It crashed.")), ("fine", hall.bob, Verdict.correct("x")),
    ]:  # fmt: skip
        hall.mark(hall.submit(written, "c", who), verdict)
    groups = queue(hall)
    assert [(each.spellings, len(each.people), each.credit, each.why) for each in groups] == [
        (("lost",), 1, None, ("It crashed.",)),
        (("canery", "a canery"), 2, Fraction(0), ("It is misspelt.",)),
        (("sparow",), 1, Fraction(0), ("It is misspelt.",)),
    ]
    assert groups[1].alike.startswith("meaning:")
    assert groups[2].alike.startswith("text:")


def test_one_decision_holds_for_all_of_a_group_and_for_later_ones(hall):
    first = [hall.mark(hall.submit("canery", "c", who), DOUBT) for who in (hall.ada, hall.bob)]
    other = hall.mark(hall.submit("sparow", "c"), DOUBT)
    (group,) = [each for each in queue(hall) if "canery" in each.spellings]
    decision = decide(hall, group)
    for each in map(hall.again, first):
        assert (each.decision, each.score, each.counts) == (decision, HALF, False)
    assert hall.again(other).decision is None
    assert [each.spellings for each in queue(hall)] == [("sparow",)]
    later = hall.mark(hall.submit("canery", "c"), DOUBT)
    assert later.decision == decision
    assert [each.spellings for each in queue(hall)] == [("sparow",)]
    with hall.database.reading() as connection:
        act = audit.acts(connection)[0]
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
    assert ask(hall, mine).asked
    assert ask(hall, mine).asked
    (group,) = queue(hall)
    assert (group.why, group.asked, group.people) == ((review_groups.ASKED,), True, (hall.ada.id,))
    decide(hall, group, HALF)
    assert hall.again(mine).score == hall.again(theirs).score == HALF
    assert not hall.again(mine).counts  # It was set right: the attempt is given back.
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
    assert hall.again(mine).counts


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
    with pytest.raises(Invalid) as error:
        decide(hall, queue(hall)[0], credit)
    assert error.value.message == "The points must be between none and all of them."


def test_a_group_that_is_not_there(hall):
    hall.submit("x", "c")
    hall.mark(hall.submit("canery", "c"), DOUBT)
    group = replace(queue(hall)[0], alike="text:" + "0" * 64)
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
