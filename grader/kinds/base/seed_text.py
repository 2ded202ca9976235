"""The text that a seed is derived from, the same in every version: sample points and hidden inputs follow from each letter of it.

A class, field or sentence may be renamed freely: what enters a seed is named here, and in the tables of the kinds, by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from grader.formula.symbols import Domain, Range, Symbols


def symbols_in_seed(symbols: Symbols) -> list[tuple[str, str, str]]:
    """Return the name, shape and domain of each symbol as they enter a seed, in the order given."""
    return [(name, str(symbol.shape), _domain_in_seed(symbol.domain)) for name, symbol in symbols.items()]


def _domain_in_seed(domain: Domain) -> str:
    return f"range={domain.range}" if isinstance(domain, Range) else str(domain)


def fields_in_seed(value: BaseModel, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a value as they enter a seed; ``names`` maps the word in the seed to the field, in their order."""
    dumped = value.model_dump()
    return {word: dumped[field] for word, field in names.items()}
