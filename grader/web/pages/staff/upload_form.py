"""Forms that bring files: who asks is known before anything is read, and every file is closed in the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

from grader.web.http import auth
from grader.web.http.auth import RequireInstructor

MOST_FILES = 5_000
MOST_FIELDS = 20
LONGEST_FIELD = 100_000
"""Bytes of a field that is no file."""


async def files(request: Request, visitor: RequireInstructor) -> AsyncIterator[FormData]:
    """Yield the fields of a form with files that came from a page of ours; raises Forged."""
    fields = await request.form(
        max_fields=MOST_FIELDS, max_files=MOST_FILES, max_part_size=LONGEST_FIELD
    )  # A form is read but once: ``door.form`` is given the same.
    try:
        yield await auth.form(request, visitor)
    finally:
        await fields.close()


Files = Annotated[FormData, Depends(files)]
