"""Forms with files: the visitor is authorized before anything is read, and every file is closed in the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

from grader.web.http import auth
from grader.web.http.auth import RequireInstructor

MAX_FILES = 5_000
MAX_FIELDS = 20
MAX_FIELD_BYTES = 100_000
"""Of a field that is no file."""


async def upload_fields(request: Request, visitor: RequireInstructor) -> AsyncIterator[FormData]:
    """Yield the fields of a form with files, after the CSRF check; raises CsrfFailed."""
    # Starlette parses a form only once: ``auth.form`` gets the same fields, under the limits that are set here.
    fields = await request.form(max_fields=MAX_FIELDS, max_files=MAX_FILES, max_part_size=MAX_FIELD_BYTES)
    try:
        yield await auth.form(request, visitor)
    finally:
        await fields.close()


UploadFields = Annotated[FormData, Depends(upload_fields)]
