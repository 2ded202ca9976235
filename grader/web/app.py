"""The application: what is around every request, and which module answers it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from grader import __version__
from grader.web import api, entrance, errors, health, staff, statics, student
from grader.web.door import Unknown
from grader.web.headers import Bounds, Headers
from grader.web.metrics import Metrics
from grader.web.refusals import Refused
from grader.web.service import Service

log = logging.getLogger("grader.web")
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
PAGES = (entrance, student, staff, statics, health)


def make(service: Service) -> FastAPI:
    """Return the application of a service; its grading processes run as long as it does."""
    app = FastAPI(
        title="grader", version=__version__, redirect_slashes=False, lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url=api.OPENAPI,
        default_response_class=Response,
    )  # fmt: skip
    app.state.service = service
    app.state.metrics = Metrics()
    app.include_router(api.router)
    for module in PAGES:
        app.include_router(module.router, include_in_schema=False)
    app.add_exception_handler(Unknown, _to_the_entrance)
    app.add_exception_handler(Refused, errors.refused)
    app.add_exception_handler(RequestValidationError, errors.invalid)
    app.add_exception_handler(HTTPException, errors.http)
    app.middleware("http")(_counted)
    app.add_middleware(Bounds)
    app.add_middleware(Headers, secure=service.secure)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    await run_in_threadpool(service.crew.start)
    threading.Thread(target=service.warm, name="warm", daemon=True).start()
    yield
    await run_in_threadpool(service.crew.stop)
    service.database.close()


async def _counted(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Count and log a request by its route: never by its address, which may hold what nobody else should read."""
    start = time.perf_counter()
    try:
        response = await answer(request)
    except (
        Exception
    ) as error:  # Our own failure: it is answered here, inside the layer that adds the headers.
        response = await run_in_threadpool(errors.failed, request, error)
    seconds = time.perf_counter() - start
    route = getattr(request.scope.get("route"), "path", "none")
    method = request.method if request.method in METHODS else "other"
    request.app.state.metrics.seen(method, route, response.status_code, seconds)
    told = {"method": method, "route": route, "status": response.status_code, "ms": round(1000 * seconds, 1)}
    log.info("request", extra=told)
    return response


def _to_the_entrance(request: Request, error: Any) -> Response:
    """Lead whoever is not known to the way in; a program, or a piece of a page, is told so instead."""
    if errors.is_api(request) or request.headers.get("hx-request"):
        return errors.refused(request, error)
    return RedirectResponse("/enter", 303)
