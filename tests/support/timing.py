"""Absolute times: asserted by ``make bench`` on a quiet machine, and nowhere else. Mark such tests ``bench``; ``make test`` runs them too."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ASSERTED = os.environ.get("GRADER_ASSERT_TIMES") == "1"


@contextmanager
def at_most(seconds: float, clock: Callable[[], float] = time.process_time) -> Iterator[None]:
    """Assert that what is inside takes at most so many seconds, of this process's CPU time unless another clock is given."""
    start = clock()
    yield
    if ASSERTED:
        assert clock() - start <= seconds
