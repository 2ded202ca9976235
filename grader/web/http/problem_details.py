"""What went wrong, for programs: problem details (RFC 9457)."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

TYPE = "application/problem+json"


def details(status: int, code: str, says: str, **more: Any) -> str:
    """Write problem details; ``code`` is a word that does not change, and the end of the problem's type."""
    title = HTTPStatus(status).phrase
    return json.dumps({"type": f"urn:grader:{code}", "title": title, "status": status, "detail": says, **more})
