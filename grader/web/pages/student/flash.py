"""Flash message: what became of answers that were submitted together, signed into the address that the browser is sent to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from itsdangerous import BadData, URLSafeTimedSerializer

from grader.web.pages.student.views.problem_context import ProblemContext
from grader.web.settings import Settings

NOTHING_NEW = "You have already submitted all of these answers."
MAX_AGE_SECONDS = 3_600


@dataclass(frozen=True)
class SubmitSummary:
    """How many answers were submitted, and by blank why others were refused."""

    submitted: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """How many answers were submitted, as a sentence."""
        if self.submitted:
            return f"{self.submitted} answer{' was' if self.submitted == 1 else 's were'} submitted."
        return "No answer was submitted." if self.refused else NOTHING_NEW


def sign(settings: Settings, context: ProblemContext, summary: SubmitSummary) -> str:
    """Return a summary as part of an address, valid for this person at this problem alone."""
    text: str = _serializer(settings, context).dumps([summary.submitted, dict(summary.refused)])
    return text


def verify(settings: Settings, context: ProblemContext, text: str) -> SubmitSummary | None:
    """Return the summary in an address, None if it is forged, expired or somebody else's."""
    try:
        submitted, refused = _serializer(settings, context).loads(text, max_age=MAX_AGE_SECONDS)
    except BadData:
        return None
    return SubmitSummary(submitted, refused)


def _serializer(settings: Settings, context: ProblemContext) -> URLSafeTimedSerializer:
    owner = json.dumps([context.person.id, context.exam.id, context.exam_problem.problem])
    signer = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeTimedSerializer(settings.key("done"), salt=owner, signer_kwargs=signer)
