"""Values that are checked when they are made: the base of what authors write and pages read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict


class FrozenModel(BaseModel):
    """A value that is checked when it is made and never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def as_typed(value: Any) -> Any:
    """Return numbers as they would be typed: an answer is a text, and YAML makes a number of ``0.5``."""
    if isinstance(value, list | tuple):
        return tuple(as_typed(each) for each in value)
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value
