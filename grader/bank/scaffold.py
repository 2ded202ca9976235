"""New problems that pass the check, to be filled with a question of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def write(bank: Path, id_: str, kinds: Sequence[str]) -> Path:
    """Make the folder of a problem with a part of each kind; ValueError says what does not go."""
    raise ValueError("not yet")
