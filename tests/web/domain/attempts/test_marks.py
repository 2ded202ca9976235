"""Uploads, what attempts amount to, and what is left when a student is erased."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction as F

import pytest
from sqlalchemy import select
from support.exam_factory import NOON

from grader.core.seeds import PUBLIC
from grader.core.submission import Student, Submission
from grader.core.verdict import Note, Verdict
from grader.reports import marks_csv, results_jsonl
from grader.web.db import tables
from grader.web.domain import audit_log
from grader.web.domain.accounts import erasure, login_codes, people, sessions
from grader.web.domain.attempts import attempts, drafts, marks
from grader.web.domain.exams import exams
from grader.web.domain.exams.snapshots import ProblemCache
from grader.web.domain.grading import job_queue
from grader.web.domain.review import decisions, queue
from grader.web.domain.uploads import uploads
from grader.web.errors import Conflict, NotFound, TooLarge
from grader.web.settings import Settings

SETTINGS = Settings(secret=b"0123456789abcdef")
WRONG, RIGHT = Verdict.incorrect("x", "No."), Verdict.correct("x")
HALF = Verdict.partial(F(1, 2), "x", "Half.")
DOUBT = replace(RIGHT, review="It is misspelt.")
LOST = Verdict.ungraded("It crashed.")


@pytest.mark.parametrize(
    ("verdicts", "credits", "credit", "outcome", "review"),
    [
        ([], [1], F(0), "blank", None),
        ([WRONG], [1], F(0), "incorrect", None),
        ([WRONG, RIGHT], [1, F(1, 2)], F(1, 2), "correct", None),
        ([HALF, WRONG], [1], F(1, 2), "partial", None),
        ([HALF, RIGHT], [1, F(1, 2)], F(3, 4), "correct", None),
        ([WRONG, DOUBT], [1], F(1), "correct", "It is misspelt."),
        ([HALF, LOST], [1], None, "ungraded", "It crashed."),
        ([RIGHT, LOST], [1], F(1), "correct", "It crashed."),
        ([HALF, None], [1], None, "ungraded", "This answer is still being graded."),
        ([RIGHT, None], [1], F(1), "correct", None),
    ],
)
def test_what_stands(hall, verdicts, credits, credit, outcome, review):
    exam = hall.open("graded", credits=tuple(map(F, credits)))
    for number, verdict in enumerate(verdicts):
        made = hall.submit(str(number), exam=exam)
        if verdict:
            hall.mark(made, verdict)
    with hall.database.reading() as connection:
        _, found = marks.counted_answer(attempts.attempts_of(connection, exam, hall.ada, "tiny"), exam)
    assert (found.credit, found.outcome, found.review) == (credit, outcome, review)


def test_points_of_a_doubtful_answer_are_not_told_before_it_is_decided(hall):
    tried = [hall.mark(hall.submit("1"), HALF), hall.mark(hall.submit("2"), DOUBT)]
    assert marks.credit_for(tried, hall.exam).credit == 1
    assert marks.credit_for(tried, hall.exam, known_only=True).credit == F(1, 2)


def test_results_are_what_reports_can_tell(hall):
    hall.mark(hall.submit("1", "a"), RIGHT)
    hall.mark(hall.submit("2", "b"), HALF)
    hall.mark(hall.submit("3", "c", hall.bob), LOST)
    shelf = ProblemCache(hall.database)
    with hall.database.reading() as connection:
        (sheet,) = exams.exam_problems(connection, hall.exam)
    problem = shelf.problem(sheet.snapshot)
    with hall.database.reading() as connection:
        found = marks.results(connection, hall.exam, sheet, problem, PUBLIC)
    assert [(each.student.id, each.points, each.status) for each in found] == [
        ("s1", F(7, 2), "final"),
        ("s2", None, "ungraded"),
    ]
    assert "s1" in marks_csv.table(found, problem)
    assert all(results_jsonl.line(each) for each in found)


def test_an_upload_makes_students_and_its_progress_is_seen(hall):
    given = [
        Submission(Student("s1"), "tiny", {"a": "1", "b": " ", "zz": "?"}),
        Submission(Student("s9", "Nina"), "tiny", {"a": "1", "c": "canary"}),
        Submission(Student("s8"), "tiny", {"a": "1"}, held_reason="There are two of them."),
    ]
    with hall.database.writing() as connection:
        made = uploads.upload(connection, hall.exam, "paper.zip", given, hall.staff, now=NOON)
        assert (made.answers, made.graded, made.by) == (4, 1, hall.staff.id)
        assert people.by_login(connection, "s9").name == "Nina"
        job = job_queue.claim(connection, "w")
        assert (job.setting, job_queue.finish(connection, job, RIGHT)) == ("batch", True)
        assert [(each.id, each.graded) for each in uploads.uploads_of(connection, hall.exam)] == [(made.id, 2)]
        with pytest.raises(NotFound):
            uploads.find(connection, hall.exam, "none")
        assert [group.why for group in queue.pending_groups(connection, hall.exam)] == [("There are two of them.",)]


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (Submission(Student("s1"), "none", {"a": "1"}), NotFound),
        (Submission(Student("prof"), "tiny", {"a": "1"}), Conflict),
        (Submission(Student("s1"), "tiny", {"a": "x" * 20_001}), TooLarge),
    ],
)
def test_an_upload_is_taken_whole_or_not_at_all(hall, given, refusal):
    good = Submission(Student("s9"), "tiny", {"a": "1"})
    with pytest.raises(refusal), hall.database.writing() as connection:
        uploads.upload(connection, hall.exam, "paper.zip", [good, given], hall.staff)
    with hall.database.reading() as connection:
        assert uploads.uploads_of(connection, hall.exam) == []
        assert people.by_login(connection, "s9") is None


def test_nothing_that_a_student_wrote_is_left(hall):
    private = "PRIVATE"
    told = Verdict.incorrect(private, private, [Note(private)], review=private)
    doubtful = hall.mark(hall.submit(private), replace(told, meaning=private))
    waiting = hall.submit(private, "b")
    right = hall.mark(hall.submit(private, "c"), replace(RIGHT, read_as=private))
    with hall.database.writing() as connection:
        people.get_or_create_student(connection, "s1", private)
        drafts.save_draft(connection, hall.ada, hall.exam, "tiny", "a", private)
        token, code = (
            sessions.begin(connection, hall.ada, SETTINGS),
            login_codes.issue_code(connection, hall.ada, SETTINGS),
        )
        erasure.erase(connection, hall.ada.id, hall.staff.id)
    with hall.database.reading() as connection:
        for table in tables.metadata.sorted_tables:
            whole = str(connection.execute(select(table)).all())
            assert private not in whole, table.name
            assert table.name == "snapshot_files" or "'s1'" not in whole, table.name
        assert sessions.find_person(connection, token) is None
        found = [attempts.by_id(connection, each.id) for each in (doubtful, waiting, right)]
        assert [(each.written, each.outcome, each.credit) for each in found] == [
            (None, "incorrect", 0),
            (None, "ungraded", None),
            (None, "correct", 1),
        ]
        assert queue.pending_groups(connection, hall.exam) == []
        assert job_queue.backlog(connection).waiting == 0
        act = audit_log.events(connection)[0]
        assert (act.action, act.subject, act.actor) == ("erased", hall.ada.id, hall.staff.id)
        with pytest.raises(NotFound):
            people.by_id(connection, hall.ada.id)
    with hall.database.writing() as connection:
        assert login_codes.redeem(connection, code, SETTINGS) is None
        with pytest.raises(NotFound):
            erasure.erase(connection, hall.ada.id)
        assert people.get_or_create_student(connection, "s1").id != hall.ada.id


def test_a_persons_comment_stands_in_the_results(hall):
    hall.mark(hall.submit("1"), DOUBT)
    with hall.database.writing() as connection:
        (group,) = queue.pending_groups(connection, hall.exam)
        decisions.decide(connection, hall.exam, "tiny", "a", group.group_key, F(1, 2), "Near enough.", hall.staff)
    with hall.database.reading() as connection:
        (sheet,) = exams.exam_problems(connection, hall.exam)
    problem = ProblemCache(hall.database).problem(sheet.snapshot)
    with hall.database.reading() as connection:
        found, _ = marks.results(connection, hall.exam, sheet, problem, PUBLIC)
    (blank,) = json.loads(results_jsonl.line(found))["parts"][0]["blanks"]
    assert blank["reason"] == "A person has decided on this answer. Near enough."
