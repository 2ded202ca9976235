"""How much there is in an exam, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.exam_factory import NOON

from grader.core.verdict import Verdict
from grader.web.domain.accounts import erasure
from grader.web.domain.exams import exams, schedule
from grader.web.domain.exams.exams import Phase
from grader.web.domain.exams.progress import Progress, by_exam, progress

DOUBT = Verdict.incorrect("q", "It is near.", review="It is misspelt.")


def test_figures_count_students_answers_and_groups(hall):
    for written, who in [("canery", hall.ada), ("canery", hall.bob), ("sparow", hall.ada)]:
        hall.mark(hall.submit(written, "c", who), DOUBT)
    hall.submit("1")
    other = hall.open("other")
    with hall.database.reading() as connection:
        assert progress(connection, hall.exam) == Progress(2, 4, 1, 2)
        assert progress(connection, other) == Progress(2, 0, 0, 0)
        assert by_exam(connection) == {hall.exam.id: Progress(2, 4, 1, 2), other.id: Progress(2)}


def test_the_erased_are_no_students(hall):
    with hall.database.writing() as connection:
        erasure.erase(connection, hall.ada.id)
        assert progress(connection, hall.exam) == Progress(1)


@pytest.mark.parametrize(
    ("policy", "says"),
    [({}, "open"), ({"opens_at": NOON + timedelta(1)}, "upcoming"), ({"closes_at": NOON}, "closed")],
)
def test_the_state_is_that_of_the_clock(hall, policy, says):
    exam = hall.open("clock", **policy)
    assert exam.phase(exam.policy.closes_at, NOON) == says


def test_the_state_is_what_staff_have_done(hall):
    with hall.database.writing() as connection:
        schedule.close(connection, hall.exam)
        assert exams.by_id(connection, hall.exam.id).phase(None) is Phase.CLOSED
        schedule.release(connection, hall.exam)
        assert exams.by_id(connection, hall.exam.id).phase(None) is Phase.RELEASED
