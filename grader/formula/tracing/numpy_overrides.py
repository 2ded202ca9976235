"""NumPy functions that are no rows of the table, in terms of those that are; they take traced arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.formula.evaluation.exact_numbers import Untraceable


def _inner(a: Any, b: Any) -> Any:
    """``np.inner``: along the last axis of both."""
    if max(np.ndim(a), np.ndim(b)) > 2:
        raise Untraceable("it uses inner with more than two axes; write @ instead")
    return np.dot(a, b) if np.ndim(b) < 2 else a @ np.transpose(b)


def _squeezed(x: Any, axis: int | None = None) -> Any:
    gone = [at for at, dim in enumerate(x.shape) if dim == 1] if axis is None else [axis % x.ndim]
    return x[tuple(0 if at in gone else slice(None) for at in range(x.ndim))]


def _widened(x: Any, axis: int) -> Any:
    if not isinstance(axis, int):
        raise Untraceable("it uses expand_dims with several axes; index with None instead")
    at = axis % (x.ndim + 1)
    return x[(*(slice(None),) * at, None)]


def _clipped(x: Any, low: Any, high: Any) -> Any:
    above = x if low is None else np.maximum(x, low)
    return above if high is None else np.minimum(above, high)


def _swapped(x: Any, axis1: int, axis2: int) -> Any:
    order = list(range(x.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return x.transpose(tuple(order))


OVERRIDES: Mapping[str, Callable[..., Any]] = {
    "positive": lambda x: x.copy(),
    "reciprocal": lambda x: 1 / x,
    "logaddexp": lambda a, b: a + (b - a).softplus(),
    "squeeze": _squeezed, "expand_dims": _widened, "swapaxes": _swapped,
    "full_like": lambda x, fill_value: np.ones_like(x) * fill_value,
    "vdot": lambda a, b: np.sum(np.ravel(a) * np.ravel(b)),
    "item": lambda x: x.reshape(1)[0], "real": lambda x: x,
    "exp2": lambda x: 2**x, "hypot": lambda a, b: np.sqrt(a * a + b * b),
    "clip": lambda x, a_min=None, a_max=None, min=None, max=None: _clipped(x, a_min if min is None else min, a_max if max is None else max),
    "inner": _inner,
    "multi_dot": lambda arrays: arrays[0] if len(arrays) == 1 else arrays[0] @ OVERRIDES["multi_dot"](arrays[1:]),
}  # fmt: skip
