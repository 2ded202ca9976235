"""Who may see and answer an exam, and when."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from support.exam_factory import NOON, TINY

from grader.core.errors import SpecError
from grader.web.domain import audit_log
from grader.web.domain.accounts import people
from grader.web.domain.exams import enrolments, exams, schedule, snapshots
from grader.web.domain.exams.exams import Policy
from grader.web.errors import Closed, Conflict, NotFound, NotOpenYet, ValidationFailed

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("opens", "closes", "extension", "refusal"),
    [
        (None, None, None, None),
        (NOON, None, None, None),
        (NOON + HOUR, None, None, NotOpenYet),
        (None, NOON + HOUR, None, None),
        (None, NOON, None, Closed),
        (None, NOON - HOUR, NOON + HOUR, None),
        (None, NOON - HOUR, NOON, Closed),
        (None, NOON + HOUR, NOON - HOUR, Closed),
    ],
)
def test_who_may_answer_now(hall, opens, closes, extension, refusal):
    exam = hall.open("timed", opens_at=opens, closes_at=closes)
    with hall.database.writing() as connection:
        enrolments.extend(connection, exam, hall.ada, extension, hall.staff.id)
        exam = exams.find(connection, "timed")
        if refusal is None:
            enrolments.check_can_answer(connection, exam, hall.ada, NOON)
        else:
            with pytest.raises(refusal):
                enrolments.check_can_answer(connection, exam, hall.ada, NOON)
        assert enrolments.closes_at(connection, exam, hall.ada) == (extension or closes)


def test_words():
    assert NotOpenYet().message == "This exam is not open yet."
    assert Closed().message == "This exam is closed: no more answers are taken."


def test_who_is_not_on_the_list_learns_nothing(hall):
    with hall.database.writing() as connection:
        eve = people.add(connection, "eve")
        for ask in (enrolments.check_can_view, enrolments.check_can_answer, enrolments.closes_at):
            with pytest.raises(NotFound):
                ask(connection, hall.exam, eve)
        assert exams.exams_of(connection, eve) == []
        assert exams.exams_of(connection, hall.ada) == [hall.exam]
        enrolments.check_can_view(connection, hall.exam, hall.staff)
        for slug in ("none", "a\0b", "\ud800"):
            with pytest.raises(NotFound):
                exams.find(connection, slug)
    everyone = exams.open_exam(hall.database, "all", "All", [hall.folder], Policy(everyone=True))
    with hall.database.reading() as connection:
        enrolments.check_can_answer(connection, everyone, eve)
        assert exams.exams_of(connection, eve) == [everyone]


def test_what_is_not_open_is_not_seen(hall):
    exam = hall.open("later", opens_at=NOON)
    with hall.database.reading() as connection:
        with pytest.raises(NotOpenYet):
            enrolments.check_can_view(connection, exam, hall.ada, NOON - HOUR)
        enrolments.check_can_view(connection, exam, hall.ada, NOON)
        enrolments.check_can_view(connection, exam, hall.staff, NOON - HOUR)


def test_release_waits_for_those_who_may_still_answer(hall):
    exam = hall.open("midterm", mode="exam", attempts=1, closes_at=NOON)
    with hall.database.writing() as connection:
        enrolments.extend(connection, exam, hall.bob, NOON + HOUR)
        with pytest.raises(Conflict) as error:
            schedule.release(connection, exam, now=NOON)
        assert error.value.message == "Students may still answer: close the exam first."
        assert not exams.find(connection, "midterm").shows_verdicts
        schedule.release(connection, exam, hall.staff.id, NOON + HOUR)
        released = exams.find(connection, "midterm")
        assert released.shows_verdicts
        assert released.released_at == NOON + HOUR
        with pytest.raises(Conflict) as error:
            schedule.reopen(connection, exam)
        assert error.value.message == "A released exam stays closed: its key is known."
        enrolments.extend(connection, exam, hall.bob, NOON + 5 * HOUR)
        with pytest.raises(Closed):
            enrolments.check_can_answer(connection, released, hall.bob, NOON + HOUR)


def test_closing_reopening_and_the_log(hall):
    exam = hall.exam
    with hall.database.writing() as connection:
        schedule.close(connection, exam, hall.staff.id)
        with pytest.raises(Closed):
            enrolments.check_can_answer(connection, exams.find(connection, exam.slug), hall.ada)
        schedule.reopen(connection, exam, hall.staff.id)
        enrolments.check_can_answer(connection, exams.find(connection, exam.slug), hall.ada)
        schedule.close(connection, exam, hall.staff.id)
        schedule.release(connection, exam, hall.staff.id)
        acts = audit_log.events(connection, exam.id)
    assert [act.action for act in acts] == [
        "exam-released",
        "exam-closed",
        "exam-reopened",
        "exam-closed",
        "exam-opened",
    ]
    assert {act.actor for act in acts} == {hall.staff.id, None}


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ({"mode": "exam"}, "An exam needs a limit of attempts: without one every option could be tried."),
        ({"mode": "quiz"}, "There is no such mode or level."),
        ({"attempts": 0}, "The limit of attempts is a number from 1 to 1000."),
        ({"credits": ()}, "The credit of each attempt is a number from 0 to 1."),
        ({"credits": (Fraction(3, 2),)}, "The credit of each attempt is a number from 0 to 1."),
        ({"opens_at": NOON, "closes_at": NOON}, "An exam closes after it opens."),
    ],
)
def test_policies_that_make_no_sense(policy, says):
    with pytest.raises(ValidationFailed) as error:
        Policy(**policy)
    assert error.value.message == says


def test_a_policy_comes_back(hall):
    policy = Policy("exam", 3, (Fraction(1), Fraction(2, 3)), "hint", True, NOON, NOON + HOUR)
    made = exams.open_exam(hall.database, "whole", "Whole", [hall.folder], policy)
    with hall.database.reading() as connection:
        assert exams.find(connection, "whole") == made
        (sheet,) = exams.exam_problems(connection, made)
        assert exams.exam_problem(connection, made, "tiny") == sheet
        assert [(each.address, each.kind, each.points) for each in sheet.blanks] == [
            ("a", "number", 2),
            ("b", "formula", 3),
            ("c", "word", 1),
        ]
        for problem in ("none", "a\0b"):
            with pytest.raises(NotFound):
                exams.exam_problem(connection, made, problem)


@pytest.mark.parametrize(
    ("slug", "many", "refusal", "says"),
    [
        ("Big Exam", 1, ValidationFailed, "An exam is named with small letters, digits and hyphens."),
        ("practice", 1, Conflict, "There is an exam practice already."),
        ("twice", 2, ValidationFailed, "An exam needs problems, each with a name of its own."),
        ("none", 0, ValidationFailed, "An exam needs problems, each with a name of its own."),
    ],
)
def test_exams_that_are_not_opened(hall, slug, many, refusal, says):
    with pytest.raises(refusal) as error:
        exams.open_exam(hall.database, slug, "x", [hall.folder] * many)
    assert error.value.message == says


def test_a_broken_problem_is_told_with_its_own_place(hall):
    (hall.folder / "problem.yaml").write_text(TINY.replace("B.T @ a", "C.T @ a"), encoding="utf-8")
    with pytest.raises(SpecError) as error:
        exams.open_exam(hall.database, "broken", "Broken", [hall.folder])
    assert str(error.value).startswith(f"{hall.folder / 'problem.yaml'}:")


def test_a_changed_file_changes_no_exam(hall):
    (hall.folder / "problem.yaml").write_text(TINY.replace("Tiny", "Changed"), encoding="utf-8")
    later = hall.open("later")
    shelf = snapshots.ProblemCache(hall.database)
    with hall.database.reading() as connection:
        (old,), (new,) = exams.exam_problems(connection, hall.exam), exams.exam_problems(connection, later)
    assert shelf.problem(old.snapshot).title == "Tiny"
    assert shelf.problem(new.snapshot).title == "Changed"
    assert shelf.problem(old.snapshot) is shelf.problem(old.snapshot)
    with pytest.raises(NotFound):
        shelf.problem("0" * 64)


def test_a_snapshot_is_a_folder_without_what_is_none_of_it(hall, tmp_path):
    (hall.folder / "picture.png").write_bytes(b"\0\1\2")
    (hall.folder / "sub").mkdir()
    (hall.folder / "sub" / "more.txt").write_text("more")
    (hall.folder / ".hidden").write_text("x")
    (hall.folder / "__pycache__").mkdir()
    (hall.folder / "__pycache__" / "x.pyc").write_text("x")
    (tmp_path / "secret").write_text("outside")
    (hall.folder / "link").symlink_to(tmp_path / "secret")
    (hall.folder / "links").symlink_to(tmp_path)
    taken = snapshots.capture(hall.folder)
    assert sorted(taken.files) == ["picture.png", "problem.yaml", "sub/more.txt"]
    with hall.database.writing() as connection:
        assert snapshots.store(connection, taken) == snapshots.store(connection, taken) == taken.hash
        found = snapshots.find(connection, taken.hash)
    assert found == taken
    folder = found.restore(tmp_path / "restored")
    assert snapshots.capture(folder) == taken
    assert snapshots.Snapshot("other", taken.files).hash != taken.hash


@pytest.mark.parametrize("path", ["../outside", "/outside", "a/../../b"])
def test_a_snapshot_that_leads_outside_is_refused(database, path):
    forged = snapshots.Snapshot("tiny", {path: b""})
    with database.writing() as connection:
        snapshots.store(connection, forged)
        with pytest.raises(ValueError, match="is not what was kept"):
            snapshots.find(connection, forged.hash)


@pytest.mark.parametrize("closes", [NOON + HOUR, None])
def test_an_exam_closes_at_another_time_for_everyone(hall, closes):
    exam = hall.open("moved", closes_at=NOON + 5 * HOUR)
    with hall.database.writing() as connection:
        schedule.reschedule(connection, exam, closes, hall.staff.id, NOON)
        moved = exams.find(connection, "moved")
        enrolments.check_can_answer(connection, moved, hall.ada, NOON)
        assert enrolments.closes_at(connection, moved, hall.ada) == closes
        (act, *_) = audit_log.events(connection, exam.id)
    assert (act.action, act.actor) == ("exam-rescheduled", hall.staff.id)
    assert act.details == {
        "closes": closes.isoformat() if closes else None,
        "was": (NOON + 5 * HOUR).isoformat(),
    }


def test_no_exam_closes_in_the_past_before_it_opens_or_after_its_release(hall):
    exam = hall.open("kept", opens_at=NOON + HOUR, closes_at=NOON + 2 * HOUR)
    for closes, refusal, says in [
        (NOON, ValidationFailed, "This time has passed. To close the exam at once, use Close."),
        (NOON + HOUR, ValidationFailed, "An exam closes after it opens."),
    ]:
        with pytest.raises(refusal) as error, hall.database.writing() as connection:
            schedule.reschedule(connection, exam, closes, now=NOON)
        assert error.value.message == says
    with hall.database.writing() as connection:
        schedule.close(connection, exam)
        schedule.release(connection, exam)
        with pytest.raises(Conflict):
            schedule.reschedule(connection, exam, None)
        assert exams.find(connection, "kept").policy.closes_at == NOON + 2 * HOUR
