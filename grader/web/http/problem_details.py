"""Problem details (RFC 9457): errors for programs."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"


def problem_details(status: int, code: str, message: str, **extensions: Any) -> str:
    """Return problem details as JSON; ``code`` never changes, and is the end of the problem's type."""
    title = HTTPStatus(status).phrase
    members = {"type": f"urn:grader:{code}", "title": title, "status": status, "detail": message}
    return json.dumps(members | extensions)
