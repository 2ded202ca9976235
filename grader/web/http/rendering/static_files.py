"""Static files, under addresses that change with their content, so that browsers may cache them for ever."""

from __future__ import annotations

import mimetypes

from fastapi import APIRouter
from starlette.responses import Response

from grader.web.errors import NotFound
from grader.web.http.rendering import templates

router = APIRouter()
CACHE_FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/static/{version}/{name}")
def static_file(version: str, name: str) -> Response:
    """Return one file; raises NotFound for the address of an older version."""
    files = templates.static_files()
    if name not in files or templates.static_url(name) != f"/static/{version}/{name}":
        raise NotFound
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(files[name], media_type=media_type, headers={"cache-control": CACHE_FOR_EVER})
