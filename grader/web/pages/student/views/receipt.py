"""A student's receipt: everything that was handed in at one problem, and a short digest that names exactly that."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime

from grader.web.domain.attempts.attempts import Attempt, written_to_json
from grader.web.settings import Settings

MOMENTS = 200
"""The latest moments at which a receipt is looked for."""


def digest(settings: Settings, person: str, attempts: Sequence[Attempt]) -> str:
    """Return 16 letters for what was handed in, such as ``3F2A-…``: only who has the service's secret can make them."""
    rows = [
        [
            each.id,
            each.exam,
            each.problem,
            each.blank,
            each.number,
            each.submitted_at.isoformat(),
            None if each.written is None else written_to_json(each.written),
        ]
        for each in attempts
    ]
    signed = hmac.new(settings.key("receipt"), json.dumps([person, rows]).encode(), hashlib.sha256)
    letters = signed.hexdigest()[:16].upper()
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def until(settings: Settings, person: str, attempts: Sequence[Attempt], said: str) -> datetime | None:
    """Return up to when a digest names everything that a student handed in at one problem; None if it is none of theirs."""
    letters = "".join(filter(str.isalnum, said)).upper()
    for moment in sorted({each.submitted_at for each in attempts}, reverse=True)[:MOMENTS]:
        known = digest(settings, person, [each for each in attempts if each.submitted_at <= moment])
        if hmac.compare_digest(known.replace("-", "").encode(), letters.encode()):
            return moment
    return None
