"""How long an exam is open for a student, in words; ``web.js`` says the same as time goes by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from grader.web.db.types import now_or

SOON = 300
"""Seconds before the end in which it is warned of."""


@dataclass(frozen=True)
class Left:
    """The time that is left, in whole seconds."""

    seconds: int

    @property
    def soon(self) -> bool:
        """Whether the end is near."""
        return self.seconds <= SOON

    @property
    def says(self) -> str:
        """The time that is left, in words: minutes that have begun count as whole ones."""
        minutes = ceil(self.seconds / 60)
        if minutes <= 1:
            return "less than a minute"
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        units = [(days, "day"), (hours, "hour"), (minutes, "minute")]
        first = next(place for place, (many, _) in enumerate(units) if many)
        return " ".join(f"{many} {unit}{'' if many == 1 else 's'}" for many, unit in units[first : first + 2] if many)


def left(closes: datetime | None, now: datetime | None = None) -> Left | None:
    """Return the time that is left, None where there is no end."""
    return None if closes is None else Left(max(0, ceil((closes - now_or(now)).total_seconds())))
