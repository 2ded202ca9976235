"""The application: what is around every request, and which module answers it."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from grader import __version__
from grader.web.api import router
from grader.web.errors import ServiceError
from grader.web.http import error_handlers, monitoring
from grader.web.http.auth import NotAuthenticated, may_upload
from grader.web.http.metrics import Metrics
from grader.web.http.middleware.access_log import Traffic
from grader.web.http.middleware.limits_and_headers import Bounds, Headers
from grader.web.http.rate_limits import RateLimiter
from grader.web.http.rendering import static_files
from grader.web.pages import sign_in
from grader.web.pages.staff.routes import home
from grader.web.pages.staff.upload_reports import UploadReports
from grader.web.pages.student import routes
from grader.web.service import Service

PAGES = (sign_in, routes, home, static_files, monitoring)


def make(service: Service, rate_limits: RateLimiter | None = None) -> FastAPI:
    """Return the application of a service; its grading processes run as long as it does."""
    app = FastAPI(
        title="grader",
        version=__version__,
        redirect_slashes=False,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=router.OPENAPI,
        default_response_class=Response,
    )
    app.state.service = service
    app.state.metrics = Metrics()
    app.state.rate_limits = rate_limits or RateLimiter()
    app.state.upload_reports = UploadReports()
    app.include_router(router.router)
    for module in PAGES:
        app.include_router(module.router, include_in_schema=False)
    app.add_exception_handler(NotAuthenticated, _to_the_entrance)
    app.add_exception_handler(ServiceError, error_handlers.refused)
    app.add_exception_handler(RequestValidationError, error_handlers.invalid)
    app.add_exception_handler(HTTPException, error_handlers.http)
    app.add_middleware(Traffic)
    app.add_middleware(Bounds, may_upload=may_upload)
    app.add_middleware(Headers, secure=service.secure)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    await run_in_threadpool(service.worker_pool.start)
    warm = threading.Thread(target=service.warm, name="warm", daemon=True)
    warm.start()
    yield
    await run_in_threadpool(service.worker_pool.stop)
    await run_in_threadpool(warm.join)
    service.close()


def _to_the_entrance(request: Request, error: Any) -> Response:
    """Lead whoever is not known to the way in; a program, or a piece of a page, is told so instead."""
    if error_handlers.is_api(request) or request.headers.get("hx-request"):
        return error_handlers.refused(request, error)
    return RedirectResponse("/enter", 303)
