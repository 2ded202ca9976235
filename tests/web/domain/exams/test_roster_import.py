"""Lists of students: large ones, careless ones, and two at once, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, func, select
from support.exam_factory import NOON

from grader.core.errors import InputError
from grader.web.db import tables
from grader.web.domain import audit_log
from grader.web.domain.accounts import login_codes, people
from grader.web.domain.exams import enrolments, exams, roster_import
from grader.web.domain.grading.worker_pool import WorkerPool
from grader.web.errors import NotFound
from grader.web.service import Service
from grader.web.settings import Settings


@pytest.fixture
def service(hall):
    settings = Settings(secret=b"a secret of the tests", workers=0)
    return Service(settings, hall.database, WorkerPool(settings))


def table(many, start=0):
    return ("id,name\n" + "".join(f"n{start + n:04},Name {n}\n" for n in range(many))).encode()


def on_list(service, slug="practice"):
    with service.database.reading() as connection:
        return [who.login for who, _ in enrolments.enrolled(connection, exams.find(connection, slug))]


def acts(service, action):
    with service.database.reading() as connection:
        return [each for each in audit_log.events(connection) if each.action == action]


def test_five_thousand_are_taken_in_short_transactions_and_noted_once(service):
    """Few statements for each five hundred of them, and nobody waits for the whole of it."""
    statements = []
    event.listen(service.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    done = roster_import.import_bytes(
        service.database, service.settings, table(5_000), "class.csv", "practice", codes=True, actor="who"
    )
    asked, chunks = list(statements), 5_000 // roster_import.STUDENTS_PER_TRANSACTION
    assert (done.students, done.new, done.remarks, len(done.issued_codes)) == (5_000, 5_000, (), 5_000)
    assert len({each.code for each in done.issued_codes}) == 5_000
    assert [each.id for each in done.issued_codes] == [f"n{n:04}" for n in range(5_000)]
    assert len(on_list(service)) == 5_002
    (act,) = acts(service, "roster-read")
    assert (act.actor, act.details) == ("who", {"students": 5_000, "new": 5_000, "codes": 5_000})
    assert not acts(service, "code-made")
    assert len([each for each in asked if each.startswith("SELECT people")]) == 2 * chunks
    assert len([each for each in asked if each.startswith("INSERT INTO people")]) <= 5 * chunks


def test_the_same_list_again_changes_nothing_but_names(service):
    first = roster_import.import_bytes(
        service.database, service.settings, b"id,name\ns1,Ada\nx1,New\nx2,\n", "a.csv", "practice"
    )
    assert (first.students, first.new, first.issued_codes) == (3, 1 + 1, ())
    with service.database.writing() as connection:
        enrolments.extend(
            connection,
            exams.find(connection, "practice"),
            people.by_login(connection, "x1"),
            NOON,
        )
    again = roster_import.import_bytes(
        service.database, service.settings, b"id,name\ns1,Ada Lovelace\nx1,\nx2,Named\n", "a.csv", "practice"
    )
    assert (again.students, again.new, again.remarks) == (3, 0, ())
    with service.database.reading() as connection:
        found = {each.login: each.name for each in people.everyone(connection, "student")}
        listed = enrolments.enrolled(connection, exams.find(connection, "practice"))
        kept = {who.login: until for who, until in listed}
    assert found == {"s1": "Ada Lovelace", "s2": "Bob", "x1": "New", "x2": "Named"}
    assert kept["x1"] is not None


def test_what_is_left_out_is_told_by_its_line(service):
    text = f"id;name\nx1;One\n;Nobody\nX1;Again\nprof;Prof\nx2;{'y' * 201}\nx\x01;Three\nx4;Four\n"
    done = roster_import.import_bytes(service.database, service.settings, text.encode(), "class.csv", "practice")
    assert (done.students, done.new) == (2, 2)
    assert sorted(done.remarks) == [
        "class.csv:3: there is no id in this line; it was left out",
        "class.csv:4: 'X1' stands in line 2 too; this line was left out",
        "class.csv:5: prof is one of the staff.",
        "class.csv:6: The name must be one line of 1 to 200 characters.",
        "class.csv:7: The login must be one line of 1 to 200 characters.",
    ]
    assert on_list(service) == ["s1", "s2", "x1", "x4"]
    with service.database.reading() as connection:
        assert people.by_login(connection, "prof").name == "Prof. Example"


def test_nothing_is_kept_of_a_file_that_is_none_or_for_an_exam_that_is_not_there(service):
    with pytest.raises(InputError):
        roster_import.import_bytes(service.database, service.settings, b"first,last\nAda,L\n", "class.csv")
    with pytest.raises(NotFound):
        roster_import.import_bytes(service.database, service.settings, table(3), "class.csv", "nope")
    with service.database.reading() as connection:
        assert len(people.everyone(connection)) == 3
    assert not acts(service, "roster-read")


def test_a_code_of_a_list_is_good(service):
    done = roster_import.import_bytes(service.database, service.settings, table(2), "class.csv", codes=True)
    with service.database.writing() as connection:
        assert login_codes.redeem(connection, done.issued_codes[1].code.lower(), service.settings).login == "n0001"
        assert login_codes.redeem(connection, done.issued_codes[1].code, service.settings) is None


def test_two_lists_at_once(service):
    """They share students, who are there once afterwards; neither list fails."""
    with ThreadPoolExecutor(3) as pool:
        done = list(
            pool.map(
                lambda start: roster_import.import_bytes(
                    service.database, service.settings, table(900, start), "class.csv", "practice"
                ),
                (0, 300, 600),
            )
        )
    assert [each.students for each in done] == [900] * 3
    assert len(on_list(service)) == 1_500 + 2
    with service.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.people)) == 1_500 + 3


@pytest.mark.parametrize(
    "many", [0, 1, roster_import.STUDENTS_PER_TRANSACTION, roster_import.STUDENTS_PER_TRANSACTION + 1]
)
def test_lists_of_all_lengths(service, many):
    done = roster_import.import_bytes(
        service.database, service.settings, table(many), "class.csv", "practice", codes=True
    )
    assert (done.students, done.new, len(done.issued_codes), len(on_list(service))) == (many, many, many, many + 2)
