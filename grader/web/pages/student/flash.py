"""What became of answers that were handed in together, told on the page that the browser is led to: sealed in its address."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.web.pages.student.views.problem_context import Place
from grader.web.settings import Settings

NOTHING_NEW = "There is nothing here that was not handed in already."


@dataclass(frozen=True)
class Done:
    """How many answers were taken, and by blanks why others were not."""

    taken: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def says(self) -> str | None:
        """What was taken, in words."""
        if self.taken:
            return f"{self.taken} answer{' was' if self.taken == 1 else 's were'} handed in."
        return "No answer was handed in." if self.refused else NOTHING_NEW


def sealed(settings: Settings, place: Place, done: Done) -> str:
    """Return what is told as a part of an address; nobody else can make one."""
    text = json.dumps([done.taken, dict(done.refused)]).encode()
    return f"{urlsafe_b64encode(text).decode().rstrip('=')}.{_seal(settings, place, text)}"


def unsealed(settings: Settings, place: Place, sent: str) -> Done | None:
    """Return what is told to this person at this problem, None if it is not from here."""
    text, _, seal = sent.partition(".")
    try:
        told = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    if not hmac.compare_digest(_seal(settings, place, told).encode(), seal.encode("utf-8", "replace")):
        return None
    taken, refused = json.loads(told)
    return Done(taken, refused)


def _seal(settings: Settings, place: Place, text: bytes) -> str:
    whose = json.dumps([place.person.id, place.exam.id, place.sheet.problem]).encode()
    return hmac.new(settings.key("done"), whose + b"\n" + text, hashlib.sha256).hexdigest()[:32]
