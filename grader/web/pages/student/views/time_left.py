"""Countdown: how long an exam is open for a student, in words; ``web.js`` says the same as time goes by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from grader.web.db.column_types import now_or

WARNING_SECONDS = 300
"""Before the end; within it the page warns."""


@dataclass(frozen=True)
class TimeLeft:
    """The time left, in whole seconds."""

    seconds: int

    @property
    def is_ending(self) -> bool:
        """True if the end is near."""
        return self.seconds <= WARNING_SECONDS

    @property
    def text(self) -> str:
        """The time left in words; a minute that has begun counts as a whole one."""
        minutes = ceil(self.seconds / 60)
        if minutes <= 1:
            return "less than a minute"
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        units = [(days, "day"), (hours, "hour"), (minutes, "minute")]
        first = next(index for index, (count, _) in enumerate(units) if count)
        return " ".join(
            f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in units[first : first + 2] if count
        )


def time_left(closes_at: datetime | None, now: datetime | None = None) -> TimeLeft | None:
    """Return the time left, None where the exam has no closing time."""
    return None if closes_at is None else TimeLeft(max(0, ceil((closes_at - now_or(now)).total_seconds())))
