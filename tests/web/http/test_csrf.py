"""The rule against forged requests, row by row: what browsers say of where a request comes from, beside the token."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from grader.web import app
from grader.web.domain.accounts import people, sessions
from grader.web.errors import CsrfFailed
from grader.web.http import csrf
from grader.web.http.csrf import RequestSource
from grader.web.service import Service
from grader.web.settings import Settings

pytestmark = pytest.mark.db

SAME, ELSEWHERE, NOT_STATED = RequestSource.SAME_ORIGIN, RequestSource.ELSEWHERE, RequestSource.NOT_STATED
HOST = {"host": "exam.example:8000"}
SOURCES = {
    "nothing": ({}, NOT_STATED),
    "same origin": ({"sec-fetch-site": "same-origin"}, SAME),
    "typed by the user": ({"sec-fetch-site": "none"}, SAME),
    "another site": ({"sec-fetch-site": "cross-site"}, ELSEWHERE),
    "a neighbouring subdomain": ({"sec-fetch-site": "same-site"}, ELSEWHERE),
    "a value of the future": ({"sec-fetch-site": "nested"}, ELSEWHERE),
    "an empty value": ({"sec-fetch-site": ""}, ELSEWHERE),
    "capitals are no value": ({"sec-fetch-site": "Same-Origin"}, ELSEWHERE),
    "own origin": ({"origin": "http://exam.example:8000"}, SAME),
    "own origin by https": ({"origin": "https://exam.example:8000"}, SAME),
    "another port": ({"origin": "http://exam.example:8001"}, ELSEWHERE),
    "no port": ({"origin": "http://exam.example"}, ELSEWHERE),
    "another host": ({"origin": "https://evil.example"}, ELSEWHERE),
    "a longer host": ({"origin": "http://exam.example:8000.evil.example"}, ELSEWHERE),
    "own host as a user": ({"origin": "http://exam.example:8000@evil.example"}, ELSEWHERE),
    "a subdomain": ({"origin": "http://x.exam.example:8000"}, ELSEWHERE),
    "null": ({"origin": "null"}, ELSEWHERE),
    "empty": ({"origin": ""}, ELSEWHERE),
    "no url": ({"origin": "http://[::1"}, ELSEWHERE),
    "the fetch header decides, for": ({"sec-fetch-site": "same-origin", "origin": "http://inside.example"}, SAME),
    "the fetch header decides, against": ({"sec-fetch-site": "cross-site", "origin": "http://exam.example:8000"}, ELSEWHERE),
}  # fmt: skip


@pytest.mark.parametrize(("headers", "source"), SOURCES.values(), ids=SOURCES)
def test_where_a_request_comes_from(headers, source):
    assert csrf.source_of(Headers(HOST | headers), secure=False) is source


@pytest.mark.parametrize(
    ("headers", "source"),
    [
        ({"origin": "https://exam.example"}, SAME),
        ({"origin": "http://exam.example"}, ELSEWHERE),
        ({"sec-fetch-site": "same-origin", "origin": "http://exam.example"}, SAME),
        ({}, NOT_STATED),
    ],
)
def test_by_https_a_page_by_http_is_elsewhere(headers, source):
    assert csrf.source_of(Headers({"host": "exam.example"} | headers), secure=True) is source


def test_without_a_host_no_origin_is_ours():
    assert csrf.source_of(Headers({"origin": "null"}), secure=False) is ELSEWHERE
    assert csrf.source_of(Headers({"origin": ""}), secure=False) is ELSEWHERE


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('csrf') / 'grader.sqlite3'}"
    made = Service.of(Settings(secret=b"a secret of the tests", database=url, workers=0))
    made.database.upgrade()
    with made.database.writing() as connection:
        people.add(connection, "s1", "Ada")
    yield made
    made.database.close()


def client_of(service):
    """A program that has signed in, with its token."""
    with service.database.writing() as connection:
        token = sessions.begin(connection, people.by_login(connection, "s1"), service.settings)
    client = TestClient(app.make(service), cookies={"grader": token}, follow_redirects=False)
    return client, sessions.csrf_token(service.settings, token)


OURS = ({"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {"origin": "http://testserver"})
FOREIGN = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
)


@pytest.mark.parametrize("way", ["page", "api"])
def test_headers_and_tokens(service, way):
    """Each row with the right token, a wrong one and none: only where no header says anything does it matter."""

    def status(headers, token):
        client, right = client_of(service)
        headers |= {"right": {"x-csrf-token": right}, "wrong": {"x-csrf-token": "0" * 64}, "none": {}}[token]
        if way == "api":
            return client.delete("/api/v1/session", headers=headers).status_code
        return client.post("/leave", headers=headers).status_code

    done = 204 if way == "api" else 303
    assert [status({}, token) for token in ("right", "wrong", "none")] == [done, 403, 403]
    for headers in OURS:
        assert {status(dict(headers), token) for token in ("right", "wrong", "none")} == {done}, headers
    for headers in FOREIGN:
        assert {status(dict(headers), token) for token in ("right", "wrong", "none")} == {403}, headers


@pytest.mark.parametrize("headers", FOREIGN)
def test_no_other_site_begins_a_session(service, headers):
    client = TestClient(app.make(service))
    body = {"code": "AAAA-AAAA-AAAA"}
    refused = client.post("/api/v1/session", json=body, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:grader:csrf-failed")
    assert refused.json()["detail"] == "This request came from another site."
    assert client.post("/api/v1/session", json=body).json()["type"] == "urn:grader:sign-in-failed"  # The control.
    assert client.post("/api/v1/session", json=body, headers=OURS[0]).json()["type"] == "urn:grader:sign-in-failed"


def test_messages(service):
    client, _ = client_of(service)
    assert client.delete("/api/v1/session").json()["detail"] == (
        "Send the token that GET /me returns as csrf in the header x-csrf-token."
    )
    assert "This form has expired. Reload the page and try again." in client.post("/leave").text
    with pytest.raises(CsrfFailed) as error:
        csrf.check_source(Headers({"sec-fetch-site": "cross-site"}), secure=False)
    assert error.value.message == "This form has expired. Reload the page and try again."
