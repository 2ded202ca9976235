"""Rate limits, against brute force: a token bucket for each person or address and purpose, kept in memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil

from grader.web.errors import RateLimited

MAX_BUCKETS = 50_000
"""Beyond it the least recently used bucket is dropped, which gives its owner a full one."""


@dataclass(frozen=True)
class Rate:
    """A token bucket: ``burst`` tokens at first, and ``per_second`` new ones."""

    burst: float
    per_second: float


RATES: Mapping[str, Rate] = {
    "code": Rate(300, 5), "guest": Rate(300, 5), "passwords": Rate(100, 1), "password": Rate(10, 1 / 60), "login": Rate(100, 1 / 30),
    "look": Rate(120, 20), "preview": Rate(60, 15), "submit": Rate(60, 10), "staff": Rate(60, 10),
}  # fmt: skip
"""By purpose. ``code`` counts the wrong codes of an address, which a whole class may share. ``passwords`` are all attempts from an
address, ``password`` those for one login from it, or from a device that has signed in before, ``login`` those for one login from all
other devices, wherever they are. How many answers one student may submit is limited in the database besides."""


@dataclass
class RateLimiter:
    """The buckets of one process; thread-safe."""

    rates: Mapping[str, Rate] = field(default_factory=lambda: RATES)
    now: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[tuple[str, str], tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def consume(self, purpose: str, key: str) -> None:
        """Take one token from a bucket.

        Raises: RateLimited, with the whole seconds until there is one again.
        """
        rate, now = self.rates[purpose], self.now()
        with self._lock:
            tokens, last = self._buckets.pop((purpose, key), (rate.burst, now))
            tokens = min(rate.burst, tokens + (now - last) * rate.per_second)
            is_allowed = tokens >= 1
            self._buckets[purpose, key] = (tokens - 1 if is_allowed else tokens, now)
            if len(self._buckets) > MAX_BUCKETS:
                self._buckets.popitem(last=False)
        if not is_allowed:
            wait = max(1, ceil((1 - tokens) / rate.per_second))
            raise RateLimited(f"Too many requests. Try again in {wait} second{'s' if wait > 1 else ''}.", wait)
