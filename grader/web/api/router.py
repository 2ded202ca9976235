"""The router of the JSON API under ``/api/v1``, described by OpenAPI."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse

from grader.web.api import session, staff, student
from grader.web.api.dependencies import COOKIE

OPENAPI_PATH = "/api/v1/openapi.json"
router = APIRouter(
    prefix="/api/v1",
    default_response_class=JSONResponse,
    dependencies=[Depends(COOKIE)],
    generate_unique_id_function=lambda route: route.name,
)
for module in (session, student, staff):
    router.include_router(module.router)
