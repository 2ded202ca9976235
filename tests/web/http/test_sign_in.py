"""Guessing codes and passwords, by the pages and by the API: what is slowed down, and who is not."""

from __future__ import annotations

import re
import threading
import time

import pytest
from argon2 import PasswordHasher, extract_parameters
from starlette.testclient import TestClient

from grader.web import app
from grader.web.domain.accounts import login_codes, passwords, people
from grader.web.http import sign_in
from grader.web.http.auth import Visitor
from grader.web.http.rate_limits import RATES, RateLimiter
from grader.web.service import Service
from grader.web.settings import Settings

RIGHT = "correct horse"
CSRF = re.compile(r'name="csrf" value="(\w+)"')


class Clock:
    """A clock that stands still unless it is set forward."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


class Doors:
    """A service with a professor and students, and ways to knock at it from any address."""

    def __init__(self, service, clock):
        self.service, self.clock = service, clock
        self.app = app.make(service, RateLimiter(now=clock))

    def client(self, address="10.0.0.1"):
        return TestClient(self.app, client=(address, 1))

    def by_api(self, address="10.0.0.1", **given):
        return self.client(address).post("/api/v1/session", json=given)

    def by_page(self, path, address="10.0.0.1", **given):
        client = self.client(address)
        csrf = CSRF.search(client.get("/enter").text)[1]
        return client.post(path, data={"csrf": csrf, **given}, follow_redirects=False)

    def code(self, login="s1"):
        with self.service.database.writing() as connection:
            return login_codes.issue_code(
                connection, people.get_or_create_student(connection, login), self.service.settings
            )


@pytest.fixture
def doors(tmp_path):
    service = Service.of(
        Settings(
            secret=b"a secret of the tests",
            database=f"sqlite:///{tmp_path / 'grader.sqlite3'}",
            workers=0,
            practice=True,
        )
    )
    service.database.upgrade()
    clock = Clock()
    with service.database.writing() as connection:
        people.add(connection, "Prof", "Prof", "instructor", RIGHT)
        people.add(connection, "links", "Links only", "instructor")
    yield Doors(service, clock)
    service.database.close()


@pytest.mark.parametrize("way", ["api", "page"])
def test_a_hall_enters_with_right_codes_whoever_guesses_there(doors, way):
    def knock(code):
        if way == "api":
            return doors.by_api(code=code).status_code
        status = doors.by_page("/enter", code=code).status_code
        return 200 if status == 303 else status

    right = [doors.code(f"s{number}") for number in range(3)]
    assert knock(right[0]) == 200
    burst = int(RATES["code"].burst)
    for _ in range(burst - 1):
        with pytest.raises(sign_in.SignInFailed):
            sign_in.by_code(visitor(doors), "WRNG-WRNG-WRNG")
    assert knock("WRNG-WRNG-WRNG") == 403
    assert knock("WRNG-WRNG-WRNG") == 429
    assert knock(right[0]) == 429  # Used up: it is as wrong as any.
    assert [knock(each) for each in right[1:]] == [200, 200]
    assert doors.by_api("10.0.0.2", code="WRNG-WRNG-WRNG").status_code == 403


def visitor(doors, address="10.0.0.1"):
    return Visitor(doors.service, "token", None, True, address, doors.app.state.rate_limits)


def test_guessing_codes_writes_nothing(doors, monkeypatch):
    right = doors.code()
    monkeypatch.setattr(doors.service.database, "writing", lambda: pytest.fail("this waits for its turn to write"))
    assert doors.by_api(code="WRNG-WRNG-WRNG").status_code == 403
    with pytest.raises(pytest.fail.Exception):
        doors.by_api(code=right)


def test_two_who_type_one_code_at_once(doors):
    """Between looking a code up and using it up somebody else may have used it."""
    right = doors.code()
    good = login_codes.is_valid

    def slow(connection, given, settings):
        found = good(connection, given, settings)
        barrier.wait(10)
        return found

    barrier, came = threading.Barrier(2), []
    login_codes.is_valid = slow
    try:
        both = [threading.Thread(target=lambda: came.append(doors.by_api(code=right).status_code)) for _ in range(2)]
        for each in both:
            each.start()
        for each in both:
            each.join()
    finally:
        login_codes.is_valid = good
    assert sorted(came) == [200, 403]


SAME = ["Prof", "Prof ", " Prof", "prof", "PROF", "\tProf\n", "pROF  "]


@pytest.mark.parametrize("way", ["api", "page"])
def test_every_spelling_of_a_login_has_one_pace(doors, monkeypatch, way):
    monkeypatch.setattr(passwords, "matches", lambda hashed, password: hashed is not None and password == RIGHT)

    def knock(login, password, address="10.0.0.1"):
        if way == "api":
            return doors.by_api(address, login=login, password=password).status_code
        return doors.by_page("/enter/password", address, login=login, password=password).status_code

    fine = 200 if way == "api" else 303
    assert knock("Prof", RIGHT) == fine
    burst = int(RATES["password"].burst)
    assert {knock(SAME[number % len(SAME)], "wrong") for number in range(burst - 1)} == {403}
    for login in SAME:
        assert knock(login, "wrong") == 429
    assert knock("other", "wrong") == 403
    assert knock("Prof", RIGHT) == 429
    assert knock("Prof", RIGHT, "10.0.0.2") == fine
    doors.clock.seconds = 60
    assert knock("Prof", RIGHT) == fine


def test_one_address_never_locks_anybody_out_everywhere_but_many_are_slowed_down(doors, monkeypatch):
    monkeypatch.setattr(passwords, "matches", lambda hashed, password: hashed is not None and password == RIGHT)
    for _ in range(120):  # Two hours of one who takes each chance.
        doors.clock.seconds += 60
        assert doors.by_api(login="Prof", password="wrong").status_code == 403
    assert doors.by_api("10.0.0.9", login="Prof", password=RIGHT).status_code == 200
    tried = [doors.by_api(f"10.1.0.{n}", login="Prof", password="wrong").status_code for n in range(120)]
    assert tried.count(403) <= RATES["login"].burst
    assert tried[-1] == 429


def test_many_logins_from_one_address_are_slowed_down(doors, monkeypatch):
    monkeypatch.setattr(passwords, "matches", lambda hashed, password: False)
    tried = [doors.by_api(login=f"guess{n}", password="wrong").status_code for n in range(110)]
    assert (tried.count(403), tried.count(429)) == (RATES["passwords"].burst, 10)
    assert doors.by_api("10.0.0.2", login="guess", password="wrong").status_code == 403


def test_few_passwords_are_tried_at_a_time(monkeypatch):
    """Thirty at once: two are tried, six wait, and the rest are told so at once, holding no thread."""
    now, most, lock = [0], [0], threading.Lock()
    go = threading.Event()

    class Slow:
        def verify(self, kept, password):
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            go.wait(10)
            with lock:
                now[0] -= 1

        def hash(self, password):
            return "kept"

    monkeypatch.setattr(passwords, "HASHER", Slow())
    passwords._dummy_hash.cache_clear()
    came = []

    def one():
        try:
            came.append(passwords.matches("kept", RIGHT))
        except passwords.RateLimited as refused:
            came.append(refused.message)

    many = [threading.Thread(target=one) for _ in range(30)]
    for each in many:
        each.start()
    for _ in range(200):
        if len(came) == 30 - passwords.MAX_CONCURRENT - passwords.MAX_WAITING:
            break
        time.sleep(0.01)
    assert came == [passwords.BUSY] * 22
    go.set()
    for each in many:
        each.join()
    assert (most[0], came.count(True)) == (2, 8)
    assert passwords.matches("kept", RIGHT)  # There is room again.
    passwords._dummy_hash.cache_clear()


@pytest.mark.parametrize("login", ["Prof", "nobody", "links", "s1", "s\0"])
def test_who_has_no_password_costs_the_same(doors, monkeypatch, login):
    """One hash of the same cost is tried for everybody, after the first one too."""
    doors.code("s1")
    tried = []

    class Watched(PasswordHasher):
        def verify(self, kept, password):
            tried.append(extract_parameters(kept))
            return super().verify(kept, password)

    monkeypatch.setattr(passwords, "HASHER", Watched())
    for _ in range(2):
        assert doors.by_api(login=login, password="wrong horse").status_code == 403
    assert tried == [extract_parameters(passwords.hash_password(RIGHT))] * 2


def test_guests_have_a_pace_of_their_own(doors, monkeypatch):
    for _ in range(int(RATES["guest"].burst)):
        doors.app.state.rate_limits.consume("guest", "10.0.0.1")
    assert doors.by_api(practice=True).status_code == 429
    assert doors.by_page("/enter/practice").status_code == 429
    assert doors.by_api("10.0.0.2", practice=True).status_code == 200
    assert doors.by_api(code=doors.code()).status_code == 200
