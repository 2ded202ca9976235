"""Receipts: everything that a student submitted to one problem, and a short digest that identifies exactly that."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime

from grader.web.domain.attempts.attempts import Attempt, written_to_json
from grader.web.settings import Settings

MAX_MOMENTS_TRIED = 200
"""The latest times of submission up to which a receipt is recomputed."""


def digest(settings: Settings, person: str, attempts: Sequence[Attempt]) -> str:
    """Return 16 letters that identify attempts, such as ``3F2A-…``: only the service's secret can make them."""
    rows = [
        [
            attempt.id,
            attempt.exam,
            attempt.problem,
            attempt.blank,
            attempt.number,
            attempt.submitted_at.isoformat(),
            None if attempt.written is None else written_to_json(attempt.written),
        ]
        for attempt in attempts
    ]
    signature = hmac.new(settings.key("receipt"), json.dumps([person, rows]).encode(), hashlib.sha256)
    letters = signature.hexdigest()[:16].upper()
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def covered_until(settings: Settings, person: str, attempts: Sequence[Attempt], text: str) -> datetime | None:
    """Return the time up to which this digest covers the student's submissions; None if it is none of theirs."""
    letters = "".join(filter(str.isalnum, text)).upper()
    for moment in sorted({attempt.submitted_at for attempt in attempts}, reverse=True)[:MAX_MOMENTS_TRIED]:
        expected = digest(settings, person, [attempt for attempt in attempts if attempt.submitted_at <= moment])
        if hmac.compare_digest(expected.replace("-", "").encode(), letters.encode()):
            return moment
    return None
