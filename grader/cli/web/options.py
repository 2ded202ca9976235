"""Moments as people type them, in the time of this machine unless they say which."""

from __future__ import annotations

import re
from datetime import datetime

import click

FORM = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?) ?(Z|[+-]\d\d:?\d\d)?)?")
EXAMPLE = "2027-01-15 12:00"
EARLY = "Warning: {} is in the past: no answers are taken."


def moment(typed: str) -> datetime:
    """Return a moment with its zone: a day is its first minute; raises BadParameter."""
    found = FORM.fullmatch(typed.strip())
    if found is None:
        raise click.BadParameter(f"{typed!r} is no time such as {EXAMPLE!r}.")
    day, time, zone = found.groups()
    try:
        return datetime.fromisoformat(f"{day}T{time or '00:00'}{zone or ''}").astimezone()
    except (ValueError, OverflowError, OSError):
        raise click.BadParameter(f"There is no time {typed!r}.") from None


def told(moment: datetime) -> str:
    """Return a moment in the time of this machine, with its zone, as the pages show it."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M %Z")
