"""The application: its middleware, routers and exception handlers (composition of HTTP)."""

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

from grader.core.version import VERSION
from grader.web.api import router
from grader.web.errors import NotAuthenticated, ServiceError
from grader.web.http import error_handlers, monitoring
from grader.web.http.auth import may_upload
from grader.web.http.middleware.access_log import AccessLog
from grader.web.http.middleware.request_limits import RequestLimits
from grader.web.http.middleware.security_headers import SecurityHeaders
from grader.web.http.monitoring import Metrics
from grader.web.http.rate_limits import RateLimiter
from grader.web.http.rendering import static_files
from grader.web.pages import sign_in
from grader.web.pages.staff.routes import home
from grader.web.pages.staff.upload_reports import UploadReports
from grader.web.pages.student import routes
from grader.web.service import Service

PAGE_MODULES = (sign_in, routes, home, static_files, monitoring)


def make(service: Service, rate_limits: RateLimiter | None = None) -> FastAPI:
    """Return the application of a service; its workers run as long as it does."""
    app = FastAPI(
        title="grader",
        version=VERSION,
        redirect_slashes=False,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=router.OPENAPI_PATH,
        default_response_class=Response,
    )
    app.state.service = service
    app.state.metrics = Metrics(service)
    app.state.rate_limits = rate_limits or RateLimiter()
    app.state.upload_reports = UploadReports()
    app.include_router(router.router)
    for module in PAGE_MODULES:
        app.include_router(module.router, include_in_schema=False)
    app.add_exception_handler(NotAuthenticated, _redirect_to_sign_in)
    app.add_exception_handler(ServiceError, error_handlers.service_error)
    app.add_exception_handler(RequestValidationError, error_handlers.validation_error)
    app.add_exception_handler(HTTPException, error_handlers.http_error)
    # From the inside out: the headers are on refusals of the limits too, and what the limits refuse is not logged.
    app.add_middleware(AccessLog)
    app.add_middleware(RequestLimits, may_upload=may_upload)
    app.add_middleware(SecurityHeaders, secure=service.secure)
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


def _redirect_to_sign_in(request: Request, error: Any) -> Response:
    """Redirect to the sign-in page; a program, or htmx for a part of a page, gets the error instead."""
    if error_handlers.is_api(request) or request.headers.get("hx-request"):
        return error_handlers.service_error(request, error)
    return RedirectResponse("/enter", 303)
