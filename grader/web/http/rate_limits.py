"""How fast anybody may ask: a bucket of tokens for each person or address and purpose, kept in memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil

from grader.web.errors import RateLimited

MOST = 50_000
"""Buckets that are remembered; the one that was used least lately is forgotten, which lets its owner start anew."""


@dataclass(frozen=True)
class Rate:
    """So many at once, and so many a second in the long run."""

    burst: float
    per_second: float


RATES: Mapping[str, Rate] = {
    "code": Rate(300, 5), "guest": Rate(300, 5), "passwords": Rate(100, 1), "password": Rate(10, 1 / 60), "login": Rate(100, 1 / 30),
    "look": Rate(120, 20), "preview": Rate(60, 15), "submit": Rate(60, 10), "staff": Rate(60, 10),
}  # fmt: skip
"""By purpose. ``code`` counts the wrong codes of an address, in which a whole class may sit. ``passwords`` are all those tried from an
address, ``password`` those of one login from it, ``login`` those of one login from everywhere: no single address uses up the last, which
would lock somebody out. How many answers one student may hand in is limited besides, in the database."""


@dataclass
class RateLimiter:
    """The buckets of one process; ``take`` is safe to be called by several threads."""

    rates: Mapping[str, Rate] = field(default_factory=lambda: RATES)
    now: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[tuple[str, str], tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def consume(self, purpose: str, who: str) -> None:
        """Take one token; raises TooMany with the seconds after which there is one again."""
        rate, moment = self.rates[purpose], self.now()
        with self._lock:
            tokens, before = self._buckets.pop((purpose, who), (rate.burst, moment))
            tokens = min(rate.burst, tokens + (moment - before) * rate.per_second)
            self._buckets[purpose, who] = (max(tokens - 1, 0.0) if tokens >= 1 else tokens, moment)
            if len(self._buckets) > MOST:
                self._buckets.popitem(last=False)
        if tokens < 1:
            wait = max(1, ceil((1 - tokens) / rate.per_second))
            raise RateLimited(f"That is too fast. Please wait {wait} second{'s' if wait > 1 else ''}.", wait)
