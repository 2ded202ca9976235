"""For whoever runs the service: is it alive, is it ready, and its figures."""

from __future__ import annotations

from fastapi import APIRouter, Request
from sqlalchemy.exc import DBAPIError
from starlette.responses import PlainTextResponse, Response

from grader.web.errors import NotFound
from grader.web.http.auth import service_of

router = APIRouter()
HERE = frozenset(("127.0.0.1", "::1"))


@router.get("/health")
async def alive() -> Response:
    """Say that the process answers."""
    return PlainTextResponse("alive\n")


@router.get("/ready")
def ready(request: Request) -> Response:
    """Say whether answers can be taken and graded."""
    service = service_of(request)
    try:
        current = service.database.is_current()
    except DBAPIError:
        return PlainTextResponse("the database does not answer\n", 503)
    if not current:
        return PlainTextResponse("the database needs: grader db upgrade\n", 503)
    if not service.worker_pool.alive():
        return PlainTextResponse("nothing grades\n", 503)
    return PlainTextResponse("ready\n")


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Return the figures, to this machine alone and not through a proxy; for others there is nothing here."""
    near = request.client is not None and request.client.host in HERE
    if not near or "x-forwarded-for" in request.headers:
        raise NotFound
    return PlainTextResponse(request.app.state.metrics.text(service_of(request)))
