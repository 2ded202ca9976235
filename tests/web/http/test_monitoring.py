"""Health, readiness and metrics, word for word."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from grader.web import app
from grader.web.service import Service
from grader.web.settings import Settings

pytestmark = pytest.mark.db

NAMES = {
    "grader_http_request_duration_seconds": "histogram",
    "grader_http_requests_total": "counter",
    "grader_queue_answers": "gauge",
    "grader_queue_oldest_seconds": "gauge",
    "grader_queue_programs": "gauge",
    "grader_worker_restarts_total": "counter",
    "grader_workers": "gauge",
}


@pytest.fixture
def service(tmp_path):
    made = Service.of(
        Settings(secret=b"a secret of the tests", database=f"sqlite:///{tmp_path / 'grader.sqlite3'}", workers=0)
    )
    made.database.upgrade()
    yield made
    made.database.close()


def client_of(service, address="127.0.0.1"):
    return TestClient(app.make(service), client=(address, 1))


def test_the_names_of_all_metrics(service):
    client = client_of(service)
    assert client.get("/health").text == "alive\n"
    text = client.get("/metrics").text
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.M))
    assert {name: kind for name, kind in kinds.items() if not name.endswith("_created")} == NAMES
    assert 'grader_http_requests_total{method="GET",route="/health",status="200"} 1.0' in text
    for name in (
        "grader_queue_answers",
        "grader_queue_oldest_seconds",
        "grader_workers",
        "grader_worker_restarts_total",
    ):
        assert f"\n{name} 0.0\n" in text


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.0.0.1", {}, 404),
        ("127.0.0.1", {"x-forwarded-for": "10.0.0.1"}, 404),
    ],
)
def test_metrics_are_for_this_machine(service, address, headers, status):
    assert client_of(service, address).get("/metrics", headers=headers).status_code == status


def test_ready(service, monkeypatch):
    client = client_of(service)
    assert (client.get("/ready").status_code, client.get("/ready").text) == (503, "no grading process is alive\n")
    monkeypatch.setattr(service.worker_pool, "alive", lambda: 1)
    assert (client.get("/ready").status_code, client.get("/ready").text) == (200, "ready\n")
    monkeypatch.setattr(service.database, "is_current", lambda: False)
    assert client.get("/ready").text == "the database needs an upgrade: grader db upgrade\n"
