"""A database of version 0001 with a little of everything is upgraded, and read back as the code of that version read it."""

from __future__ import annotations

import json
from datetime import datetime
from fractions import Fraction

import pytest
from sqlalchemy import inspect, select
from support.database_rows import load_rows
from support.paths import CASES

from grader.reports import marks_csv, results_jsonl
from grader.web.db import tables
from grader.web.domain import audit_log
from grader.web.domain.accounts import login_codes, people, sessions
from grader.web.domain.attempts import attempts, drafts, marks, visibility
from grader.web.domain.exams import enrolments, exams, snapshots
from grader.web.domain.grading import job_queue
from grader.web.domain.review import decisions, queue
from grader.web.domain.uploads import uploads
from grader.web.service import Service
from grader.web.settings import Settings

pytestmark = pytest.mark.db

ROWS = CASES / "database_v0001.json"
EXPECTED = json.loads((CASES / "database_v0001_expected.json").read_text(encoding="utf-8"))
NOW = datetime.fromisoformat(EXPECTED["now"])
REWORDED = {
    "The unit “x” is not read here. No unit is asked for here.": "The unit “x” is not read here. Write the number without a unit."
}
"""Sentences that version 0001 showed, and what is shown in their place today."""


@pytest.fixture
def upgraded_rows(empty):
    """A database that version 0001 made and filled, brought to today's form."""
    empty.upgrade("0001")
    with empty.writing() as connection:
        counts = load_rows(connection, ROWS)
    empty.upgrade()
    return empty, counts


def test_everything_is_read_back(upgraded_rows):
    database, counts = upgraded_rows
    with database.writing() as connection:
        audit_log.record(connection, None, "after-loading", "nobody")
    settings = Settings(
        secret=EXPECTED["secret"].encode(), database=database.url.render_as_string(hide_password=False), workers=1
    )
    service = Service.of(settings)
    try:
        found = json.loads(json.dumps(read_back(service)))
    finally:
        service.close()
    newest = found["audit"].pop(0)
    assert (newest["id"], newest["action"]) == (counts["audit"] + 1, "after-loading")
    for name, expected in EXPECTED.items():
        assert reworded(found[name]) == reworded(expected), name  # What is stored keeps its sentence.


def test_no_row_is_lost(upgraded_rows):
    database, counts = upgraded_rows
    counts["jobs"] = counts.pop("work")
    with database.reading() as connection:
        for name, count in counts.items():
            assert len(connection.execute(select(tables.metadata.tables[name])).all()) == count, name


def test_indexes_are_those_of_the_tables(upgraded_rows):
    """What is named after a column follows it; constraints are compared in ``test_engine``."""
    database, _ = upgraded_rows
    look = inspect(database.engine)
    for name, table in tables.metadata.tables.items():
        uniques = {each["name"] for each in look.get_unique_constraints(name)}
        found = {each["name"]: each["column_names"] for each in look.get_indexes(name) if each["name"] not in uniques}
        assert found == {index.name: [column.name for column in index.columns] for index in table.indexes}, name


def test_foreign_keys_hold_after_the_upgrade(upgraded_rows):
    database, _ = upgraded_rows
    if database.is_sqlite:
        with database.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def reworded(value):
    if isinstance(value, dict):
        return {name: reworded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [reworded(item) for item in value]
    return REWORDED.get(value, value) if isinstance(value, str) else value


def plain(value):
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Fraction):
        return str(value)
    return list(map(plain, value)) if isinstance(value, tuple | list) else value


def fields(value, *names, **renamed):
    """Return attributes by their names, and those of ``renamed`` under the names that they had in version 0001."""
    attributes = {name: name for name in names} | renamed
    return {before: plain(getattr(value, name)) for before, name in attributes.items()}


def decision_fields(decision):
    return None if decision is None else fields(decision, "id", "credit", "comment", "by", "at")


def group_fields(group):
    names = ("problem", "blank", "why", "spellings", "read_as", "outcome", "credit", "asked", "people", "opened")
    return fields(group, *names, alike="group_key") | {"decision": decision_fields(group.decision)}


