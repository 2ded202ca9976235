"""The NumPy values of functions that NumPy does not have, or not for every input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def softmax(x: Any, axis: int | None = None) -> Any:
    """Exponentials that add up to 1 along an axis; without one, along the longest."""
    if axis is None:
        axis = max(range(np.ndim(x)), key=lambda each: np.shape(x)[each], default=None)
    shifted = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return shifted / np.sum(shifted, axis=axis, keepdims=True)


def sigmoid(x: Any) -> Any:
    """1/(1 + exp(−x)), without overflow."""
    return np.exp(-np.logaddexp(0.0, -x))


def softplus(x: Any) -> Any:
    """log(1 + exp(x)), without overflow."""
    return np.logaddexp(0.0, x)


def logsumexp(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The logarithm of a sum of exponentials, without overflow."""
    top = np.max(x, axis=axis, keepdims=True)
    summed = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return summed if keepdims else np.squeeze(summed, axis=axis)


_vectorized = np.vectorize(math.gamma, otypes=[float])


def gamma(x: Any) -> Any:
    """Gamma by entries; NaN at its poles (0, −1, …) and infinite where it overflows."""
    values = np.asarray(x, dtype=float)
    poles = (values <= 0) & (values == np.floor(values))
    inside = np.where(poles | (values > 170) | ~np.isfinite(values), 1.0, values)
    return np.where(poles, np.nan, np.where(values > 170, np.inf, _vectorized(inside)))


def power(base: Any, exponent: Any) -> Any:
    """A power by entries; of whole numbers too it is a float."""
    return np.power(np.asarray(base, dtype=float), exponent)
