"""Monitoring: health check and readiness check, and metrics for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import DBAPIError
from starlette.responses import PlainTextResponse, Response

from grader.web.domain.grading import job_queue
from grader.web.errors import NotFound
from grader.web.http.auth import service_of
from grader.web.service import Service

router = APIRouter()
LOOPBACK = frozenset(("127.0.0.1", "::1"))
DURATION_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
"""Seconds."""


class Metrics:
    """The metrics of one process, in a registry of their own; no label holds a name or an id."""

    def __init__(self, service: Service) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_ServiceCollector(service))
        self._requests = Counter(
            "grader_http_requests", "HTTP requests.", ("method", "route", "status"), registry=self.registry
        )
        self._durations = Histogram(
            "grader_http_request_duration_seconds",
            "Time from a request's headers to the end of its response.",
            ("method", "route"),
            buckets=DURATION_BUCKETS,
            registry=self.registry,
        )

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(method, route, str(status)).inc()
        self._durations.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)


class _ServiceCollector(Collector):
    """What is read from the service only when Prometheus asks."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the job queue and the worker pool."""
        with self._service.database.reading() as connection:
            backlog = job_queue.backlog(connection)
        pool = self._service.worker_pool
        yield GaugeMetricFamily("grader_queue_answers", "Answers waiting to be graded.", backlog.waiting)
        yield GaugeMetricFamily(
            "grader_queue_programs", "Of these, answers that may be programs.", backlog.waiting_programs
        )
        yield GaugeMetricFamily(
            "grader_queue_oldest_seconds", "Age of the oldest answer waiting to be graded.", backlog.oldest or 0
        )
        yield GaugeMetricFamily("grader_workers", "Grading processes alive.", pool.alive())
        yield CounterMetricFamily(
            "grader_worker_restarts", "Grading processes that ended and were replaced.", pool.restarts
        )


@router.get("/health")
async def health() -> Response:
    """Respond if the process is alive."""
    return PlainTextResponse("alive\n")


@router.get("/ready")
def ready(request: Request) -> Response:
    """Respond whether answers can be accepted and graded."""
    service = service_of(request)
    try:
        current = service.database.is_current()
    except DBAPIError:
        return PlainTextResponse("the database does not respond\n", 503)
    if not current:
        return PlainTextResponse("the database needs an upgrade: grader db upgrade\n", 503)
    if not service.worker_pool.alive():
        return PlainTextResponse("no grading process is alive\n", 503)
    return PlainTextResponse("ready\n")


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Return the metrics, to this machine alone and not through a proxy; for others there is nothing here."""
    near = request.client is not None and request.client.host in LOOPBACK
    if not near or "x-forwarded-for" in request.headers:
        raise NotFound
    return PlainTextResponse(request.app.state.metrics.text())
