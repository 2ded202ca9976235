"""Figures for Prometheus: requests by route, and the answers that wait."""

from __future__ import annotations

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from grader.web.domain.grading import job_queue
from grader.web.service import Service

BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


@dataclass
class Metrics:
    """The figures of one process, in a registry of their own; no label holds a name or an id."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        labels = ("method", "route", "status")
        self.requests = Counter("grader_requests", "Requests.", labels, registry=self.registry)
        self.seconds = Histogram(
            "grader_request_seconds",
            "Seconds of a request.",
            labels[:2],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.waiting = Gauge("grader_answers_waiting", "Answers that wait to be graded.", registry=self.registry)
        self.oldest = Gauge(
            "grader_oldest_answer_seconds", "How long the oldest of them waits.", registry=self.registry
        )
        self.graders = Gauge("grader_processes", "Processes that grade.", registry=self.registry)
        self.restarts = Gauge(
            "grader_process_restarts", "Processes that had to be started anew.", registry=self.registry
        )

    def seen(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)

    def text(self, service: Service) -> bytes:
        """Return all figures in Prometheus' text format."""
        with service.database.reading() as connection:
            backlog = job_queue.backlog(connection)
        self.waiting.set(backlog.waiting)
        self.oldest.set(backlog.oldest or 0)
        self.graders.set(service.worker_pool.alive())
        self.restarts.set(service.worker_pool.restarts)
        return generate_latest(self.registry)
