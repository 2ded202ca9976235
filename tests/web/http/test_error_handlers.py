"""Errors word for word: problem details for programs, a page for people."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from grader.web import app
from grader.web.errors import Unavailable
from grader.web.http.middleware import request_limits
from grader.web.service import Service
from grader.web.settings import Settings

pytestmark = pytest.mark.db


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('errors') / 'grader.sqlite3'}"
    service = Service.of(Settings(secret=b"a secret of the tests", database=url, workers=0))
    service.database.upgrade()
    application = app.make(service)

    def fail():
        raise RuntimeError("the inside")

    def busy():
        raise Unavailable

    for prefix in ("", "/api/v1"):
        application.add_api_route(f"{prefix}/fail", fail)
        application.add_api_route(f"{prefix}/busy", busy)
    yield TestClient(application, raise_server_exceptions=False)
    service.database.close()


ERRORS = [
    ("GET", "/none", 404, "not-found", "There is nothing here."),
    ("PATCH", "/me", 405, "method-not-allowed", "This method is not allowed here."),
    ("POST", "/session", 422, "invalid", "The request is not valid."),
    ("GET", "/me", 401, "not-authenticated", "Please sign in first."),
    ("GET", "/busy", 503, "unavailable", "The server is busy. Try again in a few seconds."),
    ("GET", "/fail", 500, "internal-error", "Something went wrong on our side. The error has been logged. Try again."),
]


@pytest.mark.parametrize(("method", "path", "status", "code", "message"), ERRORS, ids=[each[3] for each in ERRORS])
def test_problem_details(client, method, path, status, code, message):
    response = client.request(method, f"/api/v1{path}")
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    details = response.json()
    assert (details["type"], details["status"], details["detail"]) == (f"urn:grader:{code}", status, message)
    assert set(details) - {"fields"} == {"type", "title", "status", "detail"}


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [(path, status, text) for _, path, status, _, text in ERRORS if status in (404, 500, 503)],
)
def test_pages(client, path, status, message):
    for headers in ({}, {"hx-request": "true"}):
        response = client.get(path, headers=headers)
        assert response.status_code == status and message in response.text
        assert "<html" in response.text or headers


def test_a_busy_server_says_when_to_try_again(client):
    assert client.get("/api/v1/busy").headers["retry-after"] == "5"


@pytest.mark.parametrize(
    ("length", "status", "code", "message"),
    [(10_001, 413, "too-large", "The request is too large."), (10_000, 422, "invalid", "The request is not valid.")],
)
def test_a_large_request(client, length, status, code, message):
    response = client.post("/api/v1/session", content=b"x" * length, headers={"content-type": "application/json"})
    assert (response.status_code, response.json()["type"]) == (status, f"urn:grader:{code}")
    assert response.json()["detail"] == message


def test_a_slow_request_is_told_so():
    assert request_limits.TOO_SLOW == "The request took too long. Try again."
