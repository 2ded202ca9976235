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
from grader.web.errors import RateLimited, SignInFailed
from grader.web.http import rate_limits, sign_in
from grader.web.http.auth import Visitor, client_network
from grader.web.http.rate_limits import RATES, Rate, RateLimiter
from grader.web.service import Service
from grader.web.settings import Settings

pytestmark = pytest.mark.db

RIGHT = "correct horse"
CSRF = re.compile(r'name="csrf" value="(\w+)"')


class Clock:
    """A clock that stands still unless it is set forward."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


class Callers:
    """A service with a professor and students, and ways to try_once at it from any address."""

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
def callers(tmp_path):
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
    yield Callers(service, clock)
    service.database.close()


@pytest.mark.parametrize("way", ["api", "page"])
def test_a_class_signs_in_with_right_codes_whoever_guesses_there(callers, way):
    def try_once(code):
        if way == "api":
            return callers.by_api(code=code).status_code
        status = callers.by_page("/enter", code=code).status_code
        return 200 if status == 303 else status

    right = [callers.code(f"s{number}") for number in range(3)]
    assert try_once(right[0]) == 200
    burst = int(RATES["code"].burst)
    for _ in range(burst - 1):
        with pytest.raises(SignInFailed):
            sign_in.by_code(visitor(callers), "WRNG-WRNG-WRNG")
    assert try_once("WRNG-WRNG-WRNG") == 403
    assert try_once("WRNG-WRNG-WRNG") == 429
    assert try_once(right[0]) == 429  # Used up: it is as wrong as any.
    assert [try_once(each) for each in right[1:]] == [200, 200]
    assert callers.by_api("10.0.0.2", code="WRNG-WRNG-WRNG").status_code == 403


def visitor(callers, address="10.0.0.1"):
    return Visitor(callers.service, "token", None, True, address, callers.app.state.rate_limits)


def test_guessing_codes_writes_nothing(callers, monkeypatch):
    right = callers.code()
    monkeypatch.setattr(callers.service.database, "writing", lambda: pytest.fail("this waits for its turn to write"))
    assert callers.by_api(code="WRNG-WRNG-WRNG").status_code == 403
    with pytest.raises(pytest.fail.Exception):
        callers.by_api(code=right)


def test_two_who_type_one_code_at_once(callers):
    """Between looking a code up and using it up somebody else may have used it."""
    right = callers.code()
    good = login_codes.is_valid

    def slow(connection, given, settings):
        found = good(connection, given, settings)
        barrier.wait(10)
        return found

    barrier, came = threading.Barrier(2), []
    login_codes.is_valid = slow
    try:
        both = [threading.Thread(target=lambda: came.append(callers.by_api(code=right).status_code)) for _ in range(2)]
        for each in both:
            each.start()
        for each in both:
            each.join()
    finally:
        login_codes.is_valid = good
    assert sorted(came) == [200, 403]


SAME = ["Prof", "Prof ", " Prof", "prof", "PROF", "\tProf\n", "pROF  "]


@pytest.mark.parametrize("way", ["api", "page"])
def test_every_spelling_of_a_login_shares_one_rate_limit(callers, monkeypatch, way):
    monkeypatch.setattr(passwords, "matches", lambda hashed, password: hashed is not None and password == RIGHT)

    def try_once(login, password, address="10.0.0.1"):
        if way == "api":
            return callers.by_api(address, login=login, password=password).status_code
        return callers.by_page("/enter/password", address, login=login, password=password).status_code

    fine = 200 if way == "api" else 303
    assert try_once("Prof", RIGHT) == fine
    burst = int(RATES["password"].burst)
    assert {try_once(SAME[number % len(SAME)], "wrong") for number in range(burst - 1)} == {403}
    for login in SAME:
        assert try_once(login, "wrong") == 429
    assert try_once("other", "wrong") == 403
    assert try_once("Prof", RIGHT) == 429
    assert try_once("Prof", RIGHT, "10.0.0.2") == fine
    callers.clock.seconds = 60
    assert try_once("Prof", RIGHT) == fine


def test_one_address_never_locks_anybody_out_everywhere_but_many_are_slowed_down(callers, monkeypatch):
    monkeypatch.setattr(passwords, "matches", lambda hashed, password: hashed is not None and password == RIGHT)
    for _ in range(120):  # Two hours of one who takes each chance.
        callers.clock.seconds += 60
        assert callers.by_api(login="Prof", password="wrong").status_code == 403
    assert callers.by_api("10.0.0.9", login="Prof", password=RIGHT).status_code == 200
    tried = [callers.by_api(f"10.1.0.{n}", login="Prof", password="wrong").status_code for n in range(120)]
    assert tried.count(403) <= RATES["login"].burst
    assert tried[-1] == 429


def test_many_logins_from_one_address_are_slowed_down(callers, monkeypatch):
    monkeypatch.setattr(passwords, "matches", lambda hashed, password: False)
    tried = [callers.by_api(login=f"guess{n}", password="wrong").status_code for n in range(110)]
    assert (tried.count(403), tried.count(429)) == (RATES["passwords"].burst, 10)
    assert callers.by_api("10.0.0.2", login="guess", password="wrong").status_code == 403


def test_a_network_of_ipv6_is_one_address(callers, monkeypatch):
    monkeypatch.setattr(passwords, "matches", lambda hashed, password: False)
    tried = [callers.by_api(f"2001:db8:1:2:{n:x}::1", login="Prof", password="wrong").status_code for n in range(1, 14)]
    assert (tried.count(403), tried.count(429)) == (RATES["password"].burst, 3)
    assert callers.by_api("2001:db8:1:3::1", login="Prof", password="wrong").status_code == 403  # A neighbour.


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::1", "::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_what_counts_as_one_address(host, network):
    assert client_network(host) == network


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
def test_whoever_has_no_password_costs_the_same(callers, monkeypatch, login):
    """One hash of the same cost is tried for everybody, after the first one too."""
    callers.code("s1")
    tried = []

    class Watched(PasswordHasher):
        def verify(self, kept, password):
            tried.append(extract_parameters(kept))
            return super().verify(kept, password)

    monkeypatch.setattr(passwords, "HASHER", Watched())
    for _ in range(2):
        assert callers.by_api(login=login, password="wrong horse").status_code == 403
    assert tried == [extract_parameters(passwords.hash_password(RIGHT))] * 2


def test_guests_have_a_rate_limit_of_their_own(callers, monkeypatch):
    for _ in range(int(RATES["guest"].burst)):
        callers.app.state.rate_limits.consume("guest", "10.0.0.1")
    assert callers.by_api(practice=True).status_code == 429
    assert callers.by_page("/enter/practice").status_code == 429
    assert callers.by_api("10.0.0.2", practice=True).status_code == 200
    assert callers.by_api(code=callers.code()).status_code == 200


def test_messages(callers, monkeypatch):
    monkeypatch.setattr(passwords, "matches", lambda hashed, password: False)
    code, password = callers.by_api(code="WRNG-WRNG-WRNG"), callers.by_api(login="Prof", password="wrong")
    assert code.json() == {
        "type": "urn:grader:sign-in-failed",
        "title": "Forbidden",
        "status": 403,
        "detail": "This code is not valid: it may have been used already, or have expired. Ask for a new one.",
    }
    assert password.json()["detail"] == "Incorrect username or password."
    assert "Incorrect username or password." in callers.by_page("/enter/password", login="Prof", password="wrong").text
    assert callers.client().get("/api/v1/me").json()["detail"] == "Please sign in first."


@pytest.mark.parametrize(
    ("per_second", "wait", "message"),
    [
        (1, 1, "Too many requests. Try again in 1 second."),
        (0.5, 2, "Too many requests. Try again in 2 seconds."),
        (50, 1, "Too many requests. Try again in 1 second."),
    ],
)
def test_a_rate_limit_says_how_long_to_wait(per_second, wait, message):
    clock = Clock()
    limiter = RateLimiter({"read": Rate(2, per_second)}, clock)
    for _ in range(2):
        limiter.consume("read", "ada")
    for _ in range(3):  # What is refused costs nothing.
        with pytest.raises(RateLimited) as error:
            limiter.consume("read", "ada")
        assert (error.value.retry_after, error.value.message) == (wait, message)
    limiter.consume("read", "bob")
    clock.seconds = 1 / per_second
    limiter.consume("read", "ada")
    with pytest.raises(RateLimited):
        limiter.consume("read", "ada")


def test_the_least_recently_used_bucket_is_dropped(monkeypatch):
    monkeypatch.setattr(rate_limits, "MAX_BUCKETS", 2)
    limiter = RateLimiter({"read": Rate(1, 1)}, Clock())
    limiter.consume("read", "ada")
    limiter.consume("read", "bob")
    with pytest.raises(RateLimited):
        limiter.consume("read", "ada")  # Now bob's is the older one.
    limiter.consume("read", "eve")
    limiter.consume("read", "bob")
    with pytest.raises(RateLimited):
        limiter.consume("read", "eve")


class TestKnownDevices:
    """Strangers who guess at an account from everywhere do not keep its owner out."""

    @pytest.fixture(autouse=True)
    def quick_passwords(self, monkeypatch):
        monkeypatch.setattr(passwords, "matches", lambda hashed, password: hashed is not None and password == RIGHT)

    def guess(self, callers, many=150):
        """Guess from so many networks; return how many guesses were looked at."""
        tried = [callers.by_api(f"10.{n // 250}.{n % 250}.7", login="Prof", password="wrong") for n in range(many)]
        return sum(each.status_code == 403 for each in tried)

    def signed_in(self, callers, way="api"):
        client = callers.client("10.200.0.1")
        if way == "api":
            assert client.post("/api/v1/session", json={"login": "Prof", "password": RIGHT}).status_code == 200
        else:
            csrf = CSRF.search(client.get("/enter").text)[1]
            fields = {"csrf": csrf, "login": "Prof", "password": RIGHT}
            assert client.post("/enter/password", data=fields, follow_redirects=False).status_code == 303
        return client.cookies["grader-device"]

    def again(self, callers, device, address="10.201.0.1", login="Prof", password=RIGHT):
        client = callers.client(address)
        client.cookies.set("grader-device", device)
        return client.post("/api/v1/session", json={"login": login, "password": password}).status_code

    @pytest.mark.parametrize("way", ["api", "page"])
    def test_the_owner_signs_in_at_once_on_a_device_of_before(self, callers, way):
        device = self.signed_in(callers, way)
        assert self.guess(callers) <= RATES["login"].burst
        assert self.again(callers, device) == 200

    def test_the_control_a_new_device_waits(self, callers):
        self.guess(callers)
        assert self.again(callers, "") == 429
        callers.clock.seconds += 1 / RATES["login"].per_second + 1  # Until the strangers' limit has one more.
        assert self.again(callers, "") == 200

    @pytest.mark.parametrize("forged", ["", "x", "WyJwcm9mIiwiYSJd.aaaaaa.bbbbbbbbbbbbbbbbbbb", "x" * 5_000])
    def test_a_forged_device_gains_nothing(self, callers, forged):
        self.guess(callers)
        assert self.again(callers, forged) == 429

    def test_a_device_of_another_account_gains_nothing(self, callers):
        with callers.service.database.writing() as connection:
            people.add(connection, "other", "Other", "grader", RIGHT)
        client = callers.client("10.202.0.1")
        assert client.post("/api/v1/session", json={"login": "other", "password": RIGHT}).status_code == 200
        self.guess(callers)
        assert self.again(callers, client.cookies["grader-device"]) == 429

    def test_a_stolen_device_guesses_no_faster_than_one_address(self, callers):
        device = self.signed_in(callers)
        tried = [self.again(callers, device, f"10.203.0.{n}", password="wrong") for n in range(50)]
        assert tried.count(403) == RATES["password"].burst

    def test_a_wrong_password_makes_no_known_device(self, callers):
        client = callers.client()
        assert client.post("/api/v1/session", json={"login": "Prof", "password": "wrong"}).status_code == 403
        assert "grader-device" not in client.cookies


def test_a_code_is_good_for_as_many_days_as_is_set(tmp_path):
    from datetime import timedelta

    from grader.web.db.column_types import now_or

    settings = Settings(
        secret=b"a secret of the tests", database=f"sqlite:///{tmp_path / 'x.sqlite3'}", limits={"code_days": 2}
    )
    service = Service.of(settings)
    service.database.upgrade()
    with service.database.writing() as connection:
        student = people.get_or_create_student(connection, "s1")
        code = login_codes.issue_code(connection, student, settings)
        now = now_or(None)
        assert login_codes.is_valid(connection, code, settings, now + timedelta(days=1.9))
        assert not login_codes.is_valid(connection, code, settings, now + timedelta(days=2.1))
        assert login_codes.redeem(connection, code, settings, now + timedelta(days=2.1)) is None
    service.close()
