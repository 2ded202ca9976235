"""Immutable, validated models (pydantic): the base of what authors write and pages read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict


class FrozenModel(BaseModel):
    """A value that is validated when it is made and never changes; a field that is not declared is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def numbers_as_text(value: Any) -> Any:
    """Return numbers as the texts that they are as answers: YAML makes a number of ``0.5``."""
    if isinstance(value, list | tuple):
        return tuple(numbers_as_text(item) for item in value)
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value
