"""Who may enter, and how."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from support.exam_factory import NOON

from grader.web.db import tables
from grader.web.domain.accounts import login_codes, passwords, people, sessions
from grader.web.errors import Conflict, NotFound, ValidationFailed
from grader.web.settings import Settings

SETTINGS = Settings(secret=b"0123456789abcdef")


@pytest.fixture
def ada(database):
    with database.writing() as connection:
        return people.add(connection, "s1", "Ada")


@pytest.mark.parametrize(
    ("login", "password", "enters"),
    [
        ("prof", "correct horse", True),
        (" prof ", "correct horse", True),
        ("prof", "correct horse ", False),
        ("prof", "", False),
        ("prof", "x" * 100_000, False),
        ("prof", "\ud800", False),
        ("s1", "correct horse", False),
        ("nobody", "correct horse", False),
        ("a\0b", "correct horse", False),
    ],
)
def test_passwords(database, ada, login, password, enters):
    with database.writing() as connection:
        people.add(connection, "prof", role="instructor", password="correct horse")
        found = people.check_password(connection, login, password)
    assert (found is not None) is enters


def test_only_a_hash_of_a_password_is_kept(database):
    with database.writing() as connection:
        people.add(connection, "prof", role="admin", password="correct horse")
        assert connection.execute(select(tables.people.c.password)).scalar_one().startswith("$argon2id$")


@pytest.mark.parametrize("password", ["short", "x" * 1001])
def test_passwords_that_are_refused(password):
    with pytest.raises(ValidationFailed) as error:
        passwords.hash_password(password)
    assert error.value.message == "A password has 10 to 1000 characters."


def test_a_new_password_ends_all_sessions(database):
    with database.writing() as connection:
        prof = people.add(connection, "prof", role="grader", password="correct horse")
        token = sessions.begin(connection, prof, SETTINGS)
        people.set_password(connection, prof, "battery staple")
        assert sessions.find_person(connection, token) is None
        assert people.check_password(connection, "prof", "correct horse") is None
        assert people.check_password(connection, "prof", "battery staple") == prof


def test_a_student_has_no_password(database, ada):
    with database.writing() as connection, pytest.raises(ValidationFailed) as error:
        people.set_password(connection, ada, "correct horse")
    assert error.value.message == "Students enter by a link or a code."


def test_logins_are_taken_once(database, ada):
    with database.writing() as connection, pytest.raises(Conflict) as error:
        people.add(connection, " s1 ")
    assert error.value.message == "There is a person s1 already."


@pytest.mark.parametrize("login", ["", "  ", "a\nb", "a\0b", "x" * 201, "\ud800"])
def test_logins_that_are_refused(database, login):
    with database.writing() as connection, pytest.raises(ValidationFailed) as error:
        people.add(connection, login)
    assert error.value.message == "The login must be one line of 1 to 200 characters."


def test_a_roster_adds_and_renames(database, ada):
    with database.writing() as connection:
        people.add(connection, "prof", role="grader")
        assert people.get_or_create_student(connection, "s1", "Ada L.").name == "Ada L."
        assert people.get_or_create_student(connection, "s1").name == "Ada L."
        assert people.get_or_create_student(connection, "s2", "Bob").role == "student"
        assert [each.login for each in people.everyone(connection, "student")] == ["s1", "s2"]
        with pytest.raises(Conflict):
            people.get_or_create_student(connection, "prof")


@pytest.mark.parametrize(
    ("role", "may"),
    [("student", "0000"), ("grader", "0100"), ("instructor", "0110"), ("admin", "0111")],
)
def test_roles(role, may):
    person = people.Person("x", "x", None, role)
    found = [person.is_staff and person.at_least(each) for each in ("student", *people.STAFF)]
    assert found[1:] == [each == "1" for each in may[1:]]


def test_nobody_is_found_by_a_wrong_id(database):
    for id in ("x", "a\0b", "\ud800"):
        with database.reading() as connection, pytest.raises(NotFound) as error:
            people.by_id(connection, id)
        assert error.value.message == "There is nothing here."


def test_a_session_is_kept_as_a_hash_and_ends(database, ada):
    with database.writing() as connection:
        token = sessions.begin(connection, ada, SETTINGS, now=NOON)
        assert connection.execute(select(tables.sessions.c.token)).scalar_one() != token
        assert sessions.find_person(connection, token, NOON) == ada
        assert sessions.find_person(connection, token + "x", NOON) is None
        assert sessions.find_person(connection, "\ud800\0", NOON) is None
        assert sessions.find_person(connection, token, NOON + timedelta(hours=12)) is None
        sessions.end(connection, token)
        assert sessions.find_person(connection, token, NOON) is None


def test_the_token_changes_when_somebody_enters(database, ada):
    """A token that an attacker planted is worth nothing afterwards."""
    with database.writing() as connection:
        planted = sessions.begin(connection, ada, SETTINGS)
        token = sessions.begin(connection, ada, SETTINGS, old=planted)
        assert token != planted
        assert sessions.find_person(connection, planted) is None
        assert sessions.find_person(connection, token) == ada


def test_expired_sessions_are_cleared(database, ada):
    with database.writing() as connection:
        sessions.begin(connection, ada, SETTINGS, now=NOON)
        sessions.begin(connection, ada, SETTINGS, now=NOON + timedelta(days=1))
        assert len(connection.execute(select(tables.sessions)).all()) == 1


def test_forgery():
    token = sessions.anonymous_token()
    sent = sessions.csrf_token(SETTINGS, token)
    assert sessions.is_csrf_token(SETTINGS, token, sent)
    assert not sessions.is_csrf_token(SETTINGS, sessions.anonymous_token(), sent)
    assert not sessions.is_csrf_token(Settings(secret=b"another-secret-16"), token, sent)
    assert not sessions.is_csrf_token(SETTINGS, token, "\ud800")
    assert token not in sent


@pytest.mark.parametrize("make", [login_codes.issue_code, login_codes.issue_link])
def test_a_code_or_link_is_good_for_one_time(database, ada, make):
    with database.writing() as connection:
        given = make(connection, ada, SETTINGS, now=NOON)
        assert given not in str(connection.execute(select(tables.codes)).all())
        assert login_codes.redeem(connection, given[:-1] + "?", SETTINGS, NOON) is None
        assert login_codes.redeem(connection, given, SETTINGS, NOON + timedelta(days=7)) is None
        assert login_codes.redeem(connection, given, Settings(secret=b"another-secret-16"), NOON) is None
        assert login_codes.redeem(connection, given, SETTINGS, NOON) == ada
        assert login_codes.redeem(connection, given, SETTINGS, NOON) is None


def test_a_code_may_be_typed_as_it_comes(database, ada):
    with database.writing() as connection:
        code = login_codes.issue_code(connection, ada, SETTINGS)
        assert len(code) == 14
        assert login_codes.redeem(connection, f" {code.lower().replace('-', ' ')}\n", SETTINGS) == ada


def test_many_who_follow_one_link_at_once(database, ada):
    with database.writing() as connection:
        link = login_codes.issue_link(connection, ada, SETTINGS)

    def follow(_):
        with database.writing() as connection:
            return login_codes.redeem(connection, link, SETTINGS)

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(follow, range(6)), key=str) == [None] * 5 + [ada]


def test_codes_are_revoked(database, ada):
    with database.writing() as connection:
        code = login_codes.issue_code(connection, ada, SETTINGS)
        login_codes.revoke(connection, ada)
        assert login_codes.redeem(connection, code, SETTINGS) is None


def test_the_name_to_show_is_the_login_where_no_name_is_known(database):
    with database.writing() as connection:
        ada = people.add(connection, "s1", "Ada")
        bob = people.add(connection, "s2")
        names = people.display_names(connection, [ada.id, bob.id, ada.id, "nobody"])
        assert names == {ada.id: "Ada", bob.id: "s2"}
        assert (ada.display_name, bob.display_name) == ("Ada", "s2")
        assert people.display_names(connection, []) == {}
