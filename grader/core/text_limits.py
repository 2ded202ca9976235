"""The length limit of a text: the first thing that happens to what somebody wrote, before a pattern or a parser looks at it."""

from __future__ import annotations

from grader.core.errors import Unreadable

MAX_TEXT_CHARACTERS = 50_000
"""The longest answer that any kind reads, a program; kinds with shorter answers have limits of their own."""


def check_length(text: str, most: int = MAX_TEXT_CHARACTERS, hint: str = "") -> str:
    """Return the text; raises Unreadable if it has more than ``most`` characters, with a hint for the student."""
    if len(text) > most:
        message = f"This answer has {len(text):,} characters; at most {most:,} are read."
        raise Unreadable(f"{message} {hint}" if hint else message)
    return text
