"""Static files, under paths that change with their content (cache busting)."""

from __future__ import annotations

import mimetypes

from fastapi import APIRouter
from starlette.responses import Response

from grader.web.errors import NotFound
from grader.web.http.rendering.templates import files, static

router = APIRouter()
IMMUTABLE = "public, max-age=31536000, immutable"


@router.get("/static/{version}/{name}")
def static_file(version: str, name: str) -> Response:
    """Return one file; a path with another version than the present one does not exist."""
    if name not in files() or static(name) != f"/static/{version}/{name}":
        raise NotFound
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(files()[name], media_type=media_type, headers={"cache-control": IMMUTABLE})
