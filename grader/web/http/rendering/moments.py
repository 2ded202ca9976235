"""Dates and times for people: their one format on all pages, in the time zone of the server."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup


def moment_html(moment: datetime | None, otherwise: str = "–") -> Markup:
    """Return a moment such as “30 Nov 2026, 18:00 UTC” as HTML, for programs too; ``otherwise`` where there is none."""
    if moment is None:
        return Markup("{}").format(otherwise)
    local = moment.astimezone()
    text = f"{local.day} {local:%b %Y, %H:%M %Z}"
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="seconds"), text)
