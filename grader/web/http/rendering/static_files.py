"""Static files, under addresses that change with their content."""

from __future__ import annotations

import mimetypes

from fastapi import APIRouter
from starlette.responses import Response

from grader.web.errors import NotFound
from grader.web.http.rendering.templates import files, static

router = APIRouter()
FOREVER = "public, max-age=31536000, immutable"


@router.get("/static/{version}/{name}")
def file(version: str, name: str) -> Response:
    """Return one file; an address of an older version is none any more."""
    if name not in files() or static(name) != f"/static/{version}/{name}":
        raise NotFound
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(files()[name], media_type=kind, headers={"cache-control": FOREVER})
