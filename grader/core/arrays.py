"""What a NumPy function returns, one array or a tuple of them, and how it goes through JSON."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Value = Array | tuple[Array, ...]
NUMBERS = "biufc"
"""Kinds of dtype that are numbers."""


def as_tuple(value: Value) -> tuple[Array, ...]:
    """Return the arrays of a value."""
    return value if isinstance(value, tuple) else (value,)


def value_of(given: Any) -> Value:
    """Return what a function of ours returned; raises TypeError where that is no numbers."""
    if isinstance(given, tuple):
        return tuple(_numbers(each) for each in given)
    return _numbers(given)


def _numbers(given: Any) -> Array:
    array = np.asarray(given)
    if array.dtype.kind not in NUMBERS:
        raise TypeError(f"returns {type(given).__name__}, which is no array of numbers")
    return array


def to_json(value: Value) -> dict[str, Any]:
    """Return a value as JSON can hold it."""
    arrays = [
        {
            "dtype": each.dtype.str,
            "shape": each.shape,
            "data": base64.b64encode(np.ascontiguousarray(each).tobytes()).decode(),
        }
        for each in as_tuple(value)
    ]
    return {"as_tuple": isinstance(value, tuple), "arrays": arrays}


def from_json(data: Mapping[str, Any]) -> Value:
    """Return the value that ``to_json`` wrote."""
    arrays = tuple(
        np.frombuffer(base64.b64decode(each["data"]), each["dtype"]).reshape(each["shape"]) for each in data["arrays"]
    )
    return arrays if data["as_tuple"] else arrays[0]