def read_back(service):
    """Return what the service makes of its database, in the words of version 0001."""
    settings = service.settings
    with service.database.reading() as connection:
        rows = connection.execute(select(tables.people).order_by(tables.people.c.id)).mappings().all()
        everyone = {row["id"]: people.Person(row["id"], row["login"], row["name"], row["role"]) for row in rows}
        columns = ("id", "login", "name", "role", "created_at", "erased_at")
        hashes = connection.scalars(select(tables.snapshots.c.hash).order_by(tables.snapshots.c.hash)).all()
        stored = {hash: snapshots.find(connection, hash) for hash in hashes}
        return {
            "secret": settings.secret.get_secret_value().decode(),
            "now": plain(NOW),
            "password": EXPECTED["password"],
            "people": [
                {name: plain(row[name]) for name in columns} | {"guest": everyone[row["id"]].is_guest} for row in rows
            ],
            "sessions": {
                token: (person := sessions.find_person(connection, token, NOW)) and person.login
                for token in EXPECTED["sessions"]
            },
            "codes": {code: login_codes.is_valid(connection, code, settings, NOW) for code in EXPECTED["codes"]},
            "passwords": {
                login: (person := people.check_password(connection, login, EXPECTED["password"])) and person.id
                for login in ("root", "prof", "tutor")
            },
            "snapshots": {
                hash: {
                    "problem": snapshot.problem,
                    "files": sorted(snapshot.files),
                    "loaded": service.problem_cache.problem(hash).hash,
                }
                for hash, snapshot in stored.items()
            },
            "exams": {
                exam.slug: exam_fields(service, connection, exam, everyone) for exam in exams.all_exams(connection)
            },
            "audit": [
                fields(event, "id", "at", "actor", "action", "subject", "details")
                for event in audit_log.events(connection, limit=10_000)
            ],
            "backlog": fields(job_queue.backlog(connection, NOW), "waiting", "oldest", in_hand="in_progress"),
        }


def exam_fields(service, connection, exam, everyone):
    policy = fields(exam.policy, "mode", "attempts", "credits", "reveal", "everyone", "opens_at", "closes_at")
    rows = select(tables.decisions.c.id).where(tables.decisions.c.exam == exam.id).order_by(tables.decisions.c.id)
    records = [decisions.find(connection, exam, id) for id in connection.execute(rows).scalars()]
    return fields(exam, "id", "title", "state", "released_at", "shows_verdicts") | {
        "policy": policy,
        "enrolled": [[person.login, plain(until)] for person, until in enrolments.enrolled(connection, exam)],
        "open_to_anybody": enrolments.is_open_to_anyone(connection, exam, NOW),
        "problems": {
            each.problem: problem_fields(service, connection, exam, each, everyone)
            for each in exams.exam_problems(connection, exam)
        },
        "queue": [group_fields(group) for group in queue.pending_groups(connection, exam)],
        "decided": [group_fields(group) for group in queue.decided_groups(connection, exam)],
        "decisions": [
            fields(record, "problem", "blank", "students", alike="group_key")
            | {"decision": decision_fields(record.decision)}
            for record in records
        ],
        "uploads": [
            fields(each, "id", "name", "by", "at", "answers", "graded") for each in uploads.uploads_of(connection, exam)
        ],
    }


def problem_fields(service, connection, exam, exam_problem, everyone):
    problem = service.problem(exam_problem)
    results = marks.results(connection, exam, exam_problem, problem, service.settings.grading_secret)
    lines = [json.loads(results_jsonl.line(result)) for result in results]
    for line in lines:
        line["provenance"].pop("versions")
    drafts_by_person = {
        id: drafts.drafts_of(connection, person, exam, exam_problem.problem) for id, person in sorted(everyone.items())
    }
    return fields(exam_problem, "snapshot", "reveal", place="position") | {
        "blanks": [fields(blank, "address", "kind", "points") for blank in exam_problem.blanks],
        "results": lines,
        "marks_csv": marks_csv.table(results, problem),
        "attempts": [
            attempt_fields(service, attempt, exam, exam_problem)
            for attempt in attempts.attempts_at(connection, exam, exam_problem.problem)
        ],
        "drafts": {
            id: {blank: plain(written) for blank, written in sorted(by_blank.items())}
            for id, by_blank in drafts_by_person.items()
            if by_blank
        },
    }


def attempt_fields(service, attempt, exam, exam_problem):
    names = (
        "id",
        "blank",
        "person",
        "number",
        "written",
        "submitted_at",
        "state",
        "outcome",
        "credit",
        "score",
        "upload",
    )
    renamed = {"doubtful": "needs_review", "counts": "uses_attempt", "asked": "review_requested"}
    found = fields(attempt, *names, **renamed) | {"decision": attempt.decision and attempt.decision.id}
    if attempt.written is not None:
        preview = service.preview
        seen = visibility.visible_attempt(
            attempt, exam, exam_problem, lambda: preview(exam_problem, attempt.blank, attempt.written)
        )
        found["shown"] = fields(seen, "state", "says", "read_as", "why", "comment", "level")
    return found
